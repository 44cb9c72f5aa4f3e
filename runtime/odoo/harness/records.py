# Settings that are fields of records: settings.records and settings.config.
MASK = "********"


def find_record(env, xmlid):
    record = env.ref(xmlid, raise_if_not_found=False)
    if not record:
        raise Problem("there is no record %s" % xmlid, "check the external id; Odoo shows it in developer mode")
    return record


def find_field(record, name):
    field = record._fields.get(name)
    if not field:
        raise Problem("%s has no field %s" % (record._name, name),
                      "check the field's name at this version of Odoo")
    if field.type in ("one2many", "many2many"):
        raise Problem("%s of %s holds several records" % (name, record._name), "write a fix in Python instead")
    return field


def value_to_write(env, field, value):
    """A link to another record is written as that record's external id."""
    if isinstance(value, str):
        value = expand(value)
        if field.type == "many2one":
            return find_record(env, value).id
        if field.type == "boolean" and value in ("true", "false"):
            return value == "true"
        if field.type in ("integer", "float", "monetary"):
            return float(value) if field.type != "integer" else int(value)
    return False if value is None else value


def value_to_show(record, field):
    value = record[field.name]
    if field.type == "many2one":
        if not value:
            return None
        return value.get_external_id().get(value.id) or value.id
    if field.type == "binary":
        if not value:
            return None
        data = value if isinstance(value, bytes) else str(value).encode()
        return "sha256:%s" % hashlib.sha256(data).hexdigest()
    if value is False and field.type != "boolean":
        return None
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def note_change(changes, name, written, old, new):
    """Adds what has changed. What a binding gave may differ between environments; secrets show nowhere."""
    bound = bindings_of(written)
    if old == new and not bound:
        return
    change = {"old": old, "new": new}
    if bound & set(settings["secrets"]):
        change = {"old": MASK, "new": MASK}
    if bound:
        change["binding"] = True
    changes[name] = change


@operation
def records(request):
    def work(env, spec, effects):
        effects["records"] = {}
        for xmlid in sorted(spec["records"]):
            record = find_record(env, xmlid)
            wanted = spec["records"][xmlid]
            fields = {name: find_field(record, name) for name in wanted}
            old = {name: value_to_show(record, field) for name, field in fields.items()}
            record.write({name: value_to_write(env, fields[name], value) for name, value in wanted.items()})
            flush(env)
            changes = {}
            for name, field in fields.items():
                note_change(changes, name, wanted[name], old[name], value_to_show(record, field))
            if changes:
                effects["records"][xmlid] = changes
    return run_in_transaction(request, work)


@operation
def config(request):
    """Odoo's settings form, saved."""
    def work(env, spec, effects):
        Settings = env["res.config.settings"].with_context(active_test=False)
        wanted = spec["values"]
        fields = {}
        for name in sorted(wanted):
            if name.startswith("module_"):
                raise Problem("%s installs or uninstalls a module" % name,
                              "decide about %s in the plan's modules instead" % name[len("module_"):])
            fields[name] = find_field(Settings, name)
        before = Settings.create({})
        old = {name: value_to_show(before, field) for name, field in fields.items()}
        form = Settings.create({name: value_to_write(env, fields[name], value) for name, value in wanted.items()})
        form.set_values()
        flush(env)
        after = Settings.create({})
        changes = {}
        for name, field in fields.items():
            new = value_to_show(after, field)
            if new != value_to_show(form, field):
                raise Problem("%s was saved, but is %r" % (name, MASK if bindings_of(wanted[name]) else new),
                              "another setting or module decides about it")
            note_change(changes, name, wanted[name], old[name], new)
        (before + form + after).unlink()
        effects["config"] = changes
    return run_in_transaction(request, work)
