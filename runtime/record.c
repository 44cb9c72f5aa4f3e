#include "runtime/record.h"

#include <string.h>

#include "base/diagnostic.h"
#include "base/json.h"
#include "base/map.h"
#include "base/schema.h"
#include "schemas/embedded.h"

/* The members of a journal entry that a record keeps, under the same names. */
static void record_keep(struct arena *arena, struct value *record, const struct value *entry,
                        const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct value *kept = value_get(entry, names[i]);
        if (kept)
            value_set(arena, record, names[i], kept);
    }
}

#define KEEP(record, entry, ...)                                                                   \
    record_keep(arena, record, entry, (const char *const[]){__VA_ARGS__},                          \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void record_add_step(struct arena *arena, struct value *record, struct map *steps,
                            const struct value *entry)
{
    const char *id = value_get_string(entry, "step");
    const struct value *before = map_get(steps, id);
    struct value *step =
        value_object(arena); /* of an earlier attempt nothing but what it is stays */
    value_set(arena, step, "id", value_string(arena, id));
    KEEP(step, before, "kind", "digest");
    map_set(steps, id, step);
    KEEP(step, entry, "kind", "digest", "result", "milliseconds", "effects", "error", "reason",
         "recovered", "accepted");
    struct value *source = value_get(value_get(entry, "effects"), "source");
    if (source)
        value_set(arena, record, "source", source);
    if (strcmp(value_get_string(entry, "event"), "step-started") == 0)
        value_set(arena, step, "result",
                  value_string(arena, "interrupted")); /* until its end is read */
}

static void record_undo_step(struct arena *arena, struct map *steps, const struct value *entry)
{
    struct value *step = map_get(steps, value_get_string(entry, "step"));
    if (step)
        value_set(arena, step, "undone", value_boolean(arena, true));
}

static void record_take_checkpoint(struct arena *arena, struct value *record,
                                   const struct value *entry)
{
    struct value *checkpoint = value_object(arena);
    KEEP(checkpoint, entry, "step", "from");
    value_set(arena, record, "checkpoint", checkpoint);
}

struct value *record_make(struct arena *arena, const struct value *entries, struct value *drift)
{
    struct value *record = value_object(arena);
    struct map *steps = map_create(arena);
    struct value *warnings = value_array(arena);
    const struct value *end = NULL;
    struct value *put_back = NULL; /* whether what was published was put back; NULL: no need */
    int64_t resumed = 0;
    value_set(arena, record, "format", value_string(arena, RECORD_FORMAT));
    for (size_t i = 0; i < value_count(entries); i++) {
        const struct value *entry = value_item(entries, i);
        const char *event = value_get_string(entry, "event");
        if (strcmp(event, "run-started") == 0) {
            KEEP(record, entry, "run", "program", "plan", "customer", "title", "environment",
                 "mode", "unapproved", "changed_addons", "approval", "rehearsal", "acceptance");
            value_set(arena, record, "started", value_get(entry, "at"));
        } else if (strcmp(event, "run-resumed") == 0) {
            resumed++;
            put_back = NULL;
            end = NULL; /* it goes on */
        } else if (strcmp(event, "run-ended") == 0) {
            end = entry;
        } else if (strcmp(event, "rollback-started") == 0 && !end) {
            put_back = value_boolean(arena, false);
        } else if (strcmp(event, "rollback-ended") == 0 && !end) {
            put_back = value_boolean(arena, true);
        } else if (strcmp(event, "step-undone") == 0) {
            if (!end)
                record_undo_step(arena, steps, entry);
        } else if (strcmp(event, "checkpoint-taken") == 0) {
            record_take_checkpoint(arena, record, entry);
        } else if (strcmp(event, "warning") == 0) {
            value_append(arena, warnings, value_get(entry, "message"));
        } else if (strcmp(event, "step-started") == 0 || strcmp(event, "step-ended") == 0) {
            record_add_step(arena, record, steps, entry);
        }
    }
    if (put_back)
        value_set(arena, record, "put_back", put_back);
    if (end) {
        KEEP(record, end, "result", "outcome", "error", "work");
        value_set(arena, record, "ended", value_get(end, "at"));
    }
    struct value *list = value_array(arena);
    for (const struct map_entry *entry = map_first(steps); entry; entry = map_next(entry))
        value_append(arena, list, map_entry_value(entry));
    value_set(arena, record, "steps", list);
    value_set(arena, record, "resumed", value_integer(arena, resumed));
    value_set(arena, record, "warnings", warnings);
    if (drift)
        value_set(arena, record, "drift", drift);
    return record;
}

static const struct error *record_check(struct arena *arena, const char *path,
                                        const struct value *record)
{
    struct schema *schema;
    const struct error *error =
        schema_read(arena, schema_record, schema_record_end, "record.schema.json", &schema);
    if (error)
        return error;
    struct diagnostics diagnostics = diagnostics_create(arena);
    if (schema_check(schema, record, &diagnostics))
        return NULL;
    return error_create(arena, OUTCOME_INVALID, "name the run.json of a run folder",
                        "%s is no record of a run: %s", path, diagnostics.items[0].message);
}

const struct error *record_load(struct arena *arena, const char *path, struct value **record,
                                struct digest *digest)
{
    struct text text;
    const struct error *error = file_read(arena, path, RECORD_SIZE_LIMIT, &text);
    if (!error)
        error = json_read(arena, text, path, record);
    if (!error)
        error = record_check(arena, path, *record);
    if (!error)
        *digest = digest_bytes(text.bytes, text.length);
    return error;
}

const char *record_objection(const struct value *record)
{
    if (strcmp(value_get_string(record, "mode"), "test") != 0)
        return "it was not a rehearsal but a production run";
    const char *result = value_get_string(record, "result");
    if (!result || strcmp(result, "done") != 0)
        return "it did not end well";
    if (value_get(record, "checkpoint"))
        return "it began from a checkpoint of an earlier one: rehearse it from the start, with "
               "--fresh";
    const struct value *steps = value_get(record, "steps");
    for (size_t i = 0; i < value_count(steps); i++)
        if (value_get(value_item(steps, i), "accepted"))
            return "a step in it was declared as done by hand";
    return NULL;
}

struct record_durations {
    struct map *by_step; /* id to the step's object */
};

struct record_durations *record_durations_create(struct arena *arena, const struct value *record)
{
    struct record_durations *durations = arena_allocate(arena, sizeof *durations);
    durations->by_step = map_create(arena);
    const struct value *steps = value_get(record, "steps");
    for (size_t i = 0; i < value_count(steps); i++) {
        struct value *step = value_item(steps, i);
        map_set(durations->by_step, value_get_string(step, "id"), step);
    }
    return durations;
}

int64_t record_duration(const struct record_durations *durations, const char *step)
{
    return value_get_integer(map_get(durations->by_step, step), "milliseconds", -1);
}
