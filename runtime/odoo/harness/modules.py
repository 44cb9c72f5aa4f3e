# Uninstalling modules, all of a step at once: Odoo commits by itself while it does.
WAITING = ("to install", "to upgrade", "to remove")


def module_states(names):
    with Registry(DATABASE).cursor() as cr:
        cr.execute("SELECT name, state FROM ir_module_module WHERE name IN %s", [tuple(names)])
        return dict(cr.fetchall())


def forget_waiting(env):
    """An attempt that was cut off leaves modules waiting; Odoo then refuses to begin."""
    Module = env["ir.module.module"]
    Module.search([("state", "=", "to install")]).write({"state": "uninstalled"})
    Module.search([("state", "in", ("to upgrade", "to remove"))]).write({"state": "installed"})


def describe_models(cr):
    """The last that Odoo does after it has uninstalled: an attempt may have been cut off before."""
    registry = Registry(DATABASE)
    registry.init_models(cr, list(registry.models), {"models_to_check": True, "update_custom_fields": True})


@operation
def uninstall(request):
    names = request["spec"]["modules"]
    old = module_states(names)
    with Registry(DATABASE).cursor() as cr:
        env = make_environment(cr)
        forget_waiting(env)
        modules = env["ir.module.module"].search([("name", "in", names), ("state", "=", "installed")])
        dragged = sorted((modules.downstream_dependencies() - modules).mapped("name")) if modules else []
        if dragged:
            raise Problem("%s would be uninstalled with them" % ", ".join(dragged),
                          "decide about each of these: uninstall it too, or keep what it depends on")
        if modules:
            cr.commit()
            modules.button_immediate_uninstall()
        else:
            describe_models(cr)
    new = module_states(names)
    left = sorted(name for name in new if new[name] != "uninstalled")
    if left:
        raise Problem("%s is still there: %s" % (left[0], new[left[0]]), "see Odoo's log above")
    return {"modules": {name: {"old": old.get(name), "new": new.get(name)}
                        for name in names if old.get(name) != new.get(name)}}
