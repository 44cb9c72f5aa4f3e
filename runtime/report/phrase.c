#include "runtime/report/phrase.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/text_line.h"

const char *phrase_duration(struct arena *arena, int64_t milliseconds)
{
    if (milliseconds < 9950)
        return arena_format(arena, "%" PRId64 ".%" PRId64 " s", (milliseconds + 50) / 1000,
                            (milliseconds + 50) / 100 % 10);
    int64_t seconds = (milliseconds + 500) / 1000;
    if (seconds < 60)
        return arena_format(arena, "%" PRId64 " s", seconds);
    if (seconds < 3600)
        return arena_format(arena, "%" PRId64 " min %02" PRId64 " s", seconds / 60, seconds % 60);
    int64_t minutes = (seconds + 30) / 60;
    return arena_format(arena, "%" PRId64 " h %02" PRId64 " min", minutes / 60, minutes % 60);
}

const char *phrase_clock(struct arena *arena, int64_t milliseconds)
{
    int64_t seconds = milliseconds > 0 ? milliseconds / 1000 : 0;
    if (seconds < 3600)
        return arena_format(arena, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    return arena_format(arena, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                        seconds / 60 % 60, seconds % 60);
}

const char *phrase_time_of_day(struct arena *arena, int64_t time, int64_t now)
{
    time_t seconds = (time_t)(time / 1000);
    time_t today = (time_t)(now / 1000);
    struct tm then;
    struct tm current;
    char text[32] = "";
    if (!localtime_r(&seconds, &then) || !localtime_r(&today, &current))
        return "?";
    bool same_day = then.tm_yday == current.tm_yday && then.tm_year == current.tm_year;
    if (strftime(text, sizeof text, same_day ? "%H:%M" : "%Y-%m-%d %H:%M", &then) == 0)
        return "?";
    return arena_copy(arena, text);
}

const char *phrase_forecast(struct arena *arena, struct timeline_forecast forecast, int64_t now)
{
    if (!forecast.known)
        return "";
    return arena_format(arena, "%s %s left, until %s%s", forecast.complete ? "about" : "at least",
                        phrase_duration(arena, (forecast.milliseconds + 999) / 1000 * 1000),
                        phrase_time_of_day(arena, now + forecast.milliseconds, now),
                        forecast.complete ? "" : " or later");
}

const char *phrase_count(struct arena *arena, int64_t count, const char *one, const char *many)
{
    if (count == 1)
        return arena_format(arena, "1 %s", one);
    return many ? arena_format(arena, "%" PRId64 " %s", count, many)
                : arena_format(arena, "%" PRId64 " %ss", count, one);
}

const char *phrase_size(struct arena *arena, int64_t bytes)
{
    static const char *const units[] = {"KB", "MB", "GB", "TB"};
    if (bytes < 1024)
        return phrase_count(arena, bytes, "byte", NULL);
    double size = (double)bytes / 1024;
    size_t unit = 0;
    while (size >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]) {
        size /= 1024;
        unit++;
    }
    return arena_format(arena, "%.1f %s", size, units[unit]);
}

/* A line that grows by parts. */
struct phrase_line {
    struct arena *arena;
    const char *separator;
    const char *text;
};

static void phrase_add(struct phrase_line *line, const char *part)
{
    line->text = line->text[0]
                     ? arena_format(line->arena, "%s%s%s", line->text, line->separator, part)
                     : part;
}

/* "res_partner: 3 updated, 1 deleted". */
static const char *phrase_table(struct arena *arena, const char *name, const struct value *counts)
{
    static const char *const actions[] = {"inserted", "updated", "deleted"};
    if (strncmp(name, "public.", strlen("public.")) == 0)
        name += strlen("public.");
    struct phrase_line line = {.arena = arena, .separator = ", ", .text = ""};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        int64_t count = value_get_integer(counts, actions[i], 0);
        if (count != 0)
            phrase_add(&line, arena_format(arena, "%" PRId64 " %s", count, actions[i]));
    }
    return line.text[0] ? arena_format(arena, "%s: %s", name, line.text) : "";
}

#define PHRASE_TABLES ((size_t)3) /* as many fit in a line; the record has them all */

static void phrase_add_tables(struct phrase_line *line, const struct value *tables)
{
    size_t shown = 0;
    size_t more = 0;
    for (size_t i = 0; i < value_count(tables); i++) {
        const struct value_member *member = &tables->as.object.members[i];
        const char *text = phrase_table(line->arena, member->key, member->value);
        if (!text[0])
            continue;
        if (shown < PHRASE_TABLES)
            phrase_add(line, text);
        else
            more++;
        shown++;
    }
    if (more > 0)
        phrase_add(line, phrase_count(line->arena, (int64_t)more, "more table", NULL));
}

