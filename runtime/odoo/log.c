#include "runtime/odoo/log.h"

#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "runtime/odoo/log_line.h"
#include "runtime/odoo/traceback.h"

#define RECORD_LIMIT ((size_t)64 * 1024) /* bytes of a record that are looked at in one go */
#define OVERLAP ((size_t)4 * 1024)       /* of them that are looked at again with what follows */
#define MESSAGE_LIMIT ((size_t)400)      /* bytes of a record's message that are kept */

struct odoo_log {
    struct odoo_log_listener listener;
    struct known_seen *seen;
    size_t counts[ODOO_LEVEL_COUNT];
    struct buffer record;  /* the one that is being read, its lines joined */
    enum odoo_level level; /* of it */
    bool has_more;         /* it has further lines, or never had a first */
    struct buffer message; /* of the last ERROR or CRITICAL record */
    bool overtaken;        /* a traceback came after it that is not its own */
    struct traceback traceback;
};

static void log_release(void *object)
{
    struct odoo_log *log = object;
    buffer_release(&log->record);
    buffer_release(&log->message);
    traceback_release(&log->traceback);
}

struct odoo_log *odoo_log_create(struct arena *arena, const struct known_errors *known,
                                 const struct value *modules, struct odoo_log_listener listener)
{
    struct odoo_log *log = arena_allocate(arena, sizeof *log);
    *log = (struct odoo_log){.listener = listener, .level = ODOO_LEVEL_INFO};
    log->seen = known_seen_create(arena, known, KNOWN_IN_ODOO);
    known_seen_name_modules(log->seen, modules);
    arena_on_destroy(arena, log_release, log);
    return log;
}

/* ---- records ---- */

static void log_look(struct odoo_log *log)
{
    bool quiet = log->level < ODOO_LEVEL_WARNING && !log->has_more;
    if (log->record.length > 0)
        (void)known_seen_take(log->seen, log->record.bytes, log->record.length, quiet, NULL);
}

static void log_end_record(struct odoo_log *log)
{
    log_look(log);
    buffer_clear(&log->record);
    traceback_end(&log->traceback);
    log->has_more = false;
}

/* A record without end is looked at in parts, which overlap: what is known may stand at the
 * border. */
static void log_append(struct odoo_log *log, const char *line)
{
    if (log->record.length >= RECORD_LIMIT) {
        log_look(log);
        size_t dropped =
            utf8_cut(log->record.bytes, log->record.length, log->record.length - OVERLAP);
        buffer_consume(&log->record, dropped);
    }
    if (log->record.length > 0)
        buffer_append_character(&log->record, '\n');
    buffer_append_string(&log->record, line);
}

static void log_keep_message(struct odoo_log *log, const char *message)
{
    size_t length = strlen(message);
    while (length > 0 && message[length - 1] == ' ')
        length--;
    size_t kept = utf8_cut(message, length, MESSAGE_LIMIT);
    buffer_clear(&log->message);
    log->overtaken = false;
    buffer_append(&log->message, message, kept);
    if (kept < length)
        buffer_append_string(&log->message, "…");
}

static void log_show_progress(const struct odoo_log *log, const char *message)
{
    struct odoo_loading loading;
    if (!log->listener.progress || !odoo_line_read_loading(message, &loading))
        return;
    struct buffer text = {0};
    buffer_format(&text, "module %u of %u: %.*s", loading.number, loading.total,
                  loading.module_length, loading.module);
    log->listener.progress(log->listener.context, buffer_string(&text));
    buffer_release(&text);
}

static void log_begin_record(struct odoo_log *log, const struct odoo_line *line)
{
    log_end_record(log);
    log->level = line->level;
    log->counts[line->level]++;
    if (line->level >= ODOO_LEVEL_ERROR) {
        traceback_clear(&log->traceback);
        log_keep_message(log, line->message);
    } else {
        log_show_progress(log, line->message);
    }
}

