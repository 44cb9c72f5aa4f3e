#!/usr/bin/env python3
"""`drehbuch check` of a plan with 100,000 SQL fixes, against libyaml alone reading the same file.

Time is that of the processor (user and system), so that what else the machine does counts little; the best of several
rounds, which alternate. Memory is the peak of the resident set, against the size of the file.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
BUILD = TESTS.parent / os.environ.get("BUILD", "build")
PROGRAM = os.environ.get("DREHBUCH", str(BUILD / "drehbuch"))
DRAIN = str(BUILD / "tests" / "bench" / "libyaml_drain")
FIXES = 100_000
ROUNDS = 9
TIME_LIMIT = 3.0
MEMORY_LIMIT = 40.0
GROWTH_LIMIT = 2.0  # linear, with room for caches that hold the small plan and not the large one

HEAD = """version: 1
customer: bench
title: A hundred thousand fixes
upgrade: { from: "18.0", to: "18.0", with: none }
fixes:
  "18.0":
"""

FIX = """    - id: fix-{number}
      sql: UPDATE res_partner SET comment = 'number {number}' WHERE id = {number} AND active
      expect: {{ rows: 0..1 }}
"""


def write_plan(path, fixes):
    with path.open("w", encoding="utf-8") as plan:
        plan.write(HEAD)
        plan.writelines(FIX.format(number=number) for number in range(fixes))


def measure(*command):
    """Seconds of processor time and bytes of peak memory of a command that must succeed."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def judge(ratio, limit):
    return "good" if ratio <= limit else "OVER"


def best(*command, rounds=ROUNDS):
    """The least time and memory of several rounds."""
    measured = [measure(*command) for _ in range(rounds)]
    return min(time for time, _ in measured), min(memory for _, memory in measured)


def growth(folder):
    """How the time for a fix grows from 1,000 fixes to 100,000; the time to start the program is taken off."""
    started, _ = best(PROGRAM, "version", rounds=10)
    times = {}
    for fixes in (1_000, FIXES):
        plan = folder / f"{fixes}.yaml"
        write_plan(plan, fixes)
        times[fixes] = (best(PROGRAM, "check", str(plan), rounds=10 if fixes < FIXES else ROUNDS)[0] - started) / fixes
    return times[FIXES] / times[1_000]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plan = folder / "plan.yaml"
        write_plan(plan, FIXES)
        size = plan.stat().st_size
        rounds = [(measure(DRAIN, str(plan)), measure(PROGRAM, "check", str(plan))) for _ in range(ROUNDS)]
        grown = growth(folder)
    libyaml = min(drained[0] for drained, _ in rounds)
    check = min(checked[0] for _, checked in rounds)
    memory = min(checked[1] for _, checked in rounds)
    time_ratio, memory_ratio = check / libyaml, memory / size
    print(f"check: time: {time_ratio:.2f} times libyaml's (at most {TIME_LIMIT:g}): {judge(time_ratio, TIME_LIMIT)}; "
          f"{check:.2f} s and {libyaml:.2f} s for {size / 1e6:.1f} MB")
    print(f"check: memory: {memory_ratio:.1f} times the file's size (at most {MEMORY_LIMIT:g}): "
          f"{judge(memory_ratio, MEMORY_LIMIT)}; {memory / 1e6:.0f} MB")
    print(f"check: growth: with 100 times as many fixes, {grown:.2f} times the time for each (at most "
          f"{GROWTH_LIMIT:g}): {judge(grown, GROWTH_LIMIT)}")
    return time_ratio > TIME_LIMIT or memory_ratio > MEMORY_LIMIT or grown > GROWTH_LIMIT


if __name__ == "__main__":
    sys.exit(main())
