# The survey: what Odoo of this version has on its addons paths, whether what its modules need outside
# of Odoo is there, and which PostgreSQL server it works with. Opens no database of Odoo's, writes
# nothing, runs no module.
import ast
import hashlib
import importlib
import shutil

import odoo
import odoo.addons
import odoo.release
from odoo.modules import module as odoo_module

LEFT_OUT = ("__pycache__", ".git")
NAMES = getattr(odoo_module, "MANIFEST_NAMES", ("__manifest__.py",))


def use_configuration():
    """Where Odoo was started without its configuration, lest it opens the database that is named
    there, it is read now."""
    if settings.get("arguments") is not None:
        odoo.tools.config.parse_config(settings["arguments"])


def list_folders():
    folders = []
    for path in odoo.addons.__path__:
        path = os.path.abspath(path)
        if path not in folders and os.path.isdir(path):
            folders.append(path)
    return folders


def list_unused():
    """Folders that were asked for, but that Odoo leaves out: it wants a module in each."""
    used = {os.path.realpath(path) for path in FOLDERS}
    return [path for path in settings["addons"] if os.path.realpath(path) not in used]


def find_manifest(folder):
    for name in NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    return None


def list_modules():
    """Every module by its name: where its manifest is. The first folder counts."""
    found = {}
    for folder in FOLDERS:
        for name in sorted(os.listdir(folder)):
            path = find_manifest(os.path.join(folder, name))
            if path:
                found.setdefault(name, path)
    return found


def list_own_folders():
    """Odoo's own are where its base and its web are."""
    return {os.path.dirname(os.path.dirname(MODULES[name])) for name in ("base", "web") if name in MODULES}


def is_own(name):
    return os.path.dirname(os.path.dirname(MODULES[name])) in OWN_FOLDERS


def list_files(folder):
    """Paths as bytes from the folder on, in order; a linked folder counts as what it points to."""
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        links = [name for name in folders if os.path.islink(os.path.join(top, name))]
        for name in files + links:
            if name not in LEFT_OUT and not name.endswith(".pyc"):
                yield os.fsencode(os.path.relpath(os.path.join(top, name), folder))


def hash_folder(folder):
    digest = hashlib.sha256()
    for path in sorted(list_files(folder)):
        full = os.path.join(os.fsencode(folder), path)
        if os.path.islink(full) and not os.path.isfile(full):
            content = os.readlink(full)
        else:
            with open(full, "rb") as file:
                content = file.read()
        digest.update(b"%s\0%d\0" % (path, len(content)))
        digest.update(content)
    return digest.hexdigest()


def read_hints(text):
    """What to look for besides. Drehbuch reads the manifest itself, and by that it judges."""
    try:
        literal = ast.literal_eval(text.decode("utf-8"))
        external = literal.get("external_dependencies") or {}
        return [[str(item) for item in names or []]
                for names in (literal.get("depends"), external.get("python"), external.get("bin"))]
    except Exception:
        return [[], [], []]


def list_scripts(folders):
    """Migration scripts, as VERSION/NAME.py."""
    found = []
    for path in folders:
        for version in sorted(os.listdir(path)) if os.path.isdir(path) else []:
            if os.path.isdir(os.path.join(path, version)):
                found += ["%s/%s" % (version, name) for name in sorted(os.listdir(os.path.join(path, version)))
                          if name.endswith(".py") and name.split("-")[0] in ("pre", "post", "end")]
    return found


def describe_module(name):
    path = MODULES.get(name)
    if not path:
        return {"module": name}, [[], [], []]
    told = {"module": name, "path": path, "own": is_own(name)}
    try:
        with open(path, "rb") as file:
            text = file.read()
        told["manifest"] = base64.b64encode(text).decode("ascii")
        if not told["own"]:
            told["sha256"] = hash_folder(os.path.dirname(path))
        told["scripts"] = list_scripts(os.path.join(os.path.dirname(path), top) for top in ("migrations", "upgrades"))
        told["upgrade_scripts"] = list_scripts(os.path.join(folder, "openupgrade_scripts", "scripts", name)
                                               for folder in settings.get("openupgrade", []))
        return told, read_hints(text)
    except OSError as error:
        told["unreadable"] = str(error)
        return told, [[], [], []]


def find_package(name):
    """Odoo's own way to look for it where it has one: a distribution of that name, or something that
    can be imported. Returns what is wrong, or None."""
    try:
        if hasattr(odoo_module, "check_python_external_dependency"):
            odoo_module.check_python_external_dependency(name)
            return None
        try:
            import pkg_resources
            pkg_resources.get_distribution(name)
        except Exception:
            importlib.import_module(name)
        return None
    except Exception as error:
        return str(error) or type(error).__name__


def find_program(name):
    try:
        if hasattr(odoo.tools, "find_in_path"):
            odoo.tools.find_in_path(name)
            return None
        return None if shutil.which(name) else "not on the PATH"
    except Exception as error:
        return str(error) or type(error).__name__


def find_server():
    """By what drehbuch recognizes a server (preflight_server.c), whatever address it is reached by."""
    try:
        import odoo.sql_db
        import psycopg2
        parameters = odoo.sql_db.connection_info_for("postgres")[1]
        connection = psycopg2.connect(**dict(parameters, connect_timeout=10))
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT extract(epoch FROM pg_postmaster_start_time())::text || ' ' || "
                           "current_setting('port'), current_user")
            identity, role = cursor.fetchone()
        finally:
            connection.close()
        return {"identity": identity, "role": role}
    except ImportError:
        return None  # what is no Odoo has no server either
    except Exception as error:
        return {"error": str(error).strip()}


def read_apriori():
    """OpenUpgrade's list of modules that were renamed and merged on the way to this version."""
    folders = [os.path.dirname(MODULES["openupgrade_scripts"])] if "openupgrade_scripts" in MODULES else []
    for folder in folders + [os.path.join(path, "openupgrade_scripts") for path in settings.get("openupgrade", [])]:
        path = os.path.join(folder, "apriori.py")
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return {"path": path, "text": base64.b64encode(file.read()).decode("ascii")}
    return None


def survey():
    wanted = list(settings["modules"])
    packages, programs, seen = {}, {}, set(wanted)
    channel.send({"odoo": {
        "version": odoo.release.version,
        "series": odoo.release.major_version,
        "python": "%d.%d.%d" % sys.version_info[:3],
        "folders": FOLDERS,
        "unused": list_unused(),
        "server": find_server(),
    }})
    channel.send({"names": {name: is_own(name) for name in MODULES}})
    for name in wanted:
        told, (depends, needs_packages, needs_programs) = describe_module(name)
        wanted.extend(other for other in depends if other not in seen)
        seen.update(depends)
        for package in needs_packages:
            packages.setdefault(package, find_package(package))
        for program in needs_programs:
            programs.setdefault(program, find_program(program))
        channel.send(told)
    channel.send({"packages": packages, "programs": programs})
    channel.send({"apriori": read_apriori()})


try:
    use_configuration()
    FOLDERS = list_folders()
    MODULES = list_modules()
    OWN_FOLDERS = list_own_folders()
    survey()
    channel.send({"done": True})
except Exception as error:
    channel.send({"error": "%s: %s" % (type(error).__name__, error)})
