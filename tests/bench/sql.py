#!/usr/bin/env python3
"""1,000 small SQL fixes, journaled and with receipts, against psql running the same statements.

Both work on copies of one database on one server with fsync on; psql runs each statement in a transaction of its own.
The rounds alternate, and the medians are compared. What is timed of drehbuch is what the fixes cost: from the first
SQL step's start to the last one's end, by its journal; of psql, the whole script less an empty one.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime

TESTS = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("DREHBUCH", str(TESTS.parent / "build" / "drehbuch"))
FIXES = 1000
ROUNDS = 7
LIMIT = 1.5


def demand(*arguments, **options):
    result = subprocess.run([str(argument) for argument in arguments], stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    if result.returncode != 0:
        sys.exit(f"{arguments[0]} ended with {result.returncode}:\n{result.stdout}")
    return result.stdout


def statement(number):
    return f"UPDATE res_partner SET ref = coalesce(ref, '') || 'x{number}' WHERE id = {number % 300 + 1}"


def write_inputs(folder, url):
    fixes = [{"id": f"fix-{number}", "sql": statement(number)} for number in range(FIXES)]
    (folder / "plan.yaml").write_text(json.dumps({
        "version": 1, "customer": "bench", "title": "A thousand small fixes",
        "upgrade": {"from": "18.0", "to": "18.0", "with": "none"}, "neutralize": False,
        "reset": {"assets": False}, "fixes": {"18.0": fixes}}))
    (folder / "environment.yaml").write_text(json.dumps({
        "version": 1, "environment": "bench", "mode": "test", "source": {"database": url("source")},
        "work": {"database": url("work")}, "runs": str(folder / "runs")}))
    (folder / "fixes.sql").write_text("".join(statement(number) + ";\n" for number in range(FIXES)))
    (folder / "empty.sql").write_text("")


def time_drehbuch(folder):
    demand("rm", "-rf", folder / "runs")
    demand(PROGRAM, "run", folder / "plan.compiled.json", "-e", folder / "environment.yaml", "--json")
    journal, = (folder / "runs").glob("2*/journal.jsonl")
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    steps = {entry["step"] for entry in entries if entry.get("kind") == "sql"}
    times = [datetime.fromisoformat(entry["at"].replace("Z", "+00:00")) for entry in entries
             if entry.get("step") in steps]
    return (max(times) - min(times)).total_seconds()


def time_psql(folder, script, url):
    began = time.monotonic()
    demand("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", folder / script)
    return time.monotonic() - began


def measure(folder):
    cluster = folder / "cluster"

    def url(database):
        return demand(TESTS / "server", "url", cluster, database).strip()

    def admin(sql):
        demand("psql", "-Xqd", url("postgres"), "-c", sql)

    demand("psql", "-Xqd", url("postgres"), "-c", "CREATE DATABASE source")
    demand("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", url("source"), "-f",
           TESTS.parent / "plans" / "acme" / "demo-database.sql")
    # The plan says nothing about modules, so there are to be none that it would have to decide about.
    demand("psql", "-Xqd", url("source"), "-c", "DELETE FROM ir_module_module WHERE author LIKE '%(OCA)%'")
    write_inputs(folder, url)
    demand(PROGRAM, "compile", folder / "plan.yaml", "-o", folder / "plan.compiled.json")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(time_drehbuch(folder))
        admin("DROP DATABASE IF EXISTS peer")
        admin("CREATE DATABASE peer TEMPLATE source")
        theirs.append(time_psql(folder, "fixes.sql", url("peer")) - time_psql(folder, "empty.sql", url("peer")))
    return statistics.median(ours), statistics.median(theirs)


def main():
    with tempfile.TemporaryDirectory(prefix="drehbuch-bench-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        demand(TESTS / "server", "start", folder / "cluster")
        try:
            ours, theirs = measure(folder)
        finally:
            demand(TESTS / "server", "stop", folder / "cluster")
    ratio = ours / theirs
    print(f"{FIXES} SQL fixes, fsync on, median of {ROUNDS}: drehbuch {ours * 1000:.0f} ms, "
          f"psql {theirs * 1000:.0f} ms, ratio {ratio:.2f} (at most {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
