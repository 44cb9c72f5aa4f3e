#!/usr/bin/env python3
"""Trying again: the whole rehearsal of plans/acme (18.0 to a real 19.0), then, after a change to its last fix, the next one.

The second begins from a checkpoint of the first and takes at most a twentieth of its time.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "odoo"))
from place import OdooPlace, Unavailable, demand  # noqa: E402

PROGRAM = os.environ.get("DREHBUCH", str(TESTS.parent / "build" / "drehbuch"))
DUMPS = pathlib.Path(os.environ.get("DREHBUCH_DUMPS", TESTS.parent.parent / "shared" / "odoo"))
LIMIT = 1 / 20
LAST_FIX = "digest_scheduler_action').active = False"


def prepare(folder, place):
    """The source with its filestore, the environment, and the plan before and after the change."""
    files = folder / "data" / "filestore"
    (files / "source").mkdir(parents=True)
    demand(TESTS / "server", "restore", place.cluster, DUMPS / "acme_18.dump", "source")
    demand("tar", "-xzf", DUMPS / "acme_18-filestore.tar.gz", "-C", files / "source")
    place.write_environment(
        folder / "environment.yaml",
        source={"database": place.url("source"), "filestore": str(files / "source")},
        work={"database": place.url("work"), "filestore": str(files / "work")},
        bindings={"base_url": "https://erp.acme.example", "api_secret": "a secret of nobody"},
        limits={"checkpoints": {"count": 3, "minimum": "1s"}})
    for name in ("before", "after"):
        shutil.copytree(TESTS.parent / "plans", folder / name / "plans")
        plan = folder / name / "plans" / "acme" / "plan.yaml"
        text = plan.read_text()
        if text.count(LAST_FIX) != 1:
            sys.exit(f"the plan's last fix is another one than {LAST_FIX}")
        if name == "after":
            plan.write_text(text.replace(LAST_FIX, f"{LAST_FIX}; print('changed')"))
        demand(PROGRAM, "compile", plan, "-o", folder / f"{name}.json")


def rehearse(folder, name):
    """Seconds, and how many steps were taken over."""
    began = time.monotonic()
    demand(PROGRAM, "run", folder / f"{name}.json", "-e", folder / "environment.yaml", "--json")
    seconds = time.monotonic() - began
    record = json.loads((folder / "runs" / "latest" / "run.json").read_text())
    return seconds, sum(step["result"] == "taken-over" for step in record["steps"])


def main():
    if not (DUMPS / "acme_18.dump").exists():
        print(f"skipped: no {DUMPS / 'acme_18.dump'} (DREHBUCH_DUMPS names the folder of the dumps)")
        return 0
    with tempfile.TemporaryDirectory(prefix="drehbuch-bench-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        try:
            place = OdooPlace(folder)
        except Unavailable as why:
            print(f"skipped, no real Odoo: {why}")
            return 0
        place.start()
        try:
            prepare(folder, place)
            first, _ = rehearse(folder, "before")
            second, taken = rehearse(folder, "after")
        finally:
            place.stop()
    ratio = second / first
    print(f"a changed last fix of 18.0 to 19.0: the first rehearsal {first:.1f} s, the next {second:.1f} s with {taken} "
          f"steps taken over, ratio {ratio:.3f} (at most {LIMIT:.3f})")
    return 0 if taken > 0 and ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
