#!/usr/bin/env python3
"""Kills runs that drive a real Odoo 19.0 at random moments, and demands that, resumed, they end the same.

    kill.py [--kills N] [--seed N]

A plan of installs, uninstalls, updates, fixes in Python, records, settings and views is run once undisturbed. Then, for
each kill, it is begun again, the executor gets SIGKILL, the run is resumed, and the working database is compared with
the undisturbed run's: every table, but for times, what is drawn by lot, and the numbers of records, of which an attempt
that was cut off has used up some. Nothing of Odoo may be left on the database. Ends with `N passed, N failed`.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from place import TESTS, OdooPlace, Unavailable, demand

PROGRAM = os.environ.get("DREHBUCH", str(TESTS.parent / "build" / "drehbuch"))
LONGEST_RUN = 300  # seconds that a run or resume may take before it counts as hanging
RESUMES = 3

PLAN = {
    "version": 1, "customer": "acme", "title": "A day's work on 19.0",
    "upgrade": {"from": "19.0", "to": "19.0", "with": "none"}, "neutralize": True, "reset": {"assets": False},
    "bindings": {"token": {"type": "secret"}},
    "modules": {
        "partner_firstname": "keep", "queue_job": "keep", "database_cleanup": "keep", "partner_ref_unique": "keep",
        "onchange_helper": "uninstall", "partner_tz": "uninstall", "lunch": "uninstall", "board": "uninstall",
        "web_notify": "install", "partner_pricelist_search": "install", "contacts": "update", "maintenance": "update",
    },
    "settings": {
        "parameters": {"acme.token": "${token}"},
        "records": {"base.main_company": {"street": "Bahnhofstrasse 1"}, "base.user_admin": {"country_id": "base.ch"}},
        "config": {"group_uom": True},
    },
    "views": {"base.view_partner_form.acme_note": {"install": "note.xml"}},
    "fixes": {"19.0": [
        {"id": "count", "sql": "UPDATE res_partner SET ref = coalesce(ref, '') || 'x'"},
        {"id": "count-in-python", "python": "env['res.partner'].create({'name': 'Made by ' + ${token}})"},
        {"id": "last", "phase": "last", "python": "for partner in env['res.partner'].search([]):\n"
                                                  "    partner.comment = (partner.comment or '') + 'x'"},
    ]},
    "checks": [{"id": "states", "modules": {"installed": ["web_notify"], "uninstalled": ["lunch", "board"]}}],
}
NOTE = """<data priority="50">
    <xpath expr="//field[@name='vat']" position="after"><field name="comment"/></xpath>
</data>"""


class Failure(Exception):
    """What was demanded and did not hold."""


def write_inputs(place):
    (place.folder / "note.xml").write_text(NOTE)
    (place.folder / "plan.yaml").write_text(json.dumps(PLAN))
    demand(PROGRAM, "compile", place.folder / "plan.yaml", "-o", place.folder / "plan.json")
    place.write_environment(place.folder / "environment.yaml", bindings={"token": "a-token-of-the-test"})


def begin(place):
    shutil.rmtree(place.folder / "runs", ignore_errors=True)
    return subprocess.Popen([PROGRAM, "run", str(place.folder / "plan.json"), "-e", str(place.folder / "environment.yaml")],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def content(place):
    return demand(TESTS / "content-hash", place.url("work"), "--odoo", "--without-ids")


def step_that_runs(place):
    """The step that the kill came into, for people."""
    journal = place.folder / "runs" / "latest" / "journal.jsonl"
    running = "no step"
    for line in journal.read_text().splitlines() if journal.exists() else []:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # the last line, cut off by the kill
        if entry["event"] == "step-started":
            running = entry["step"]
    return running


def finish(place):
    """Resumes, or runs where nothing had begun, until the end."""
    latest = place.folder / "runs" / "latest"
    for _ in range(RESUMES):
        arguments = ["resume", str(latest)] if (latest / "journal.jsonl").exists() else \
            ["run", str(place.folder / "plan.json"), "-e", str(place.folder / "environment.yaml")]
        result = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.STDOUT, timeout=LONGEST_RUN, check=False)
        if result.returncode == 0:
            return
    raise Failure(f"not at its end after {RESUMES} resumes; the last one ended with {result.returncode}:\n{result.stdout}")


def disturb(place, moment, reference):
    """One kill; says where it came. None where the run had ended before."""
    process = begin(place)
    time.sleep(moment)
    if process.poll() is not None:
        return None
    process.kill()
    process.wait()
    where = step_that_runs(place)
    finish(place)
    differing = set(content(place).splitlines()) ^ set(reference.splitlines())
    if differing:
        raise Failure(f"killed in {where}, the working database differs from an undisturbed run's:\n"
                      + "\n".join(sorted(differing)[:20]))
    left = place.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = 'work' AND application_name "
                                 "LIKE 'odoo%'")
    if left != "0":
        raise Failure(f"killed in {where}, {left} sessions of Odoo are left on the working database")
    return where


def kill_often(place, kills, chance):
    place.start()
    place.restore_small("source")
    write_inputs(place)
    began = time.monotonic()
    if begin(place).wait(timeout=LONGEST_RUN) != 0:
        sys.exit("the undisturbed run failed:\n" + demand(PROGRAM, "status", place.folder / "runs" / "latest"))
    duration = time.monotonic() - began
    reference = content(place)
    failed = 0
    for number in range(1, kills + 1):
        where = None
        try:
            while where is None:
                moment = chance.random() * duration
                where = disturb(place, moment, reference)
            print(f"ok {number} killed after {moment:.1f} s of {duration:.1f}, in {where}", flush=True)
        except (Failure, subprocess.TimeoutExpired) as failure:
            failed += 1
            print(f"not ok {number} killed after {moment:.1f} s of {duration:.1f}: {failure}", flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="drehbuch-kill-") as name:
        pathlib.Path(name).chmod(0o755)
        try:
            place = OdooPlace(name)
        except Unavailable as why:
            print(f"skipped, no real Odoo: {why}")
            return 0
        try:
            failed = kill_often(place, options.kills, random.Random(options.seed))
        finally:
            place.stop()
    print(f"{options.kills - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