/* A traceback below a warning tells less than an error before it. One that stands below a record of
 * no importance is Python's own last word, and more important than what was logged. */
static void log_take_more(struct odoo_log *log, const char *line)
{
    log->has_more = true;
    if (log->level == ODOO_LEVEL_WARNING && log->message.length > 0)
        return;
    if (traceback_take(&log->traceback, line) && log->level < ODOO_LEVEL_ERROR)
        log->overtaken = true;
}

void odoo_log_take(struct odoo_log *log, const char *line)
{
    struct odoo_line read;
    if (odoo_line_read(line, &read))
        log_begin_record(log, &read);
    else
        log_take_more(log, line);
    log_append(log, line);
}

void odoo_log_end(struct odoo_log *log)
{
    log_end_record(log);
}

/* ---- what it comes to ---- */

size_t odoo_log_count(const struct odoo_log *log, enum odoo_level level)
{
    return log->counts[level];
}

const char *odoo_log_last_error(const struct odoo_log *log, struct arena *arena)
{
    struct buffer text = {0};
    if (!log->overtaken)
        buffer_append_string(&text, buffer_string(&log->message));
    if (traceback_is_known(&log->traceback))
        traceback_write(&log->traceback, &text);
    const char *last = text.length > 0 ? arena_copy(arena, buffer_string(&text)) : NULL;
    buffer_release(&text);
    return last;
}

const char *odoo_log_help(const struct odoo_log *log, struct arena *arena)
{
    return known_seen_help(arena, log->seen);
}

/* "Odoo ...: MESSAGE", with the traceback below. */
static const struct error *log_fail(const struct odoo_log *log, struct arena *arena,
                                    const char *what)
{
    const char *last = odoo_log_last_error(log, arena);
    const char *help = odoo_log_help(log, arena);
    const char *between = !last || last[0] == '\n' ? "" : ": ";
    return error_create(arena, OUTCOME_FAILED,
                        help ? help : "the whole output is in the step's log", "%s%s%s", what,
                        between, last ? last : "");
}

const struct error *odoo_log_judge(const struct odoo_log *log, struct arena *arena,
                                   int64_t exit_code, int signal)
{
    const struct known_sighting *failure = known_seen_failure(log->seen);
    if (signal != 0)
        return log_fail(log, arena, arena_format(arena, "Odoo ended with signal %d", signal));
    if (exit_code != 0)
        return log_fail(
            log, arena,
            arena_format(arena, "Odoo ended with exit code %lld", (long long)exit_code));
    if (log->counts[ODOO_LEVEL_CRITICAL] > 0)
        return log_fail(log, arena, "Odoo ended as if all were well, but logged a critical error");
    if (failure)
        return error_create(arena, OUTCOME_FAILED, odoo_log_help(log, arena),
                            "Odoo ended as if all were well, but its log says otherwise: %s",
                            failure->meaning);
    return NULL;
}

const char *odoo_log_warning(const struct odoo_log *log, struct arena *arena)
{
    size_t errors = log->counts[ODOO_LEVEL_ERROR];
    const char *help = odoo_log_help(log, arena);
    if (errors == 0)
        return NULL;
    return arena_format(arena, "Odoo logged %zu %s, the last one: %s%s%s", errors,
                        errors == 1 ? "error" : "errors", buffer_string(&log->message),
                        help ? "; " : "", help ? help : "");
}

void odoo_log_describe(const struct odoo_log *log, struct arena *arena, struct value *effects)
{
    static const struct {
        const char *name;
        enum odoo_level level;
    } levels[] = {{"warnings", ODOO_LEVEL_WARNING},
                  {"errors", ODOO_LEVEL_ERROR},
                  {"criticals", ODOO_LEVEL_CRITICAL}};
    struct value *counts = value_object(arena);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        value_set(arena, counts, levels[i].name,
                  value_integer(arena, (int64_t)log->counts[levels[i].level]));
    value_set(arena, effects, "log", counts);
    known_seen_describe(arena, log->seen, effects);
}
