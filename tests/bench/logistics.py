#!/usr/bin/env python3
"""Getting a database of 1 GB and a filestore of 20,000 files to where the upgrade happens.

On one server, drehbuch's prepare phase against the usual way (createdb; pg_dump | psql; cp -a): at least three times
faster. Of the database alone, across two servers, against pgcopydb clone with the same number of jobs: not slower. fsync is on everywhere; the rounds
alternate, and the best of each counts.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime

TESTS = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("DREHBUCH", str(TESTS.parent / "build" / "drehbuch"))
ROUNDS = 3
JOBS = 4
FILES = 20_000
FILE_SIZES = (2_000, 10_000, 60_000)  # in turn: half a gigabyte together
USUAL_LIMIT = 1 / 3
PGCOPYDB_LIMIT = 1.0

# Like Odoo's: some tables with most of the rows, indexes on their foreign keys, long texts; and hundreds of small ones.
SOURCE = """
SET synchronous_commit = off;
DELETE FROM ir_module_module WHERE author LIKE '%(OCA)%';
CREATE TABLE partner (id serial PRIMARY KEY, name varchar NOT NULL, email varchar, ref varchar UNIQUE, parent_id int,
    create_uid int, write_date timestamp, active boolean);
INSERT INTO partner (name, email, ref, parent_id, create_uid, write_date, active)
    SELECT 'Partner ' || md5(i::text), md5(i::text) || '@example.com', 'R' || i, nullif(i / 10, 0), i % 50 + 1,
        timestamp '2020-01-01' + i * interval '1 minute', i % 7 > 0 FROM generate_series(1, 200000) i;
CREATE TABLE message (id serial PRIMARY KEY, model varchar, res_id int, author_id int, subject varchar, body text,
    date timestamp, message_id varchar);
INSERT INTO message (model, res_id, author_id, subject, body, date, message_id)
    SELECT 'sale.order', i / 5, i % 200000 + 1, 'About ' || i, '<p>' || repeat(md5(i::text) || ' ', 5 + i % 20) || '</p>',
        timestamp '2020-01-01' + i * interval '10 seconds', '<' || md5((-i)::text) || '@example.com>'
    FROM generate_series(1, 600000) i;
CREATE TABLE move_line (id serial PRIMARY KEY, move_id int, account_id int, partner_id int, name varchar,
    debit numeric(16, 2), credit numeric(16, 2), balance numeric(16, 2), date date, ref varchar, reconciled boolean);
INSERT INTO move_line (move_id, account_id, partner_id, name, debit, credit, balance, date, ref, reconciled)
    SELECT i / 3 + 1, i % 400 + 1, i % 200000 + 1, 'Line ' || md5(i::text), i % 9973 * 0.05, 0, i % 9973 * 0.05,
        date '2020-01-01' + i / 800, 'INV/' || i / 3, i % 3 = 0 FROM generate_series(1, 1500000) i;
CREATE TABLE tracking (id serial PRIMARY KEY, message_id int, field_id int, old_value varchar, new_value varchar);
INSERT INTO tracking (message_id, field_id, old_value, new_value)
    SELECT i % 600000 + 1, i % 900 + 1, md5(i::text), md5((i + 1)::text) FROM generate_series(1, 1000000) i;
CREATE INDEX ON partner (parent_id); CREATE INDEX ON partner (email); CREATE INDEX ON partner (name);
CREATE INDEX ON message (model, res_id); CREATE INDEX ON message (author_id); CREATE INDEX ON message (message_id);
CREATE INDEX ON message (date);
CREATE INDEX ON move_line (move_id); CREATE INDEX ON move_line (account_id, date); CREATE INDEX ON move_line (partner_id);
CREATE INDEX ON move_line (ref); CREATE INDEX ON move_line (date, id) WHERE NOT reconciled;
CREATE INDEX ON tracking (message_id); CREATE INDEX ON tracking (field_id);
ALTER TABLE partner ADD FOREIGN KEY (parent_id) REFERENCES partner;
ALTER TABLE message ADD FOREIGN KEY (author_id) REFERENCES partner;
ALTER TABLE move_line ADD FOREIGN KEY (partner_id) REFERENCES partner;
ALTER TABLE tracking ADD FOREIGN KEY (message_id) REFERENCES message;
DO $$ BEGIN FOR i IN 1..400 LOOP
    EXECUTE format('CREATE TABLE small_%s (id serial PRIMARY KEY, name varchar, active boolean, partner_id int '
        'REFERENCES partner, code varchar UNIQUE)', i);
    IF i % 2 = 0 THEN
        EXECUTE format('INSERT INTO small_%s (name, partner_id, code) SELECT md5(n::text), n, n FROM '
            'generate_series(1, %s) n', i, i * 5);
    END IF;
    EXECUTE format('CREATE INDEX ON small_%s (partner_id)', i);
