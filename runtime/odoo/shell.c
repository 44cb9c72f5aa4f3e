#include "runtime/odoo/shell.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"
#include "runtime/odoo/channel.h"
#include "runtime/odoo/installation.h"
#include "runtime/odoo/log.h"
#include "runtime/postgres/strangers.h"
#include "runtime/postgres/work.h"
#include "runtime/process.h"
#include "runtime/steps/kind.h"

#define GRACE 5000     /* milliseconds from SIGTERM to SIGKILL */
#define PIECE 7000     /* bytes of a NOTIFY; PostgreSQL takes up to 7999 */
#define EXIT_ALONE 70  /* the harness's exit code when nobody holds the lock (session.py) */
#define PATIENCE 10000 /* milliseconds that a session has to end by itself */

enum shell_state {
    SHELL_CLOSED,
    SHELL_OPENING, /* the process loads the registry */
    SHELL_IDLE,
    SHELL_BUSY, /* a step's request is with it */
    SHELL_ENDING,
};

struct shell {
    struct run *run;
    enum shell_state state;
    struct arena *arena; /* of the session that is open, or NULL */
    const char *series;
    struct session *line;    /* to the working database: the lock, and NOTIFY */
    struct process *process; /* NULL before it was started and after it has ended */
    bool over;               /* the process has ended, and what is left of it is being ended */
    struct channel *channel;
    const char *listen; /* what the process listens to */
    uv_timer_t *patience;
    bool cancelled;
    const struct error *error; /* why the session cannot go on */

    struct step_run *step; /* which is in it, or NULL */
    struct odoo_log *log;  /* what was logged during that step */
    const char *operation;
    shell_answered *answered;
    const struct value *answer; /* of the step: it came while the session was ending */
    bool waiting;               /* the step waits for the end of a session before its own */

    void (*ended)(void *context);
    void *ended_context;
};

struct shell *shell_create(struct run *run)
{
    struct shell *shell = arena_allocate(run->arena, sizeof *shell);
    shell->run = run;
    return shell;
}

const char *shell_series(const struct shell *shell)
{
    return shell->state == SHELL_CLOSED ? NULL : shell->series;
}

/* ---- answers ---- */

