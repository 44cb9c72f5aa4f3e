#!/usr/bin/env python3
"""Stands in for Odoo where only its shell without a database, and that it ends well, matter.

usage: odoo.py SERIES OWN_ADDONS [shell] OPTION...

Like Odoo, its shell opens the database that is named on the command line; up to 17.0 one that only the
configuration names too. This one then ends with exit code 3.
"""
import importlib.metadata
import os
import re
import sys
import types


def read_configuration(path):
    if not path or path == "/dev/null":
        return {}
    with open(path, encoding="utf-8") as file:
        return dict(re.findall(r"^(\w+)\s*=\s*(.*)$", file.read(), re.MULTILINE))


def read_options(arguments):
    options = dict(argument[2:].split("=", 1) for argument in arguments if "=" in argument)
    return options, read_configuration(options.get("config"))


def check_python_external_dependency(name):
    try:
        importlib.metadata.version(re.match(r"[\w.-]+", name).group())
    except importlib.metadata.PackageNotFoundError:
        raise Exception("External dependency %s not installed" % name) from None


def make_modules(series, own):
    names = ("odoo", "odoo.addons", "odoo.release", "odoo.tools", "odoo.modules", "odoo.modules.module")
    made = {name: types.ModuleType(name) for name in names}
    for name in names[1:]:
        parent, _, child = name.rpartition(".")
        setattr(made[parent], child, made[name])
    made["odoo.addons"].__path__ = [own]
    made["odoo.release"].version = series + "-20261101"
    made["odoo.release"].major_version = series
    made["odoo.modules.module"].MANIFEST_NAMES = ("__manifest__.py", "__openerp__.py")
    made["odoo.modules.module"].check_python_external_dependency = check_python_external_dependency
    made["odoo.tools"].config = types.SimpleNamespace(
        parse_config=lambda arguments: use_addons(made["odoo.addons"], *read_options(arguments)))
    sys.modules.update(made)
    return made["odoo"]


def use_addons(addons, options, configuration):
    paths = options.get("addons-path") or configuration.get("addons_path") or ""
    addons.__path__.extend(path for path in paths.split(",") if path)


def main():
    series, own, *arguments = sys.argv[1:]
    print("Welcome to Odoo %s" % series)
    if arguments[0] != "shell":
        return 0
    options, configuration = read_options(arguments)
    database = options.get("database")
    if database or (float(series) < 18 or database is None) and configuration.get("db_name"):
        print("a database would have been opened", file=sys.stderr)
        return 3
    odoo = make_modules(series, own)
    use_addons(odoo.addons, options, configuration)
    exec(sys.stdin.read(), {"odoo": odoo, "__name__": "__main__"})
    return int(os.environ.get("ODOO_EXIT", "0"))


if __name__ == "__main__":
    sys.exit(main())
