#!/usr/bin/env python3
"""Two databases of 1 GB that differ in three rows: drehbuch compare has to find exactly these.

It is to be at least three times faster than the usual way, pg_dump of both and diff of the texts, and to take at most
three times as long as one sequential count of every table of both: SELECT count(*), one after the other in one session
a database, without parallel workers and from the tables themselves. The rounds alternate, and the best of each counts;
what the count takes as the server does it by itself (in parallel, and from indexes where it can) is told as well.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from logistics import PROGRAM, SOURCE, TESTS, demand

ROUNDS = 5
DUMP_LIMIT = 1 / 3
COUNT_LIMIT = 3.0
CHANGES = """
UPDATE move_line SET balance = balance + 1 WHERE id = 777777;
DELETE FROM tracking WHERE id = 4711;
INSERT INTO partner (id, name, ref) VALUES (1000000, 'A new one', 'NEW');
"""
FOUND = {("public.move_line", "777777", "balance"), ("public.partner", "1000000", None),
         ("public.tracking", "4711", None)}
COUNTS = ("SELECT format('SELECT count(*) FROM %I.%I', schemaname, tablename) FROM pg_tables "
          "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') \\gexec\n")
SEQUENTIAL = "-c max_parallel_workers_per_gather=0 -c enable_indexonlyscan=off"


def make_databases(folder):
    cluster = folder / "cluster"
    demand(TESTS / "server", "start", cluster, "--no-fsync")

    def url(database):
        return demand(TESTS / "server", "url", cluster, database).strip()

    def run(database, *arguments):
        demand("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", url(database), *arguments)

    run("postgres", "-c", "CREATE DATABASE x")
    run("x", "-f", TESTS.parent / "plans" / "acme" / "demo-database.sql")
    run("x", "-c", SOURCE)
    demand("vacuumdb", "--quiet", "--analyze", "--jobs", "2", "-d", url("x"))
    run("postgres", "-c", "CREATE DATABASE y TEMPLATE x")
    run("y", "-c", CHANGES)
    size = demand("psql", "-XqAtd", url("postgres"), "-c", "SELECT pg_database_size('x')")
    return url("x"), url("y"), int(size)


def time_drehbuch(x, y):
    began = time.monotonic()
    result = subprocess.run([PROGRAM, "compare", x, y, "--json"], stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    took = time.monotonic() - began
    if result.returncode != 1:
        sys.exit(f"drehbuch compare ended with {result.returncode}:\n{result.stdout}")
    told = json.loads(result.stdout)
    found = {(table["table"], value["key"], value["column"]) for table in told["tables"] for value in table["values"]}
    rows = sum(table["different"] for table in told["tables"])
    others = [name for name, section in told["sections"].items() if section["counts"] and section["different"]]
    if found != FOUND or rows != 3 or others or told["unread"]:
        sys.exit(f"drehbuch compare did not find just the three rows: {told['summary']}\n{found}")
    return took


def time_dumps(x, y, folder):
    began = time.monotonic()
    for name, url in (("x", x), ("y", y)):
        demand("pg_dump", url, "-f", folder / f"{name}.sql")
    result = subprocess.run(["diff", folder / "x.sql", folder / "y.sql"], stdout=subprocess.DEVNULL, check=False)
    took = time.monotonic() - began
    if result.returncode != 1:
        sys.exit(f"diff ended with {result.returncode}")
    return took


def time_counts(x, y, options):
    began = time.monotonic()
    for url in (x, y):
        result = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url], input=COUNTS, text=True,
                                stdout=subprocess.DEVNULL, env={**os.environ, "PGOPTIONS": options}, check=False)
        if result.returncode != 0:
            sys.exit(f"psql ended with {result.returncode}")
    return time.monotonic() - began


def tell(ours, theirs, what, limit):
    ratio = min(ours) / min(theirs)
    print(f"comparing, best of {ROUNDS}: drehbuch {min(ours):.2f} s, {what} {min(theirs):.2f} s, ratio {ratio:.2f}"
          + (f" (at most {limit:.2f})" if limit else ""))
    return not limit or ratio <= limit


def main():
    ours, dumps, counts, defaults = [], [], [], []
    with tempfile.TemporaryDirectory(prefix="drehbuch-bench-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        try:
            x, y, size = make_databases(folder)
            for _ in range(ROUNDS):
                ours.append(time_drehbuch(x, y))
                counts.append(time_counts(x, y, SEQUENTIAL))
                defaults.append(time_counts(x, y, ""))
                dumps.append(time_dumps(x, y, folder))
        finally:
            demand(TESTS / "server", "remove", folder / "cluster")
    print(f"Two databases of {size / 2**30:.1f} GB that differ in three rows: found just these")
    good = tell(ours, dumps, "pg_dump of both and diff", DUMP_LIMIT)
    good &= tell(ours, counts, "a sequential count of every table of both", COUNT_LIMIT)
    tell(ours, defaults, "the same in parallel and from indexes", None)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
