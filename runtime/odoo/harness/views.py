# The customer's own views: views that inherit one of a module's.
from lxml import etree


def view_state(view):
    if not view:
        return None
    arch = view.with_context(lang=None).arch_db or ""
    return {"active": bool(view.active), "arch": hashlib.sha256(arch.encode()).hexdigest()}


def find_parent(env, key):
    module, name, _ = key.split(".", 2)
    parent = env.ref("%s.%s" % (module, name), raise_if_not_found=False)
    if not parent or parent._name != "ir.ui.view":
        raise Problem("there is no view %s.%s" % (module, name), "check its external id at this version of Odoo")
    return parent


def find_view(env, parent, key):
    """The view of this name; the whole key, also behind the customer's name, is a name as well."""
    names = [key.split(".", 2)[2], key, "%s.%s" % (settings["customer"], key)]
    View = env["ir.ui.view"].with_context(active_test=False)
    found = View.search([("inherit_id", "=", parent.id), ("name", "in", names)])
    if len(found) > 1:
        raise Problem("%s views on it have this name" % len(found), "rename or remove all but one by a fix")
    return found


def parse_arch(text):
    """The file's root may say model, type and priority; they are no part of the architecture."""
    try:
        root = etree.fromstring(expand(text).encode())
    except etree.XMLSyntaxError as error:
        raise Problem("the XML is not well-formed: %s" % error, "correct the file")
    values = {}
    for name in ("model", "type", "priority"):
        if name in root.attrib and root.tag == "data":
            values[name] = root.attrib.pop(name)
    if "priority" in values:
        values["priority"] = int(values["priority"])
    values["arch_base"] = etree.tostring(root, encoding="unicode")
    return values


def check_view(view):
    """Odoo checks what is written, but not what is switched on, and not every kind at once."""
    root = view
    while root.mode == "extension" and root.inherit_id:
        root = root.inherit_id
    if hasattr(root, "get_combined_arch"):
        root.get_combined_arch()
    else:
        root.read_combined(["arch"])
    view._check_xml()


def view_install(env, parent, view, change):
    if view:
        raise Problem("the view is there already", "write update: instead of install:")
    values = parse_arch(change["arch"])
    values.setdefault("model", parent.model)
    values.setdefault("type", parent.type)
    values.update(name=change["name"], inherit_id=parent.id, mode="extension")
    return env["ir.ui.view"].create(values)


def view_update(env, parent, view, change):
    view.write(parse_arch(change["arch"]))
    return view


def view_remove(env, parent, view, change):
    view.unlink()
    return env["ir.ui.view"]


def view_enable(env, parent, view, change):
    view.write({"active": True})
    return view


def view_disable(env, parent, view, change):
    view.write({"active": False})
    return view


VIEW_ACTIONS = {"install": view_install, "update": view_update, "remove": view_remove,
                "enable": view_enable, "disable": view_disable}


def change_view(env, key, change, effects):
    parent = find_parent(env, key)
    view = find_view(env, parent, key)
    if not view and change["action"] != "install":
        raise Problem("there is no such view", "check its name, or install it")
    old = view_state(view)
    view = VIEW_ACTIONS[change["action"]](env, parent, view, dict(change, name=key.split(".", 2)[2]))
    flush(env)
    if view and view.active:
        check_view(view)
    new = view_state(view)
    if new != old:
        effects[key] = {"old": old, "new": new}


@operation
def views(request):
    def work(env, spec, effects):
        effects["views"] = {}
        for key in sorted(spec["views"]):
            try:
                change_view(env, key, spec["views"][key], effects["views"])
            except Problem as problem:
                raise Problem("%s: %s" % (key, problem), problem.help)
            except Exception as error:
                raise Problem("%s does not fit: %s" % (key, error),
                              "correct the XML, or disable the view") from error
    return run_in_transaction(request, work)


@operation
def reset_views(request):
    """Brings back what modules ship in views that were changed by hand or that updates leave alone."""
    def work(env, spec, effects):
        View = env["ir.ui.view"].with_context(active_test=False)
        kept = env["ir.model.data"].search([("model", "=", "ir.ui.view"), ("noupdate", "=", True)])
        found = View.search([("arch_fs", "!=", False), "|", ("arch_updated", "=", True), ("id", "in", kept.mapped("res_id"))])
        effects["views"] = {}
        for view in found.sorted("id"):
            old = view_state(view)
            view.reset_arch(mode="hard")
            flush(env)
            if view.active:
                check_view(view)
            if view_state(view) != old:
                effects["views"][view.xml_id or str(view.id)] = {"old": old, "new": view_state(view)}
    return run_in_transaction(request, work)
