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
ROUNDS = 3
TIME_LIMIT = 3.0
MEMORY_LIMIT = 40.0

HEAD = """version: 1
customer: bench
title: A hundred thousand fixes
upgrade: { from: "18.0", to: "18.0", with: none }
fixes:
  "18.0":
"""

FIX = """    - id: fix-{number}
      title: Repair what {number} left
      sql: |
        UPDATE res_partner
           SET comment = 'it''s number {number}', active = true
         WHERE id = {number} AND comment IS NULL;
      expect: {{ rows: 0..500 }}
"""


def write_plan(path):
    with path.open("w", encoding="utf-8") as plan:
        plan.write(HEAD)
        plan.writelines(FIX.format(number=number) for number in range(FIXES))


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


def main():
    with tempfile.TemporaryDirectory() as folder:
        plan = pathlib.Path(folder, "plan.yaml")
        write_plan(plan)
        size = plan.stat().st_size
        rounds = [(measure(DRAIN, str(plan)), measure(PROGRAM, "check", str(plan))) for _ in range(ROUNDS)]
    libyaml = min(drained[0] for drained, _ in rounds)
    check = min(checked[0] for _, checked in rounds)
    memory = min(checked[1] for _, checked in rounds)
    time_ratio, memory_ratio = check / libyaml, memory / size
    print(f"check: time: {time_ratio:.2f} times libyaml's (at most {TIME_LIMIT:g}): {judge(time_ratio, TIME_LIMIT)}; "
          f"{check:.2f} s and {libyaml:.2f} s for {size / 1e6:.1f} MB")
    print(f"check: memory: {memory_ratio:.1f} times the file's size (at most {MEMORY_LIMIT:g}): "
          f"{judge(memory_ratio, MEMORY_LIMIT)}; {memory / 1e6:.0f} MB")
    return time_ratio > TIME_LIMIT or memory_ratio > MEMORY_LIMIT


if __name__ == "__main__":
    sys.exit(main())