static void shell_log_text(struct step_run *step, const char *text)
{
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        step_log(step, "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* The harness's words, and where: what a person needs; the whole traceback goes to the log. */
static const struct error *shell_read_error(struct step_run *step, const struct value *told)
{
    struct buffer message = {0};
    const char *help = value_get_string(told, "help");
    const struct value *lines = value_get(told, "lines");
    buffer_append_string(&message, value_get_string(told, "message"));
    for (size_t i = 0; i < value_count(lines); i++)
        buffer_format(&message, "\n  %s", value_as_string(value_item(lines, i)));
    shell_log_text(step, value_get_string(told, "traceback"));
    bool whole = step_kind_find(step->step->kind)->nature(step->spec) == NATURE_TRANSACTIONAL;
    const char *stays = whole ? "nothing of this step was committed; the traceback is in its log"
                              : "what Odoo has committed of it stays; the traceback is in its log";
    const struct error *error =
        error_create(step->arena, OUTCOME_FAILED, help ? arena_copy(step->arena, help) : stays,
                     "%s", buffer_string(&message));
    buffer_release(&message);
    return error;
}

/* What was logged does not fail a step that is committed. One that failed is told what is known. */
static void shell_report_log(struct shell *shell, struct step_run *step, const struct error **error,
                             struct value **effects)
{
    odoo_log_end(shell->log);
    const char *help = odoo_log_help(shell->log, step->arena);
    const char *warning = odoo_log_warning(shell->log, step->arena);
    if (*error && help)
        *error = error_create(step->arena, (*error)->outcome, help, "%s", (*error)->message);
    else if (!*error && warning)
        step_warn(step, "%s", warning);
    if (!*effects)
        *effects = value_object(step->arena);
    odoo_log_describe(shell->log, step->arena, *effects);
}

/* Hands the step its answer. The session may be used again, or closed, from inside of it. */
static void shell_reply(struct shell *shell, const struct error *error, const struct value *answer)
{
    struct step_run *step = shell->step;
    const struct value *told = value_get(answer, "error");
    struct value *effects = NULL;
    shell->step = NULL;
    if (told)
        error = shell_read_error(step, told);
    else if (answer)
        effects = value_copy(step->arena, value_get(answer, "effects"));
    shell_report_log(shell, step, &error, &effects);
    shell->answered(step, error, effects);
}

/* ---- the end ---- */

static void shell_timer_closed(uv_handle_t *handle)
{
    memory_release(handle);
}

static void shell_open(struct shell *shell);

static void shell_close(struct shell *shell)
{
    struct arena *arena = shell->arena;
    const struct value *answer = shell->answer;
    const struct error *error = shell->error;
    void (*ended)(void *context) = shell->ended;
    session_close(shell->line);
    if (shell->patience)
        uv_close((uv_handle_t *)shell->patience, shell_timer_closed);
    shell->line = NULL;
    shell->patience = NULL;
    shell->arena = NULL;
    shell->answer = NULL;
    shell->error = NULL;
    shell->over = false;
    shell->ended = NULL;
    shell->state = SHELL_CLOSED;
    if (shell->waiting)
        shell_open(shell);
    else if (shell->step && shell->cancelled && !value_get(answer, "effects"))
        shell_reply(
            shell,
            error_create(shell->step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop"),
            NULL);
    else if (shell->step)
        shell_reply(shell,
                    value_get(answer, "effects")
                        ? NULL
                        : error_wrap(shell->step->arena, error, "Odoo's shell"),
                    value_get(answer, "effects") ? answer : NULL);
    arena_destroy(arena);
    if (ended)
        ended(shell->ended_context);
}

static void shell_strangers_ended(void *context, const struct error *error)
{
    struct shell *shell = context;
    if (error && shell->step)
        step_warn(shell->step, "%s", error->message);
    shell_close(shell);
}

/* Odoo could not load, or was killed: its last words say more than its exit code. */
static const struct error *shell_explain_end(struct shell *shell, int64_t exit_code, int signal)
{
    const char *last = NULL;
    if (shell->step) { /* the log is the step's */
        odoo_log_end(shell->log);
        last = odoo_log_last_error(shell->log, shell->arena);
    }
    return error_create(shell->arena, OUTCOME_FAILED, "see the step's log",
                        "it ended by itself with %s %lld%s%s", signal ? "signal" : "exit code",
                        signal ? (long long)signal : (long long)exit_code,
                        !last || last[0] == '\n' ? "" : ": ", last ? last : "");
}

/* What was killed here may live on behind docker or ssh: without its connections it cannot do
 * anything any more. */
static void shell_process_ended(void *context, const struct error *error, int64_t exit_code,
                                int signal)
{
    struct shell *shell = context;
    bool orderly = !error && exit_code == 0 && signal == 0 && shell->state == SHELL_ENDING;
    shell->process = NULL;
    shell->over = true;
    shell->state = SHELL_ENDING;
    channel_end(shell->channel);
    if (!shell->error && error)
        shell->error = error;
    else if (!shell->error && exit_code == EXIT_ALONE)
        shell->error = error_create(
            shell->arena, OUTCOME_FAILED,
            "let Odoo's configuration name the server and port of the environment's `work`",
            "it does not see drehbuch on its database server: they work on two servers");
    else if (!shell->error)
        shell->error = shell_explain_end(shell, exit_code, signal);
    if (orderly)
        shell_close(shell);
    else
        strangers_end(shell->run, shell_strangers_ended, shell);
}

static void shell_stop(struct shell *shell)
{
    shell->state = SHELL_ENDING;
    if (shell->process)
        process_stop(shell->process, GRACE);
    else if (!shell->over) /* else its end is on the way */
        shell_close(shell);
}

static void shell_fail(struct shell *shell, const struct error *error)
{
    if (!shell->error)
        shell->error = error_wrap(shell->arena, error, "its connection");
    shell_stop(shell);
}

void shell_cancel(struct shell *shell)
{
    shell->cancelled = true;
    shell->waiting = false;
    if (shell->state == SHELL_OPENING || shell->state == SHELL_BUSY)
        shell_stop(shell);
}

/* ---- requests ---- */

static void shell_sent(void *context, const struct session_answer *answer)
{
    struct shell *shell = context;
    if (answer->error)
        shell_fail(shell, answer->error);
}

static void shell_notify(struct shell *shell, const char *piece)
{
    const char *parameters[] = {shell->listen, piece};
    session_query(shell->line, "SELECT pg_notify($1, $2)", 2, parameters, shell_sent, shell);
}

/* In pieces that NOTIFY can carry; the last one has the signature. */
static void shell_send(struct shell *shell, const struct value *request)
{
    struct buffer json = {0}, piece = {0};
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const char *key = channel_key(shell->channel);
    json_write(&json, request, JSON_COMPACT);
    const char *text = channel_encode(shell->arena, json.bytes, json.length);
    size_t left = strlen(text);
    HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)text, left, signature,
         &length);
    for (; left > PIECE; left -= PIECE, text += PIECE) {
        shell_notify(shell, arena_format(shell->arena, "+%.*s", PIECE, text));
    }
    buffer_append_character(&piece, '=');
    for (unsigned i = 0; i < length; i++)
        buffer_format(&piece, "%02x", signature[i]);
    buffer_format(&piece, ":%s", text);
    shell_notify(shell, buffer_string(&piece));
    buffer_release(&json);
    buffer_release(&piece);
}

static void shell_send_step(struct shell *shell)
{
    struct arena *arena = shell->arena;
    const struct step_run *step = shell->step;
    struct value *request = value_object(arena);
    value_set(arena, request, "op", value_string(arena, shell->operation));
    value_set(arena, request, "run", value_string(arena, shell->run->id));
    value_set(arena, request, "step", value_string(arena, step->step->id));
    value_set(arena, request, "digest", value_string(arena, step->step->digest));
    value_set(arena, request, "spec", value_copy(arena, step->step->spec));
    shell->state = SHELL_BUSY;
    shell_send(shell, request);
}

/* ---- what the process says ---- */

static void shell_take_message(void *context, struct value *message, const struct error *error)
{
    struct shell *shell = context;
    const char *lost = value_get_string(message, "lost");
    if (!error && lost)
        error = error_create(shell->arena, OUTCOME_FAILED,
                             "resume the run when the server is there again",
                             "the connection to the working database was lost (%s)", lost);
    if (error) {
        shell_fail(shell, error);
        return;
    }
    if (value_get(message, "ready")) {
        if (shell->state == SHELL_OPENING)
            shell_send_step(shell);
        return;
    }
    if (shell->state == SHELL_BUSY) {
        shell->state = SHELL_IDLE;
        shell_reply(shell, NULL, message);
    } else if (shell->step) {
        shell->answer = message; /* it came too late to be cancelled, or because it was */
    }
}

static void shell_take_log(void *context, const char *line)
{
    struct shell *shell = context;
    if (!shell->step)
        return; /* what it says between two steps is of no interest */
    step_log(shell->step, "odoo: %s", line);
    odoo_log_take(shell->log, line);
}

static void shell_take_line(void *context, int stream, const char *line)
{
    struct shell *shell = context;
    channel_take(shell->channel, stream, line);
}

/* ---- the beginning ---- */

static struct value *shell_settings(const struct shell *shell, int64_t lock)
{
    struct arena *arena = shell->arena;
    const struct run *run = shell->run;
    struct value *settings = value_object(arena), *bindings = value_object(arena);
    struct value *secrets = value_array(arena);
    for (const struct map_entry *entry = map_first(run->environment->bindings); entry;
         entry = map_next(entry)) {
        const char *name = map_entry_key(entry);
        const struct value *declared = value_get(run->plan->bindings, name);
        const char *type = value_get_string(declared, "type");
        value_set(arena, bindings, name, value_string(arena, map_entry_value(entry)));
        if (type && strcmp(type, "secret") == 0)
            value_append(arena, secrets, value_string(arena, name));
    }
    value_set(arena, settings, "database", value_string(arena, run->environment->work.name));
    value_set(arena, settings, "customer", value_string(arena, run->plan->customer));
    value_set(arena, settings, "listen", value_string(arena, shell->listen));
    value_set(arena, settings, "lock", value_integer(arena, lock));
    value_set(arena, settings, "bindings", bindings);
    value_set(arena, settings, "secrets", secrets);
    return settings;
}

static void shell_start_process(struct shell *shell, int64_t lock)
{
    static const char *const more[] = {NULL};
    const struct harness_file files[] = {
        HARNESS_FILE(channel),    HARNESS_FILE(session), HARNESS_FILE(python),
        HARNESS_FILE(records),    HARNESS_FILE(views),   HARNESS_FILE(modules),
        HARNESS_FILE(neutralize), HARNESS_FILE(main),
    };
    const struct run *run = shell->run;
    const struct installation *installation = map_get(run->environment->odoo, shell->series);
    const char *const *arguments = installation_arguments(
        shell->arena, installation,
        (struct installation_call){
            .subcommand = "shell", .database = run->environment->work.name, .more = more});
    const char *script = channel_write_script(shell->channel, shell_settings(shell, lock), files,
                                              sizeof files / sizeof files[0]);
    step_log(shell->step, "starting odoo %s: a shell", shell->series);
    shell->process = process_start(run->loop, shell->arena,
                                   (struct process_options){.arguments = arguments,
                                                            .environment = installation_environment,
                                                            .input = script,
                                                            .line = shell_take_line,
                                                            .ended = shell_process_ended,
                                                            .context = shell});
}

static void shell_locked(void *context, const struct session_answer *answer)
{
    struct shell *shell = context;
    if (answer->error) {
        shell_fail(shell, answer->error);
        return;
    }
    if (shell->cancelled)
        shell_stop(shell);
    else
        shell_start_process(shell, strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10));
}

