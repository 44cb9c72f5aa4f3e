#!/usr/bin/env python3
"""Kills runs while they prepare, keep checkpoints and publish, and demands that what they leave is whole.

For each kill a live database with its filestore and its service is made anew, a production run is begun that copies,
changes and publishes it, and the executor (half of the times with all that it has started) or the postmaster is killed
with SIGKILL at a random moment. Then, by chance, the run is resumed to its end or given up with `drehbuch rollback`;
half of the times that is killed too, and begun again. Afterwards everything is published, or everything is as it was
before: databases, files, and what the service runs on. The source is untouched in both, every checkpoint is what an
undisturbed run has at that step, and `drehbuch clean` leaves nothing that is half done.

    logistics.py [--dump FILE --filestore ARCHIVE] [--executor N] [--postmaster N] [--seed N]

Without a dump it takes the small database of the demo. Ends with `N passed, N failed`.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from crash import PROGRAM, TESTS, Failure, call, demand

RESUMES = 5
MODULES = ("acme_delivery_note auth_api_key auth_api_key_group database_cleanup developer_menu jsonifier onchange_helper "
           "partner_firstname partner_pricelist_search partner_ref_unique partner_tz queue_job queue_job_cron "
           "web_environment_ribbon web_notify").split()
# A step done twice, or not at all, shows in the reference, and in the file that `once` writes.
FIXES = [
    {"id": "first", "sql": "UPDATE res_partner SET ref = concat(ref, ' first')"},
    {"id": "slow", "sql": "UPDATE res_partner SET ref = ref || ' slow' WHERE (SELECT pg_sleep(0.2)) IS NOT NULL"},
    {"id": "once", "nature": "once", "command": ["PLACE/once"]},
    {"id": "last", "sql": "UPDATE res_partner SET ref = ref || ' last'"},
]


def tree(folder):
    """All of a filestore in one digest: names and bytes; not drehbuch's marker."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != ".drehbuch.json":
            digest.update(f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def kill_tree(process):
    """The process and all that came of it: stopped first, so that none is missed."""
    found = [process.pid]
    for pid in found:
        try:
            os.kill(pid, signal.SIGSTOP)
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        except (ProcessLookupError, FileNotFoundError):
            pass
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Place:
    """A server, the live system that is made anew for each kill, and the environment that upgrades it."""

    def __init__(self, folder, options):
        self.folder = folder
        self.cluster = folder / "cluster"
        self.files = folder / "filestore"
        self.service = folder / "service"
        demand([TESTS / "server", "start", self.cluster, "--no-fsync"])
        (self.files / "pristine").mkdir(parents=True)
        if options.dump:
            demand([TESTS / "server", "restore", self.cluster, options.dump, "pristine"])
            demand(["tar", "-xzf", options.filestore, "-C", self.files / "pristine"])
        else:
            self.sql("postgres", "CREATE DATABASE pristine")
            demand(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", self.url("pristine"),
                    "-f", TESTS.parent / "plans" / "acme" / "demo-database.sql"])
            self.make_files()
        self.write_scripts()
        self.write_plan()

    def make_files(self):
        names = []
        for number in range(300):
            content = f"file {number}".encode()
            name = hashlib.sha1(content).hexdigest()
            (self.files / "pristine" / name[:2]).mkdir(exist_ok=True)
            (self.files / "pristine" / name[:2] / name).write_bytes(content)
            names.append(f"('{number}', 'binary', '{name[:2]}/{name}')")
        self.sql("pristine", "DELETE FROM ir_attachment WHERE store_fname IS NOT NULL; "
                             "INSERT INTO ir_attachment (name, type, store_fname) VALUES " + ", ".join(names))

    def write_scripts(self):
        live = self.url("live")
        self.script("stop", f"echo stopped >{self.service}")
        self.script("start", f"echo running on $(psql -XAtqd '{live}' -c \"SELECT coalesce(min(ref), '-') FROM res_partner\") "
                             f">{self.service}")
        self.script("once", "psql -XAtqd \"$DREHBUCH_WORK_DATABASE\" -c \"UPDATE res_partner SET ref = ref || ' once'\"\n"
                            f"echo once >>{self.files}/work/once")

    def script(self, name, text):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\nset -e\n{text}\n")
        path.chmod(0o755)

    def write_plan(self):
        fixes = json.loads(json.dumps(FIXES).replace("PLACE", str(self.folder)))
        (self.folder / "plan.yaml").write_text(json.dumps({
            "version": 1, "customer": "crash", "title": "Logistics", "neutralize": False, "reset": {"assets": False},
            "upgrade": {"from": "18.0", "to": "18.0", "with": "none"}, "modules": {name: "keep" for name in MODULES},
            "fixes": {"18.0": fixes}}))
        demand([PROGRAM, "compile", self.folder / "plan.yaml", "-o", self.folder / "plan.compiled.json"])

    def write_environment(self, copy, checkpoints=2):
        (self.folder / "backups").mkdir(exist_ok=True)
        (self.folder / "live.yaml").write_text(json.dumps({
            "version": 1, "environment": "live", "mode": "production", "copy": copy,
            "source": {"database": self.url("live"), "filestore": str(self.files / "live")},
            "work": {"database": self.url("work"), "filestore": str(self.files / "work")},
            "publish": {"database": "live", "replaced": "live-old", "filestore": str(self.files / "live"),
                        "replaced_filestore": str(self.files / "live-old"),
                        "service": {"stop": [str(self.folder / "stop")], "start": [str(self.folder / "start")]}},
            "backup": {"folder": str(self.folder / "backups")},
            "limits": {"jobs": 2, "checkpoints": {"count": checkpoints, "minimum": "1ms"}}}))

    def url(self, database):
        return demand([TESTS / "server", "url", self.cluster, database]).strip()

    def sql(self, database, text):
        return demand(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", text]).strip()

    def reset(self):
        for name in self.sql("postgres", "SELECT datname FROM pg_database WHERE datname ~ '^(live|work)'").splitlines():
            self.sql("postgres", f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            self.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                 f"WHERE datname = '{name}' AND usesysid IS NOT NULL")
            self.sql("postgres", f'DROP DATABASE "{name}"')
        self.sql("postgres", "CREATE DATABASE live TEMPLATE pristine")
        for path in [*self.files.glob("live*"), *self.files.glob("work*"), *self.files.glob(".work*"), self.folder / "runs",
                     self.folder / "backups"]:
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.files / "pristine", self.files / "live")
        demand([self.folder / "start"])

    def begin(self):
        return subprocess.Popen(
            [PROGRAM, "run", self.folder / "plan.compiled.json", "-e", self.folder / "live.yaml", "--unapproved", "a test"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run_folder(self):
        journals = sorted((self.folder / "runs").glob("2*/journal.jsonl"))
        return journals[-1].parent if journals else None

    def is_publishing(self):
        folder = self.run_folder()
        return folder is not None and '"step":"publish/rename' in (folder / "journal.jsonl").read_text()

    def content(self, database, *options):
        return demand([TESTS / "content-hash", self.url(database), *options])

    def checkpoints(self):
        """Name and step of each database that is said to be a checkpoint; one whose removal was cut off is none."""
        rows = self.sql("postgres", "SELECT datname, shobj_description(oid, 'pg_database')::json->'drehbuch'->>'step' "
                                    "FROM pg_database WHERE datname ~ '^work[.]saved-' AND datconnlimit <> -2")
        return [row.split("|") for row in rows.splitlines()]

    def unfinished(self):
        """What is there of things that are kept on purpose, or were not yet whole."""
        return (self.sql("postgres", "SELECT datname FROM pg_database WHERE datname ~ '^(live|work).*[.]'").splitlines()
                + [path.name for path in [*self.files.glob("work*.*"), *self.files.glob("live*.*")]])

    def databases(self):
        """Those that are not kept on purpose, and whether one may connect to them."""
        return self.sql("postgres", "SELECT string_agg(datname || CASE WHEN datallowconn THEN '' ELSE ' closed' END, ', ' "
                                    "ORDER BY datname) FROM pg_database WHERE datname ~ '^(live|work)' AND datname !~ '[.]'")


class Wanted:
    """The two whole states: what is there before, and after an undisturbed run."""

    def __init__(self, place):
        self.place = place
        place.reset()
        self.source = place.content("live", "--with-times")
        self.source_after_crash = place.content("live", "--with-times", "--after-crash")
        self.source_files = tree(place.files / "live")
        self.old_service = place.service.read_text()
        place.write_environment("dump", checkpoints=99)  # which keeps one more than a copy on the server
        began = time.monotonic()
        process = place.begin()
        output, _ = process.communicate()
        if process.returncode != 0:
            raise Failure(f"the undisturbed run failed:\n{output}")
        self.duration = time.monotonic() - began
        self.result = place.content("live", "--after-crash")
        self.new_service = place.service.read_text()
        if self.new_service == self.old_service or "first slow once last" not in self.new_service:
            raise Failure(f"the undisturbed run ended with the service {self.new_service}")
        self.result_files = tree(place.files / "live")
        self.checkpoints = {step: self.read_checkpoint(name) for name, step in place.checkpoints()}
        if len(self.checkpoints) < 3:
            raise Failure(f"the undisturbed run has kept checkpoints behind {list(self.checkpoints)} only")

    def read_checkpoint(self, name):
        return self.place.content(name, "--after-crash"), tree(self.place.files / name)

    def same(self, what, found, wanted):
        if found != wanted:
            lines = sorted(set(found.splitlines()) ^ set(wanted.splitlines()))[:10]
            raise Failure(f"{what} is not what it has to be:\n" + "\n".join(lines))

    def check_source(self, database, folder, crashed):
        found = self.place.content(database, "--with-times", *(["--after-crash"] if crashed else []))
        self.same(f"the source, {database},", found, self.source_after_crash if crashed else self.source)
        self.same(f"its filestore, {folder},", tree(self.place.files / folder), self.source_files)

    def check_published(self, crashed):
        self.same("the list of databases", self.place.databases(), "live, live-old")
        self.same("the result", self.place.content("live", "--after-crash"), self.result)
        self.same("its filestore", tree(self.place.files / "live"), self.result_files)
        self.check_source("live-old", "live-old", crashed)
        self.same("the service", self.place.service.read_text(), self.new_service)

    def check_before(self, crashed):
        if self.place.databases() not in ("live", "live, work"):
            raise Failure(f"databases: {self.place.databases()}")
        self.check_source("live", "live", crashed)
        self.same("the service", self.place.service.read_text(), self.old_service)
        if (self.place.files / "live-old").exists():
            raise Failure("the filestore of before has still the other name")


    def check_checkpoints(self):
        for name, step in self.place.checkpoints():
            if step not in self.checkpoints:
                raise Failure(f"there is a checkpoint behind {step}, which an undisturbed run does not keep")
            content, files = self.read_checkpoint(name)
            self.same(f"the checkpoint behind {step}", content, self.checkpoints[step][0])
            self.same(f"the files of the checkpoint behind {step}", files, self.checkpoints[step][1])

    def check_cleaned(self):
        demand([PROGRAM, "clean", "-e", self.place.folder / "live.yaml", "--remove"])
        if self.place.unfinished():
            raise Failure(f"clean has left {self.place.unfinished()}")


def kill_once(arguments, chance):
    """Begins a program and kills it at a random moment, if it is still there then."""
    process = subprocess.Popen([str(argument) for argument in arguments], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(chance.random() ** 2)
    process.kill()
    process.wait()


def finish(place, victim, chance):
    """Resumes to the end, or gives up; returns what then has to be there."""
    folder = place.run_folder()
    if folder is None:
        return "before"
    gives_up, again = chance.random() < 0.5, chance.random() < 0.5
    if again:
        kill_once([PROGRAM, "rollback" if gives_up else "resume", folder], chance)
    if gives_up:
        demand([PROGRAM, "rollback", folder])
        return "before"
    # A server that has crashed cannot tell whether somebody has written to the source since: nobody has.
    known = ["--changed-source", "nobody works here"] if victim == "postmaster" else []
    for _ in range(RESUMES):
        result = call([PROGRAM, "resume", folder, *known])
        if result.returncode == 0:
            return "published"
        if victim == "postmaster" and result.returncode == 4 and "was put back" in result.stdout:
            return "before"  # the server died while it published: that is a failure like any other
    raise Failure(f"not at its end after {RESUMES} resumes; the last one ended with {result.returncode}:\n{result.stdout}")


def disturb(place, wanted, victim, chance):
    """One kill. Returns False where the run had ended before it came."""
    place.reset()
    place.write_environment(chance.choice(["auto", "dump"]))
    in_publish = chance.random() < 0.4
    process = place.begin()
    try:
        if in_publish:
            while not place.is_publishing() and process.poll() is None:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.2)
        else:
            time.sleep(chance.random() * wanted.duration)
        if process.poll() is not None:
            return False
        if victim == "postmaster":
            demand([TESTS / "server", "kill", place.cluster])
            demand([TESTS / "server", "start", place.cluster, "--no-fsync"])
        elif chance.random() < 0.5:
            kill_tree(process)
        else:
            process.kill()
        process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode == 0:
        return False
    state = finish(place, victim, chance)
    getattr(wanted, f"check_{state}")(victim == "postmaster")
    wanted.check_checkpoints()
    wanted.check_cleaned()
    return True


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dump", type=pathlib.Path, help="the real acme_18.dump, for one; its filestore lies beside it")
    parser.add_argument("--filestore", type=pathlib.Path)
    parser.add_argument("--executor", type=int, default=45)
    parser.add_argument("--postmaster", type=int, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    if options.dump and not options.filestore:
        options.filestore = options.dump.with_name(options.dump.stem + "-filestore.tar.gz")
    return options


def main():
    options = read_options()
    print(f"seed {options.seed}", flush=True)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="drehbuch-logistics-") as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        place = Place(folder, options)
        try:
            wanted = Wanted(place)
            for number, victim in enumerate(["executor"] * options.executor + ["postmaster"] * options.postmaster, 1):
                chance = random.Random(f"{options.seed}/{number}")
                try:
                    while not disturb(place, wanted, victim, chance):
                        pass
                    passed += 1
                    print(f"ok {number} {victim}", flush=True)
                except (Failure, subprocess.TimeoutExpired) as failure:
                    failed += 1
                    kept = f"{tempfile.gettempdir()}/logistics-{options.seed}-{number}"
                    shutil.copytree(folder / "runs", kept, symlinks=True, dirs_exist_ok=True)
                    print(f"not ok {number} {victim} (seed {options.seed}; runs kept in {kept})\n{failure}", flush=True)
        finally:
            call([TESTS / "server", "stop", place.cluster])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
