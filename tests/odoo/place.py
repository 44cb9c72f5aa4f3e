"""A real Odoo 19.0 with a PostgreSQL server of its own, for the tests and benches that are written in Python."""

import json
import os
import pathlib
import shlex
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
SKIPPED = 77  # exit code of tests/odoo/prepare where the network is missing
# What the small database has: 19.0, without demonstration data.
MODULES = ["base", "web", "contacts", "crm", "sale_management", "project", "lunch", "maintenance", "board",
           "partner_firstname", "partner_tz", "partner_ref_unique", "queue_job", "onchange_helper", "database_cleanup"]


class Unavailable(Exception):
    """There is no real Odoo to be had; the message says why."""


def demand(*arguments, **options):
    """Runs a program that must succeed; its output is text."""
    result = subprocess.run([str(argument) for argument in arguments], stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))} ended with {result.returncode}:\n{result.stdout[-4000:]}")
    return result.stdout


def read_odoo():
    """What tests/odoo/prepare prints, as a dictionary of lists."""
    script = f'''printed=$({shlex.quote(str(TESTS / "odoo" / "prepare"))}) || exit; eval "$printed"
        for name in ODOO_CACHE ODOO_ADDONS ODOO_OCA_ADDONS ODOO_OPENUPGRADE ODOO_VERSIONS; do
            printf '%s\\n' "$name" 1 "${{!name}}"
        done
        printf '%s\\n' ODOO_RUN "${{#ODOO_RUN[@]}}" "${{ODOO_RUN[@]}}"'''
    result = subprocess.run(["bash", "-c", script], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            check=False)
    if result.returncode == SKIPPED:
        raise Unavailable(result.stderr.strip())
    if result.returncode != 0:
        sys.exit(f"tests/odoo/prepare ended with {result.returncode}:\n{result.stderr}")
    lines = iter(result.stdout.splitlines())
    return {name: [next(lines) for _ in range(int(next(lines)))] for name in lines}


class OdooPlace:
    """A server in `folder`, and the Odoo that works with it."""

    def __init__(self, folder, cluster="cluster"):
        self.folder = pathlib.Path(folder)
        self.cluster = self.folder / cluster
        self.odoo = read_odoo()
        self.config = self.folder / "odoo.conf"

    @classmethod
    def at(cls, folder):
        """Of a folder that tests/odoo/helper.bash has made."""
        return cls(folder, cluster="pg")

    def start(self):
        demand(TESTS / "server", "start", self.cluster, "--no-fsync")
        self.config.write_text(f"[options]\ndb_host = {self.cluster}\ndb_port = 5432\ndb_user = odoo\n"
                               f"data_dir = {self.folder / 'data'}\n")

    def stop(self):
        subprocess.run([str(TESTS / "server"), "stop", str(self.cluster)], check=False)

    def url(self, database):
        return demand(TESTS / "server", "url", self.cluster, database).strip()

    def sql(self, database, text):
        return demand("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", text).strip()

    def addons(self):
        return [self.odoo["ODOO_ADDONS"][0], self.odoo["ODOO_OCA_ADDONS"][0]]

    def command(self, *arguments, subcommand=None):
        """Odoo's argument vector, as the playbook has it."""
        return [*self.odoo["ODOO_RUN"], *([subcommand] if subcommand else []), "-c", str(self.config),
                "--addons-path=" + ",".join(self.addons()), *arguments]

    def installation(self):
        """The environment's entry for 19.0."""
        return {"run": self.odoo["ODOO_RUN"], "config": str(self.config), "addons": self.addons(),
                "openupgrade": self.odoo["ODOO_OPENUPGRADE"][0]}

    def restore_small(self, database):
        """The small 19.0 database; made once, and kept with what it was made by."""
        dump = pathlib.Path(self.odoo["ODOO_CACHE"][0]) / f"small-{self.odoo['ODOO_VERSIONS'][0]}.dump"
        if not dump.exists():
            self.sql("postgres", "CREATE DATABASE making")
            demand(*self.command("-d", "making", "-i", ",".join(MODULES), "--stop-after-init", "--no-http"))
            making = dump.with_suffix(f".{os.getpid()}")
            demand("pg_dump", "-Fc", "--no-owner", "-f", making, self.url("making"))
            making.rename(dump)
            self.sql("postgres", "DROP DATABASE making")
        demand(TESTS / "server", "restore", self.cluster, dump, database)

    def write_environment(self, path, **more):
        path.write_text(json.dumps({
            "version": 1, "environment": path.stem, "mode": "test", "source": {"database": self.url("source")},
            "work": {"database": self.url("work")}, "backup": False, "odoo": {"19.0": self.installation()}, **more}))
