# A fix in Python.


def run_python(env, spec, effects, step):
    source = spec["python"]
    name = "<%s>" % (spec.get("path") or step)
    # So that a traceback shows the lines as the plan has them.
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    code = compile(expand(source, repr), name, "exec")
    exec(code, {"__name__": "__main__", "env": env, "self": env.user, "odoo": odoo})


@operation
def python(request):
    def work(env, spec, effects):
        run_python(env, spec, effects, request["step"])
    return run_in_transaction(request, work)
