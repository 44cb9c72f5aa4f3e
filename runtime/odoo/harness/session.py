# The session: requests come by NOTIFY, one after the other, as standard input has ended before this
# program begins. Each is answered on the channel.
import hashlib
import hmac
import linecache
import queue
import re
import select
import threading
import time
import traceback

import odoo
import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

DATABASE = settings["database"]
PATIENCE = 30  # seconds for the running step to notice that the server is gone


class Requests(threading.Thread):
    """Listens, and watches over drehbuch: it holds an advisory lock as long as it lives."""

    def __init__(self):
        super().__init__(daemon=True)
        self.queue = queue.Queue()
        self.key = settings["key"].encode("ascii")
        parameters = odoo.sql_db.connection_info_for(DATABASE)[1]
        self.connection = psycopg2.connect(**parameters)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.cursor.execute('LISTEN "%s"' % settings["listen"])
        self.pieces = []

    def run(self):
        try:
            while True:
                readable = select.select([self.connection], [], [], 2)[0]
                if not readable:
                    self.look_after_drehbuch()
                self.connection.poll()
                while self.connection.notifies:
                    self.take(self.connection.notifies.pop(0).payload)
        except Exception as error:
            self.queue.put({"op": "lost", "error": str(error)})
            time.sleep(PATIENCE)
            os._exit(71)

    def look_after_drehbuch(self):
        self.cursor.execute("SELECT pg_try_advisory_lock_shared(%s)", [settings["lock"]])
        if self.cursor.fetchone()[0]:
            os._exit(70)

    def take(self, payload):
        """A piece of a request: `+` and base64, the last one `=`, the signature, `:` and base64."""
        if payload.startswith("+"):
            self.pieces.append(payload[1:])
            return
        signature, _, piece = payload[1:].partition(":")
        text = "".join(self.pieces) + piece
        self.pieces = []
        wanted = hmac.new(self.key, text.encode("ascii"), hashlib.sha256).hexdigest()
        if hmac.compare_digest(signature, wanted):
            self.queue.put(json.loads(base64.b64decode(text).decode()))


class Problem(Exception):
    """What went wrong, in words for the person who wrote the plan."""

    def __init__(self, message, help=None):
        super().__init__(message)
        self.help = help


NAME = re.compile(r"\$\$\{|\$\{([a-z][a-z0-9_]*)\}")


def expand(text, write=str):
    """`${name}` becomes the binding's value, `$${` a literal `${`."""
    def replace(match):
        return write(settings["bindings"][match.group(1)]) if match.group(1) else "${"
    return NAME.sub(replace, text)


def bindings_of(text):
    return {name for name in NAME.findall(text) if name} if isinstance(text, str) else set()


def make_environment(cr):
    context = api.Environment(cr, SUPERUSER_ID, {})["res.users"].context_get()
    return api.Environment(cr, SUPERUSER_ID, context)


def flush(env):
    if hasattr(env.cr, "flush"):
        env.cr.flush()
    elif hasattr(env, "flush_all"):
        env.flush_all()
    else:
        env["base"].flush()


class Fence:
    """Keeps a step from ending its own transaction, also where it hides the exception."""

    def __init__(self, cr):
        self.cr = cr
        self.touched = False
        cr.commit = cr.rollback = self.refuse

    def refuse(self, *arguments, **named):
        self.touched = True
        raise Problem("it calls commit() or rollback()",
                      "take that out: it runs in one transaction, which ends with it")

    def remove(self):
        self.cr.__dict__.pop("commit", None)
        self.cr.__dict__.pop("rollback", None)


def forget_caches(registry):
    """Between two steps settings may have been written past Odoo."""
    if hasattr(registry, "clear_all_caches"):
        registry.clear_all_caches()
    else:
        registry.clear_caches()


def write_receipt(cr, request, effects):
    cr.execute("SELECT current_setting('drehbuch.step', true)")
    if cr.fetchone()[0] != request["digest"]:
        raise Problem("it ended its transaction with COMMIT or ROLLBACK",
                      "take that out; what it has committed stays, so begin a new run")
    cr.execute("SELECT drehbuch.write_receipt(%s, %s, %s, %s::jsonb)",
               [request["run"], request["step"], request["digest"], json.dumps(effects, default=str)])
    return cr.fetchone()[0]


def run_in_transaction(request, work):
    """Does `work` in a transaction that ends with the step's receipt. Returns the effects."""
    registry = Registry(DATABASE)
    forget_caches(registry)
    cr = registry.cursor()
    fence = Fence(cr)
    effects = {}
    try:
        cr.execute("SELECT set_config('drehbuch.step', %s, true)", [request["digest"]])
        env = make_environment(cr)
        if not hasattr(env, "invalidate_all"):  # up to 15.0 cursors of a thread may share what was read
            env.cache.invalidate()
        work(env, request["spec"], effects)
        if fence.touched:
            fence.refuse()
        flush(env)
        effects = write_receipt(cr, request, effects)
        fence.remove()
        cr.commit()
    except BaseException:
        fence.remove()
        if not cr.closed:
            cr.rollback()
        raise
    finally:
        cr.close()
    try:
        Registry(DATABASE).signal_changes()
    except Exception:  # the step is committed, whatever other servers hear of it
        traceback.print_exc()
    return effects


def describe(error, step):
    """The whole traceback for the log, and what a person has to know of it. A problem needs none: its
    words say all."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith("<%s" % step)]
    lines = []
    if isinstance(error, SyntaxError) and (error.filename or "").startswith("<"):
        lines.append("line %s: %s" % (error.lineno, (error.text or "").strip()))
    elif own:
        lines.append("line %s: %s" % (own[-1].lineno, (own[-1].line or "").strip()))
    if frames and not (own and frames[-1] is own[-1]) and not isinstance(error, (Problem, SyntaxError)):
        lines.append("%s:%s: %s" % (frames[-1].filename, frames[-1].lineno, (frames[-1].line or "").strip()))
    text = str(error) if isinstance(error, Problem) else \
        traceback.format_exception_only(type(error), error)[-1].strip()
    return {
        "message": text,
        "help": getattr(error, "help", None),
        "lines": lines,
        "traceback": "" if isinstance(error, Problem) and not error.__cause__ else "".join(
            traceback.format_exception(type(error), error, error.__traceback__)),
    }


OPERATIONS = {}


def operation(function):
    OPERATIONS[function.__name__] = function
    return function


def answer(request):
    try:
        effects = OPERATIONS[request["op"]](request)
        return {"effects": effects}
    except KeyboardInterrupt:  # drehbuch has asked to stop, and knows why
        os._exit(130)
    except BaseException as error:
        return {"error": describe(error, request["step"])}