/* Drawn by the server, and free: else the process would think we are there when we are gone. */
static void shell_line_opened(void *context, const struct error *error)
{
    struct shell *shell = context;
    if (error)
        shell_fail(shell, error);
    else
        session_query(shell->line,
                      "SELECT key FROM (SELECT (random() * 4e18)::bigint AS key "
                      "FROM generate_series(1, 100)) AS drawn WHERE pg_try_advisory_lock(key) "
                      "LIMIT 1",
                      0, NULL, shell_locked, shell);
}

static void shell_line_lost(void *context)
{
    struct shell *shell = context;
    shell_fail(shell, error_create(shell->arena, OUTCOME_FAILED,
                                   "resume the run when the server is there again", "it was lost"));
}

/* The harness writes receipts: their schema is there once the working database was used. */
static void shell_work_ready(void *context, struct session *session, const struct error *error)
{
    struct shell *shell = context;
    (void)session;
    if (shell->state != SHELL_OPENING)
        return; /* it was cancelled meanwhile */
    if (error) {
        shell_fail(shell, error);
        return;
    }
    shell->line =
        session_open(shell->run->loop, run_target(shell->run, &shell->run->environment->work, NULL),
                     shell_line_opened, shell);
    session_on_loss(shell->line, shell_line_lost, shell);
}