END LOOP; END $$;
"""


def demand(*arguments, **options):
    options.setdefault("stdout", subprocess.PIPE)
    result = subprocess.run([str(argument) for argument in arguments], stdin=subprocess.DEVNULL, text=True,
                            stderr=subprocess.STDOUT, check=False, **options)
    if result.returncode != 0:
        sys.exit(f"{arguments[0]} ended with {result.returncode}:\n{result.stdout}")
    return result.stdout


def make_filestore(folder):
    """Files as Odoo names them: by the SHA-1 of what is in them."""
    for number in range(FILES):
        content = (b"%d " % number) * (FILE_SIZES[number % len(FILE_SIZES)] // len(b"%d " % number))
        name = hashlib.sha1(content).hexdigest()
        (folder / name[:2]).mkdir(parents=True, exist_ok=True)
        (folder / name[:2] / name).write_bytes(content)


class Place:
    """Two servers, the source on the first, and the files of a plan that changes nothing."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("one", "two"):
            demand(TESTS / "server", "start", folder / name, "--no-fsync")
        demand("psql", "-Xqd", self.url("one", "postgres"), "-c", "CREATE DATABASE source")
        demand("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", self.url("one", "source"), "-f",
               TESTS.parent / "plans" / "acme" / "demo-database.sql")
        demand("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", self.url("one", "source"), "-c", SOURCE)
        demand("vacuumdb", "--quiet", "--analyze", "--jobs", "2", "-d", self.url("one", "source"))
        self.size = int(demand("psql", "-XqAtd", self.url("one", "postgres"), "-c",
                               "SELECT pg_database_size('source')"))
        for name in ("one", "two"):
            demand(TESTS / "server", "stop", folder / name)
            demand(TESTS / "server", "start", folder / name)
        make_filestore(folder / "filestore" / "source")
        demand("sync")
        (folder / "plan.yaml").write_text(json.dumps({
            "version": 1, "customer": "bench", "title": "Nothing but the copy", "neutralize": False,
            "upgrade": {"from": "18.0", "to": "18.0", "with": "none"}, "reset": {"assets": False}}))
        demand(PROGRAM, "compile", folder / "plan.yaml", "-o", folder / "plan.compiled.json")

    def url(self, cluster, database):
        return demand(TESTS / "server", "url", self.folder / cluster, database).strip()

    def drop(self, cluster, database):
        """Also has the server write what it still holds, so that nobody pays for another one's copy."""
        for cluster_to_settle in ("one", "two"):
            address = self.url(cluster_to_settle, "postgres").replace("user=odoo", "user=postgres")
            if cluster_to_settle == cluster:
                demand("psql", "-Xqd", address, "-c", f'DROP DATABASE IF EXISTS "{database}"')
            demand("psql", "-Xqd", address, "-c", "CHECKPOINT")

    def remove(self):
        for name in ("one", "two"):
            demand(TESTS / "server", "stop", self.folder / name)


def time_drehbuch(place, cluster):
    """The prepare phase, from its first step's start to its last one's end, by the journal."""
    place.drop(cluster, "work")
    shutil.rmtree(place.folder / "runs", ignore_errors=True)
    shutil.rmtree(place.folder / "filestore" / "work", ignore_errors=True)
    files = {name: {"filestore": str(place.folder / "filestore" / name)} if cluster == "one" else {}
             for name in ("source", "work")}
    (place.folder / "environment.yaml").write_text(json.dumps({
        "version": 1, "environment": "bench", "mode": "test", "source": {"database": place.url("one", "source"), **files["source"]},
        "work": {"database": place.url(cluster, "work"), **files["work"]}, "runs": str(place.folder / "runs"),
        "limits": {"jobs": JOBS}}))
    demand(PROGRAM, "run", place.folder / "plan.compiled.json", "-e", place.folder / "environment.yaml", "--json")
    journal, = (place.folder / "runs").glob("2*/journal.jsonl")
    times = [datetime.fromisoformat(entry["at"].replace("Z", "+00:00"))
             for entry in map(json.loads, journal.read_text().splitlines())
             if entry.get("step", "").startswith("prepare/")]
    return (max(times) - min(times)).total_seconds()


def time_usual(place):
    place.drop("one", "usual")
    shutil.rmtree(place.folder / "filestore" / "usual", ignore_errors=True)
    demand("sync")
    began = time.monotonic()
    demand("createdb", "--maintenance-db", place.url("one", "postgres"), "--template", "template0", "usual")
    demand("bash", "-o", "pipefail", "-c", 'pg_dump "$1" | psql -Xq -v ON_ERROR_STOP=1 -d "$2"', "bash",
           place.url("one", "source"), place.url("one", "usual"), stdout=subprocess.DEVNULL)
    demand("cp", "-a", place.folder / "filestore" / "source", place.folder / "filestore" / "usual")
    return time.monotonic() - began


def time_pgcopydb(place):
    place.drop("two", "peer")
    shutil.rmtree(place.folder / "pgcopydb", ignore_errors=True)
    began = time.monotonic()
    demand("createdb", "--maintenance-db", place.url("two", "postgres"), "--template", "template0", "peer")
    demand("pgcopydb", "clone", "--source", place.url("one", "source"), "--target", place.url("two", "peer"),
           "--table-jobs", JOBS, "--index-jobs", JOBS, "--no-owner", "--no-acl", "--dir", place.folder / "pgcopydb")
    return time.monotonic() - began


def compare(title, ours, theirs, peer, limit):
    ratio = min(ours) / min(theirs)
    print(f"{title}, best of {ROUNDS}: drehbuch {min(ours):.1f} s, {peer} {min(theirs):.1f} s, ratio {ratio:.2f} "
          f"(at most {limit:.2f})")
    return ratio <= limit


def main():
    if not shutil.which("pgcopydb"):
        sys.exit("pgcopydb is missing: tools/install-dependencies bench")
    with tempfile.TemporaryDirectory(prefix="drehbuch-bench-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        place = Place(folder)
        near, usual, far, pgcopydb = [], [], [], []
        try:
            for _ in range(ROUNDS):
                near.append(time_drehbuch(place, "one"))
                usual.append(time_usual(place))
                far.append(time_drehbuch(place, "two"))
                pgcopydb.append(time_pgcopydb(place))
        finally:
            place.remove()
    size = f"A database of {place.size / 2**30:.1f} GB"
    good = compare(f"{size} and {FILES} files on one server", near, usual, "pg_dump | psql and cp -a", USUAL_LIMIT)
    good &= compare(f"{size} to another server, {JOBS} jobs", far, pgcopydb, "pgcopydb clone", PGCOPYDB_LIMIT)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
