#!/usr/bin/env python3
"""A day's work on a real Odoo 19.0: drehbuch against the way the playbook has it.

Five uninstalls, two installs, an update of ten modules, ten parameters, five records and three views. The playbook starts
a process for every command: one Odoo that installs, one shell that lists what is installed and one for each uninstall,
one Odoo that updates, and one shell for each line of configuration and each view. Both begin with a copy of the same
database. Then five uninstalls alone, against one bare shell that does the same; what is timed of drehbuch is its step.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "odoo"))
from place import OdooPlace, Unavailable, demand  # noqa: E402

PROGRAM = os.environ.get("DREHBUCH", str(TESTS.parent / "build" / "drehbuch"))
FASTER = 2.0  # at least
UNINSTALLS = 1.3  # at most
ROUNDS = 2

UNINSTALL = ["lunch", "board", "maintenance", "partner_tz", "partner_ref_unique"]
INSTALL = ["web_notify", "partner_pricelist_search"]
UPDATE = ["contacts", "crm", "digest", "project", "sale_management", "partner_firstname", "queue_job", "onchange_helper",
          "database_cleanup", "web_notify"]
PARAMETERS = {f"bench.parameter_{number}": f"value {number}" for number in range(10)}
RECORDS = {"base.main_company": ("street", "Bahnhofstrasse 1"), "base.main_partner": ("comment", "bench"),
           "base.user_admin": ("signature", "bench"), "base.EUR": ("symbol", "E"), "base.ch": ("phone_code", 41)}
VIEWS = {"base.view_partner_form": "//field[@name='vat']", "base.view_company_form": "//field[@name='vat']",
         "base.view_users_form": "//field[@name='login']"}


def arch(path):
    return f'<data priority="50"><xpath expr="{path}" position="after"><field name="create_date"/></xpath></data>'


def write_plan(folder, name, modules, **more):
    (folder / "views").mkdir(exist_ok=True)
    plan = {"version": 1, "customer": "bench", "title": "A day's work",
            "upgrade": {"from": "19.0", "to": "19.0", "with": "none"}, "neutralize": False,
            "reset": {"assets": False}, "modules": modules, **more}
    (folder / f"{name}.yaml").write_text(json.dumps(plan))
    demand(PROGRAM, "compile", folder / f"{name}.yaml", "-o", folder / f"{name}.json")


def write_plans(folder):
    kept = {"database_cleanup", "queue_job", "onchange_helper", "partner_firstname"}
    decisions = {**{name: "keep" for name in kept}, **{name: "uninstall" for name in UNINSTALL}}
    write_plan(folder, "uninstalls", dict(decisions))
    for number, path in enumerate(VIEWS.values()):
        (folder / f"{number}.xml").write_text(arch(path))
    decisions.update({name: "update" for name in UPDATE})
    decisions.update({name: "install" for name in INSTALL})
    write_plan(folder, "day", decisions,
               settings={"parameters": PARAMETERS,
                         "records": {xmlid: {field: value} for xmlid, (field, value) in RECORDS.items()}},
               views={f"{view}.bench": {"install": f"{number}.xml"} for number, view in enumerate(VIEWS)})


def shell(place, database, code):
    result = subprocess.run(place.command("-d", database, "--no-http", subcommand="shell"), input=code, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode != 0 or "Traceback" in result.stdout:
        sys.exit(f"a shell failed:\n{result.stdout[-3000:]}")


def run_playbook(place, database):
    place.sql("postgres", f"CREATE DATABASE {database} TEMPLATE source")
    demand(*place.command("-d", database, "-i", ",".join(INSTALL), "--stop-after-init", "--no-http"))
    shell(place, database, "print(env['ir.module.module'].search([('state', '=', 'installed')]).mapped('name'))")
    for module in UNINSTALL:
        shell(place, database, f"env['ir.module.module'].search([('name', '=', '{module}')]).button_immediate_uninstall()")
    demand(*place.command("-d", database, "-u", ",".join(UPDATE), "--stop-after-init", "--no-http"))
    for key, value in PARAMETERS.items():
        shell(place, database, f"env['ir.config_parameter'].set_param('{key}', '{value}'); env.cr.commit()")
    for xmlid, (field, value) in RECORDS.items():
        shell(place, database, f"env.ref('{xmlid}').write({{'{field}': {value!r}}}); env.cr.commit()")
    for view, path in VIEWS.items():
        shell(place, database, f"parent = env.ref('{view}'); env['ir.ui.view'].create({{'name': 'bench', 'inherit_id': "
              f"parent.id, 'model': parent.model, 'mode': 'extension', 'arch_base': '''{arch(path)}'''}}); env.cr.commit()")


def run_drehbuch(folder, name):
    demand(PROGRAM, "run", folder / f"{name}.json", "-e", folder / "environment.yaml", "--json")


def uninstall_seconds(folder):
    record = json.loads((folder / "runs" / "latest" / "run.json").read_text())
    return next(step["milliseconds"] for step in record["steps"] if step["id"] == "19.0/uninstall") / 1000


def timed(function, *arguments):
    began = time.monotonic()
    function(*arguments)
    return time.monotonic() - began


def bare_uninstall(place, database):
    shell(place, database, f"env['ir.module.module'].search([('name', 'in', {UNINSTALL})]).button_immediate_uninstall()")


def measure(folder, place):
    place.restore_small("source")
    place.write_environment(folder / "environment.yaml")
    write_plans(folder)
    days, uninstalls = [], []
    for number in range(ROUNDS):
        theirs = timed(run_playbook, place, f"playbook{number}")
        days.append((theirs, timed(run_drehbuch, folder, "day")))
        run_drehbuch(folder, "uninstalls")
        place.sql("postgres", f"CREATE DATABASE bare{number} TEMPLATE source")
        uninstalls.append((timed(bare_uninstall, place, f"bare{number}"), uninstall_seconds(folder)))
    return min(days, key=lambda pair: pair[1]), min(uninstalls, key=lambda pair: pair[1])


def main():
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
            (their_day, our_day), (bare, ours) = measure(folder, place)
        finally:
            place.stop()
    faster, ratio = their_day / our_day, ours / bare
    print(f"a day's work on Odoo 19.0, best of {ROUNDS}: the playbook {their_day:.1f} s, drehbuch {our_day:.1f} s, "
          f"{faster:.2f} times faster (at least {FASTER})")
    print(f"five uninstalls: one bare shell {bare:.1f} s, drehbuch's step {ours:.1f} s, ratio {ratio:.2f} "
          f"(at most {UNINSTALLS})")
    return 0 if faster >= FASTER and ratio <= UNINSTALLS else 1


if __name__ == "__main__":
    sys.exit(main())