static void shell_open(struct shell *shell)
{
    shell->waiting = false;
    shell->arena = arena_create();
    shell->state = SHELL_OPENING;
    shell->cancelled = false;
    const struct error *error = channel_create(shell->arena,
                                               (struct channel_listener){
                                                   .message = shell_take_message,
                                                   .log = shell_take_log,
                                                   .context = shell,
                                               },
                                               &shell->channel);
    if (error) {
        shell_fail(shell, error);
        return;
    }
    const char *key = channel_key(shell->channel);
    shell->listen =
        arena_format(shell->arena, "drehbuch_%.16s", digest_bytes(key, strlen(key)).hex);
    work_use(shell->run->work, shell_work_ready, shell);
}

void shell_call(struct shell *shell, struct step_run *step, const char *series,
                const char *operation, shell_answered *answered)
{
    shell->step = step;
    shell->log = odoo_log_create(step->arena, step->run->environment->known_errors, NULL,
                                 (struct odoo_log_listener){.context = shell});
    shell->operation = operation;
    shell->answered = answered;
    shell->series = series;
    shell->waiting = shell->state == SHELL_ENDING;
    if (shell->state == SHELL_IDLE)
        shell_send_step(shell);
    else if (shell->state == SHELL_CLOSED)
        shell_open(shell);
}

/* ---- ending it ---- */

static void shell_lose_patience(uv_timer_t *timer)
{
    struct shell *shell = timer->data;
    if (shell->process)
        process_stop(shell->process, GRACE);
}

void shell_end(struct shell *shell, void (*ended)(void *context), void *context)
{
    struct value *request = value_object(shell->arena);
    value_set(shell->arena, request, "op", value_string(shell->arena, "end"));
    shell->ended = ended;
    shell->ended_context = context;
    if (shell->state != SHELL_IDLE)
        return; /* it is ending by itself */
    shell->state = SHELL_ENDING;
    shell->patience = memory_allocate(sizeof *shell->patience);
    uv_timer_init(shell->run->loop, shell->patience);
    shell->patience->data = shell;
    uv_timer_start(shell->patience, shell_lose_patience, PATIENCE, 0);
    shell_send(shell, request);
}
