#!/usr/bin/env python3
"""What a dry run said against what the run then did.

usage: dry_run.py fixes FILE SNAPSHOT-COMMAND...   the plan's fixes as JSON, a snapshot behind each
       dry_run.py snapshot URL FILE                all rows of a database, a JSON line each
       dry_run.py compare DIFF RECORD FOLDER       exit code 1 where they differ
"""
import json
import subprocess
import sys

ROWS = r"""
SELECT format('SELECT json_build_array(%L, %s, (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each_text(to_jsonb(t.*)) e))::text FROM ONLY %I.%I t',
    n.nspname || '.' || c.relname,
    coalesce((SELECT 'jsonb_build_array(' || string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY k.at) || ')::text'
        FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(number, at), pg_attribute a
        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number), 'NULL'),
    n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'drehbuch') AND n.nspname NOT LIKE 'pg\_%'
\gexec
"""


def fixes(path, *snapshot):
    steps = []
    for number, line in enumerate(open(path, encoding="utf-8")):
        name, sql = line.rstrip("\n").split(" :: ", 1)
        steps.append({"id": name, "sql": sql})
        steps.append({"id": "look-%d" % number, "nature": "repeatable", "command": [*snapshot, name]})
    first = {"id": "look-first", "nature": "repeatable", "command": [*snapshot, "first"]}
    print(json.dumps([first] + steps))


def snapshot(url, path):
    rows = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", url], input=ROWS, text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    with open(path, "w", encoding="utf-8") as file:
        file.write(rows)


def read(path):
    """Table to its rows: by key, or where it has none a sorted list of texts."""
    tables = {}
    for line in open(path, encoding="utf-8"):
        table, key, row = json.loads(line)
        if key is None:
            tables.setdefault(table, []).append(json.dumps(row, sort_keys=True))
        else:
            tables.setdefault(table, {})[key] = row or {}
    return tables


def without(rows, others):
    rest = list(others)
    return sorted(row for row in rows if not (row in rest and (rest.remove(row) or True)))


def changed(before, after):
    """(table, kind, key or row) to (old, new) of what really changed; rows of altered columns by common ones."""
    found = {}
    for table in sorted(set(before) | set(after)):
        old, new = before.get(table, {}), after.get(table, {})
        if isinstance(old, list) or isinstance(new, list):
            for kind, rows in (("deleted", without(list(old), list(new))), ("inserted", without(list(new), list(old)))):
                found.setdefault((table, kind), []).extend(rows)
            continue
        for key in set(old) | set(new):
            if key not in new:
                found[(table, "deleted", key)] = (old[key], None)
            elif key not in old:
                found[(table, "inserted", key)] = (None, new[key])
            else:
                columns = [c for c in new[key] if c in old[key] and old[key][c] != new[key][c]]
                added = [c for c in new[key] if c not in old[key] and new[key][c] is not None]
                if columns or added:
                    found[(table, "updated", key)] = ({c: old[key].get(c) for c in columns + added},
                                                      {c: new[key][c] for c in columns + added})
    return {key: value for key, value in found.items() if value != []}


def key_text(row, key):
    return json.dumps(list(key.values()))


def predicted(step, numbers):
    found = {}
    for table in step.get("tables", []):
        name = table.get("partition", table["table"])
        for row in table["rows"]:
            old = {c: v["old"] for c, v in row["columns"].items() if "old" in v}
            new = {c: v["new"] for c, v in row["columns"].items() if "new" in v}
            if not row["key"]:
                found.setdefault((name, row["change"]), []).append(json.dumps(old if row["change"] == "deleted" else new, sort_keys=True))
                found[(name, row["change"])].sort()
                continue
            key = numbers(name, row["key"])
            found[(name, row["change"], key)] = (old if row["change"] != "inserted" else None,
                                                 new if row["change"] != "deleted" else None)
    return found


def masked(value):
    def mask(row):
        return row and {c: "********" if c == "password" and v is not None else v for c, v in row.items()}
    return {k: (mask(v[0]), mask(v[1])) if isinstance(v, tuple) else v for k, v in value.items()}


def compare(diff_path, record_path, folder):
    diff, record = json.load(open(diff_path)), json.load(open(record_path))
    done = {step["id"]: step for step in record["steps"]}
    before, faults, fixes_seen, rows_seen = read(folder + "/first"), 0, 0, 0
    for step in diff["steps"]:
        if step["kind"] != "sql":
            continue
        name = step["id"].rsplit("/", 1)[1]
        after = read("%s/%s" % (folder, name))
        keys = {}
        for tables in (before, after):
            for table, rows in tables.items():
                for key in (rows if isinstance(rows, dict) else ()):
                    keys[(table, tuple(str(k) if not isinstance(k, str) else k for k in json.loads(key)))] = key
        said = predicted(step, lambda table, key: keys.get((table, tuple(key.values())), str(key)))
        did = masked(changed(before, after))
        dropped = {o["name"] for o in step.get("catalogue", []) if o["change"] in ("dropped", "rewritten")}
        created = {o["name"] for o in step.get("catalogue", []) if o["change"] == "dropped"}
        did = {k: v for k, v in did.items() if k[0] not in dropped}
        effects, told = done[step["id"]]["effects"], step["effects"]
        drop_temp = lambda t: {k: v for k, v in (t or {}).items() if not k.startswith("pg_temp")}
        wrong = []
        if said != did:
            wrong.append("rows: said %r\n  did %r" % ({k: v for k, v in said.items() if did.get(k) != v},
                                                      {k: v for k, v in did.items() if said.get(k) != v}))
        if drop_temp(effects.get("tables")) != drop_temp(told.get("tables")):
            wrong.append("tables: said %s\n  did %s" % (told.get("tables"), effects.get("tables")))
        if effects.get("rows") != told.get("rows"):
            wrong.append("affected: said %s did %s" % (told.get("rows"), effects.get("rows")))
        for fault in wrong:
            faults += 1
            print("%s: %s" % (name, fault))
        fixes_seen, rows_seen, before = fixes_seen + 1, rows_seen + len(did), after
    print("%d fixes, %d changed rows, %d differences" % (fixes_seen, rows_seen, faults))
    return faults == 0 and fixes_seen > 0


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    result = {"fixes": fixes, "snapshot": snapshot, "compare": compare}[command](*arguments)
    sys.exit(0 if result in (None, True) else 1)