static void phrase_add_changes(struct phrase_line *line, const struct value *effects)
{
    static const struct {
        const char *member;
        const char *one;
        const char *verb;
    } kinds[] = {{"parameters", "parameter", "set"},     {"crons", "scheduled action", "set"},
                 {"mail_servers", "mail server", "set"}, {"config", "option", "set"},
                 {"records", "record", "changed"},       {"views", "view", "changed"},
                 {"modules", "module", "changed"},       {"versions", "module version", "changed"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct value *changes = value_get(effects, kinds[i].member);
        if (!changes)
            continue;
        phrase_add(line, arena_format(line->arena, "%s %s",
                                      phrase_count(line->arena, (int64_t)value_count(changes),
                                                   kinds[i].one, NULL),
                                      kinds[i].verb));
    }
}

/* "20 files, 1 missing": how many there should be, and what is not as it should be. */
static const char *phrase_files(struct arena *arena, const struct value *effects)
{
    static const char *const counts[] = {"missing", "damaged", "extra", "fetched"};
    const char *text = phrase_count(arena, value_get_integer(effects, "files", 0), "file", NULL);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        int64_t count = value_get_integer(effects, counts[i], 0);
        if (count > 0)
            text = arena_format(arena, "%s, %" PRId64 " %s", text, count, counts[i]);
    }
    return text;
}

/* "by stream (source and work are on two servers)"; "restored" and "reused" of dumps. */
static const char *phrase_method(struct arena *arena, const struct value *effects,
                                 const char *method)
{
    const char *reason = value_get_string(effects, "reason");
    if (value_get(effects, "dump"))
        return method;
    return reason ? arena_format(arena, "by %s (%s)", method, reason)
                  : arena_format(arena, "by %s", method);
}

const char *phrase_effects(struct arena *arena, const struct value *effects)
{
    struct phrase_line line = {.arena = arena, .separator = "; ", .text = ""};
    const char *method = value_get_string(effects, "method");
    if (method)
        phrase_add(&line, phrase_method(arena, effects, method));
    if (value_get(effects, "files"))
        phrase_add(&line, phrase_files(arena, effects));
    if (value_get(effects, "bytes"))
        phrase_add(&line, phrase_size(arena, value_get_integer(effects, "bytes", 0)));
    phrase_add_changes(&line, effects);
    phrase_add_tables(&line, value_get(effects, "tables"));
    if (!line.text[0] && value_get(effects, "rows"))
        phrase_add(&line, phrase_count(arena, value_get_integer(effects, "rows", 0), "row", NULL));
    const char *actual = value_get_string(value_get(effects, "check"), "actual");
    if (actual)
        phrase_add(&line, arena_format(arena, "found %s", actual));
    if (value_get(effects, "http"))
        phrase_add(&line, arena_format(arena, "status %" PRId64,
                                       value_get_integer(value_get(effects, "http"), "status", 0)));
    int64_t exit_code = value_get_integer(effects, "exit_code", 0);
    if (exit_code != 0)
        phrase_add(&line, arena_format(arena, "exit code %" PRId64, exit_code));
    return line.text;
}

static const char *phrase_undone(struct arena *arena, const struct value *entry, const char *step)
{
    const char *why = value_get_string(value_get(entry, "error"), "message");
    if (why)
        return arena_format(arena, "NOT taken back %s: %s", step, text_line(arena, why));
    return arena_format(arena, "taken back %s (%s)", step,
                        phrase_duration(arena, value_get_integer(entry, "milliseconds", 0)));
}

const char *phrase_event(struct arena *arena, const struct value *entry)
{
    const char *event = value_get_string(entry, "event");
    const char *step = value_get_string(entry, "step");
    if (!event)
        return NULL;
    if (strcmp(event, "rollback-started") == 0)
        return "putting back what was published";
    if (strcmp(event, "rollback-ended") == 0)
        return "everything that was published is put back";
    if (step && (strcmp(event, "step-undone") == 0 || strcmp(event, "step-not-undone") == 0))
        return phrase_undone(arena, entry, step);
    if (step && strcmp(event, "checkpoint") == 0)
        return arena_format(arena, "kept a checkpoint behind %s (%s, %s)", step,
                            phrase_size(arena, value_get_integer(entry, "bytes", 0)),
                            phrase_duration(arena, value_get_integer(entry, "milliseconds", 0)));
    if (step && strcmp(event, "checkpoint-taken") == 0)
        return arena_format(arena, "beginning behind %s, from the checkpoint of run %s", step,
                            value_get_string(entry, "from"));
    return NULL;
}
