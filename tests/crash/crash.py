#!/usr/bin/env python3
"""Kills runs at random moments and demands that, resumed, they end as if nothing had happened.

For each kill: a run of a real plan on a copy of a real database is begun, something is killed with SIGKILL at a
random moment (the executor, a PostgreSQL backend of it, or the postmaster), the run is resumed until it ends, and the
working database is compared, table by table, with that of an undisturbed run. The plan's SQL is written so that a
step done twice, or not at all, shows in the content.

    crash.py [--dump FILE --plan FILE] [--executor N] [--backend N] [--postmaster N] [--workers N] [--seed N]

Ends with `N passed, N failed`. A failing kill prints the seed and moment that repeat it, and keeps its run folder.
"""

import argparse
import collections
import json
import os
import pathlib
import queue
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("DREHBUCH", str(TESTS.parent / "build" / "drehbuch"))
LONGEST_RUN = 120  # seconds that a run or resume may take before it counts as hanging
RESUMES = 5  # a run that is not at its end after so many resumes never will be

Kill = collections.namedtuple("Kill", "number victim moment")  # moment: a fraction of the undisturbed run's time


class Failure(Exception):
    """What was demanded and did not hold."""


def call(arguments, **options):
    """Runs a program to its end; its output is text."""
    return subprocess.run(
        [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=LONGEST_RUN, check=False, **options)


def demand(arguments, **options):
    """The same, and it must succeed."""
    result = call(arguments, **options)
    if result.returncode != 0:
        raise Failure(f"{' '.join(map(str, arguments))} ended with {result.returncode}:\n{result.stdout}")
    return result.stdout


class Place:
    """One PostgreSQL server with a source database, and the folder of the runs against it."""

    def __init__(self, folder, dump, plan, bindings):
        self.folder = folder
        self.cluster = folder / "cluster"
        self.runs = folder / "runs"
        self.environment = folder / "environment.yaml"
        self.compiled = folder / "plan.compiled.json"
        # Killed processes lose nothing that was handed to the kernel, so fsync would only cost time here.
        demand([TESTS / "server", "start", self.cluster, "--no-fsync"])
        demand([TESTS / "server", "restore", self.cluster, dump, "source"])
        self.environment.write_text(json.dumps({
            "version": 1, "environment": "crash", "mode": "test",
            "source": {"database": self.url("source")}, "work": {"database": self.url("work")},
            "bindings": bindings, "runs": str(self.runs), "limits": {"jobs": 2}}))
        demand([PROGRAM, "compile", plan, "-o", self.compiled])

    def url(self, database):
        return demand([TESTS / "server", "url", self.cluster, database]).strip()

    def content(self):
        """The working database as text: a line a table with its rows and hash."""
        return demand([TESTS / "content-hash", self.url("work"), "--after-crash"])

    def run_folder(self):
        """The newest run that has a journal, or None."""
        journals = sorted(self.runs.glob("*/journal.jsonl"))
        return journals[-1].parent if journals else None

    def begin(self):
        shutil.rmtree(self.runs, ignore_errors=True)
        return subprocess.Popen(
            [PROGRAM, "run", str(self.compiled), "-e", str(self.environment), "--json", "--confirm-manual"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def finish(self):
        """Resumes, or runs where nothing had begun, until the end."""
        for _ in range(RESUMES):
            folder = self.run_folder()
            if folder is None:
                result = call([PROGRAM, "run", self.compiled, "-e", self.environment, "--confirm-manual"])
            else:
                result = call([PROGRAM, "resume", folder, "--confirm-manual"] + self.accepted(folder))
            if result.returncode == 0:
                return
        raise Failure(f"not at its end after {RESUMES} resumes; the last one ended with {result.returncode}:\n"
                      f"{result.stdout}")

    @staticmethod
    def accepted(folder):
        """The answers of a person who has looked: steps of nature `once` that were cut off are done again."""
        begun = set()
        for line in (folder / "journal.jsonl").read_text().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last line, cut off by the kill
            if entry["event"] == "step-started":
                begun.add(entry["step"])
            elif entry["event"] == "step-ended" and entry["result"] in ("done", "skipped"):
                begun.discard(entry["step"])
        return [word for step in sorted(begun) for word in ("--accept", f"{step}=again")]

    def kill(self, victim, process):
        """Kills; returns whether there was something to kill."""
        if victim == "executor":
            if process.poll() is not None:
                return False
            process.kill()
            return True
        if victim == "postmaster":
            demand([TESTS / "server", "kill", self.cluster])
            demand([TESTS / "server", "start", self.cluster, "--no-fsync"])
            return True
        # For the most part of its time a run waits for the copy; the steps come in the last second.
        while not self.backend():
            if process.poll() is not None:
                return False
            time.sleep(0.01)
        time.sleep(random.random() * 0.7)
        backend = self.backend()
        if not backend:
            return False
        try:
            os.kill(backend, signal.SIGKILL)
        except ProcessLookupError:
            return False  # it has ended meanwhile
        return True

    def backend(self):
        """The process of the server that works on the working database for the executor, or None."""
        found = call(["psql", "-XAtqd", self.url("postgres"), "-c",
                      "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'drehbuch%' "
                      "AND datname = 'work' ORDER BY pid LIMIT 1"])
        return int(found.stdout) if found.returncode == 0 and found.stdout.strip() else None

    def wait_for_server(self):
        """After a killed backend the server restarts by itself."""
        for _ in range(100):
            if call(["psql", "-XAtqd", self.url("postgres"), "-c", "SELECT 1"]).returncode == 0:
                return
            time.sleep(0.1)
        raise Failure("the server did not come back")

    def stop(self):
        call([TESTS / "server", "stop", self.cluster])


def disturb(place, kill, duration, reference):
    """One kill. Returns False where the run had ended before it came."""
    process = place.begin()
    try:
        time.sleep(kill.moment * duration)
        if not place.kill(kill.victim, process):
            return False
        process.communicate(timeout=LONGEST_RUN)
    except subprocess.TimeoutExpired:
        raise Failure("the executor neither went on nor ended") from None
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
    if process.returncode == 0:
        return False
    place.wait_for_server()
    place.finish()
    content = place.content()
    if content != reference:
        differing = set(content.splitlines()) ^ set(reference.splitlines())
        raise Failure("the working database differs from an undisturbed run's:\n" + "\n".join(sorted(differing)[:20]))
    return True


class Worker(threading.Thread):
    """Takes kills from the queue until none is left, on a server of its own."""

    def __init__(self, folder, options, kills, results):
        super().__init__()
        self.folder, self.options, self.kills, self.results = folder, options, kills, results
        self.random = random.Random(f"{options.seed}/{folder.name}")

    def run(self):
        place = None
        try:
            place = Place(self.folder, self.options.dump, self.options.plan, self.options.bindings)
            began = time.monotonic()
            if place.begin().wait(timeout=LONGEST_RUN) != 0:
                raise Failure("the undisturbed run failed: " + demand([PROGRAM, "log", place.run_folder()]))
            duration = time.monotonic() - began
            reference = place.content()
            while True:
                self.one(place, self.kills.get_nowait(), duration, reference)
        except queue.Empty:
            pass
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            self.results.append((None, str(failure)))
        finally:
            if place:
                place.stop()

    def one(self, place, kill, duration, reference):
        try:
            while not disturb(place, kill, duration, reference):
                kill = kill._replace(moment=self.random.random())  # it came too late: another moment
            self.results.append((kill, None))
            print(f"ok {kill.number} {kill.victim} killed at {kill.moment:.3f} of the run", flush=True)
        except (Failure, subprocess.TimeoutExpired) as failure:
            self.results.append((kill, str(failure)))
            kept = f"{self.folder}-kill-{kill.number}"
            if place.runs.exists():
                shutil.copytree(place.runs, kept, symlinks=True, dirs_exist_ok=True)
            print(f"not ok {kill.number} {kill.victim} killed at {kill.moment:.3f} of the run "
                  f"(seed {self.options.seed}; runs kept in {kept})\n{failure}", flush=True)
            place.wait_for_server()


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    odoo = pathlib.Path(os.environ.get("DREHBUCH_DUMPS", TESTS.parent.parent / "shared" / "odoo"))
    parser.add_argument("--dump", type=pathlib.Path, default=odoo / "acme_18.dump")
    parser.add_argument("--plan", type=pathlib.Path, default=TESTS / "acme" / "acme_18.plan.yaml")
    parser.add_argument("--executor", type=int, default=100)
    parser.add_argument("--backend", type=int, default=10)
    parser.add_argument("--postmaster", type=int, default=10)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    bindings = options.plan.with_name(options.plan.name.replace(".plan.yaml", ".bindings.json"))
    options.bindings = json.loads(bindings.read_text()) if bindings.exists() else {}
    return options


def main():
    options = read_options()
    if not options.dump.exists():
        print(f"skipped: {options.dump} is not there; name a dump with --dump or DREHBUCH_DUMPS")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    print(f"seed {options.seed}")
    chance = random.Random(options.seed)
    victims = (["executor"] * options.executor + ["backend"] * options.backend + ["postmaster"] * options.postmaster)
    kills = queue.SimpleQueue()
    for number, victim in enumerate(victims, 1):
        kills.put(Kill(number, victim, chance.random()))
    results = []
    with tempfile.TemporaryDirectory(prefix="drehbuch-crash-") as folder:
        os.chmod(folder, 0o755)
        workers = [Worker(pathlib.Path(folder) / f"worker-{index}", options, kills, results)
                   for index in range(max(1, options.workers))]
        for worker in workers:
            worker.folder.mkdir(mode=0o755)
            worker.start()
        for worker in workers:
            worker.join()
    for kill, problem in results:
        if kill is None:
            print(f"not ok {problem}")
    failed = sum(1 for _, problem in results if problem) + max(0, len(victims) - len(results))
    print(f"{sum(1 for _, problem in results if not problem)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
