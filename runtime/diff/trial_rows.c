/* The changed rows of a step that was tried: runtime/diff/trial.h. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "runtime/diff/trial.h"
#include "runtime/secret_names.h"

#define CHUNK 1000

/* Rows that a lock alone has marked are passed over, but not for ever. */
#define CANDIDATES(rows) ((rows)*100 + 20000)

struct image {
    const char *ctid;
    const char *key; /* a JSON list; NULL: the table has no key */
    struct value *row;
    bool matched;
};

struct images {
    struct image *items;
    size_t count;
};

struct reading {
    struct attempt *attempt;
    const struct trial_table *table;
    struct arena *arena;
    struct images old; /* of rows that are not there any more as they were */
    bool whole;        /* `old` has all of them */
    int64_t unchanged; /* written, but with the same values */
    struct value *rows;
};

static const struct error *images_add(struct arena *arena, struct images *images,
                                      const PGresult *result, int row)
{
    struct value *object = NULL;
    const char *json = PQgetisnull(result, row, 2) ? "{}" : PQgetvalue(result, row, 2);
    const struct error *error =
        json_read(arena, (struct text){.bytes = json, .length = strlen(json)}, "a row", &object);
    if (error)
        return error;
    images->items = arena_extend(arena, images->items, images->count, sizeof *images->items);
    images->items[images->count++] = (struct image){.ctid = dialogue_text(arena, result, row, 0),
                                                    .key = dialogue_text(arena, result, row, 1),
                                                    .row = object};
    return NULL;
}

/* An array of texts as PostgreSQL reads it. */
static const char *array_write(struct arena *arena, const struct images *images, bool keys)
{
    struct buffer text = {0};
    buffer_append_character(&text, '{');
    for (size_t i = 0; i < images->count; i++) {
        const char *item = keys ? images->items[i].key : images->items[i].ctid;
        buffer_append_string(&text, i > 0 ? ",\"" : "\"");
        for (const char *byte = item ? item : ""; *byte; byte++) {
            if (*byte == '"' || *byte == '\\')
                buffer_append_character(&text, '\\');
            buffer_append_character(&text, *byte);
        }
        buffer_append_character(&text, '"');
    }
    buffer_append_character(&text, '}');
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

/* ---- old rows ---- */

/* Those that can still be seen where they were, were only locked, or written by others. */
static const struct error *reading_drop_untouched(struct reading *reading, struct images *found)
{
    struct trial *trial = reading->attempt->trial;
    const char *places = array_write(reading->arena, found, false);
    const PGresult *result;
    const struct error *error =
        dialogue_ask(trial->dialogue,
                     arena_format(reading->arena,
                                  "SELECT t.ctid FROM ONLY %s AS t WHERE t.ctid = ANY "
                                  "($1::text[]::tid[])",
                                  reading->table->quoted),
                     1, &places, &result);
    if (error)
        return error;
    struct map *there = map_create(reading->arena);
    for (int row = 0; row < PQntuples(result); row++)
        map_set(there, dialogue_text(reading->arena, result, row, 0), found);
    for (size_t i = 0; i < found->count; i++) {
        if (map_get(there, found->items[i].ctid))
            continue;
        reading->old.items = arena_extend(reading->arena, reading->old.items, reading->old.count,
                                          sizeof *reading->old.items);
        reading->old.items[reading->old.count++] = found->items[i];
    }
    return NULL;
}

static const struct error *reading_fetch(struct reading *reading, int *fetched)
{
    struct trial *trial = reading->attempt->trial;
    struct images found = {0};
    const PGresult *result;
    const struct error *error =
        dialogue_execute(trial->dialogue,
                         arena_format(reading->arena, "FETCH FORWARD %d FROM drehbuch_%s", CHUNK,
                                      reading->table->oid),
                         &result);
    if (error)
        return error;
    *fetched = PQntuples(result);
    for (int row = 0; row < PQntuples(result) && !error; row++)
        error = images_add(reading->arena, &found, result, row);
    return error || found.count == 0 ? error : reading_drop_untouched(reading, &found);
}

static const struct error *reading_read_old(struct reading *reading)
{
    struct trial *trial = reading->attempt->trial;
    int64_t seen = 0;
    const struct error *error = NULL;
    while (!error && !reading->whole && seen < CANDIDATES(trial->rows) &&
           (int64_t)reading->old.count < trial->rows) {
        int fetched = 0;
        error = reading_fetch(reading, &fetched);
        seen += fetched;
        reading->whole = fetched < CHUNK;
    }
    return error;
}

/* ---- new rows ---- */

/* Those that this step has written: with the keys of the old ones, or with others. */
static const struct error *reading_read_new(struct reading *reading, bool same_keys,
                                            struct images *images)
{
    struct trial *trial = reading->attempt->trial;
    const struct trial_table *table = reading->table;
    const char *parameters[] = {array_write(reading->arena, &reading->old, true)};
    const char *condition = "$1::text[] IS NOT NULL";
    const PGresult *result;
    if (table->key_names)
        condition = arena_format(reading->arena, "%s %s ($1::text[])", table->key_names,
                                 same_keys ? "= ANY" : "<> ALL");
    const struct error *error =
        dialogue_ask(trial->dialogue,
                     arena_format(reading->arena,
                                  "%s WHERE age(t.xmin) <= age('%s'::xid) AND %s ORDER BY %s "
                                  "LIMIT %lld",
                                  trial_select(reading->arena, table), reading->attempt->xid,
                                  condition, table->order ? table->order : "t.ctid",
                                  (long long)trial->rows + (long long)reading->old.count),
                     1, parameters, &result);
    if (error)
        return error;
    for (int row = 0; row < PQntuples(result) && !error; row++)
        error = images_add(reading->arena, images, result, row);
    return error;
}

/* ---- what is told of a row ---- */

/* Of a parameter, whether its value is secret depends on its key; `row` has that. */
static bool value_is_secret(const struct reading *reading, const struct value *row,
                            const char *column)
{
    const char *key = value_get_string(row, "key"), *value = value_get_string(row, column);
    if (secret_names_column(reading->table->name, column) || (value && secret_names_address(value)))
        return true;
    return strcmp(column, "value") == 0 && key && secret_names_parameter(key);
}

static struct value *column_show(const struct reading *reading, const struct value *row,
                                 const char *column)
{
    struct value *value = value_get(row, column);
    if (!value || value->kind == VALUE_NULL)
        return value_null(reading->arena);
    return value_is_secret(reading, row, column) ? value_string(reading->arena, SECRET_MASK)
                                                 : value;
}

static struct value *row_key(const struct reading *reading, const struct value *row)
{
    struct value *key = value_object(reading->arena);
    for (size_t i = 0; i < value_count(reading->table->keys); i++) {
        const char *name = value_as_string(value_item(reading->table->keys, i));
        value_set(reading->arena, key, name, column_show(reading, row, name));
    }
    return key;
}

static void row_add_column(const struct reading *reading, struct value *columns, const char *name,
                           const struct value *old, const struct value *new)
{
    struct value *change = value_object(reading->arena);
    if (value_get(old, name))
        value_set(reading->arena, change, "old", column_show(reading, old, name));
    if (value_get(new, name))
        value_set(reading->arena, change, "new", column_show(reading, new, name));
    value_set(reading->arena, columns, name, change);
}

static void row_tell(struct reading *reading, const char *change, const struct value *old,
                     const struct value *new)
{
    struct arena *arena = reading->arena;
    struct value *columns = value_object(arena), *row = value_object(arena);
    const struct value *named = new ? new : old;
    for (size_t i = 0; named && i < value_count(named); i++) {
        const char *name = named->as.object.members[i].key;
        const struct value *before = value_get(old, name), *after = value_get(new, name);
        if (!before || !after || !value_equal(before, after))
            row_add_column(reading, columns, name, old, new);
    }
    if (old && new &&value_count(columns) == 0) {
        reading->unchanged++;
        return;
    }
    value_set(arena, row, "change", value_string(arena, change));
    value_set(arena, row, "key", row_key(reading, named));
    value_set(arena, row, "columns", columns);
    value_append(arena, reading->rows, row);
}

static struct image *images_find(struct map *map, const char *key)
{
    return key ? map_get(map, key) : NULL;
}

static void reading_match(struct reading *reading, struct images *new)
{
    struct map *by_key = map_create(reading->arena);
    for (size_t i = 0; i < new->count; i++)
        if (new->items[i].key)
            map_set(by_key, new->items[i].key, &new->items[i]);
    for (size_t i = 0; i < reading->old.count; i++) {
        const struct image *old = &reading->old.items[i];
        const struct image *after = images_find(by_key, old->key);
        row_tell(reading, after ? "updated" : "deleted", old->row, after ? after->row : NULL);
    }
}

static const struct error *reading_read(struct reading *reading)
{
    struct attempt *attempt = reading->attempt;
    const struct trial_table *table = reading->table;
    int64_t rows = attempt->trial->rows;
    struct images new = {0}, more = {0};
    const struct error *error = NULL;
    reading->whole = true;
    if (map_get(attempt->cursors, table->oid) &&
        attempt_count(attempt, table->oid, 1) + attempt_count(attempt, table->oid, 2) > 0) {
        reading->whole = false;
        error = reading_read_old(reading);
    }
    if (!error && reading->old.count > 0 && table->key_names)
        error = reading_read_new(reading, true, &new);
    if (error)
        return error;
    reading_match(reading, &new);
    int64_t written = attempt_count(attempt, table->oid, 0) + attempt_count(attempt, table->oid, 1);
    if (!reading->whole || written == 0 || (int64_t)value_count(reading->rows) >= rows)
        return NULL;
    error = reading_read_new(reading, false, &more);
    for (size_t i = 0; i < more.count && !error; i++)
        row_tell(reading, "inserted", NULL, more.items[i].row);
    return error;
}

/* A table that takes too long to read, or has a row that cannot be shown, is no reason not to tell
 * the rest. */
static const struct error *reading_try(struct reading *reading, const char **hidden)
{
    struct trial *trial = reading->attempt->trial;
    const struct error *error = dialogue_execute(trial->dialogue, "SAVEPOINT drehbuch_look", NULL);
    if (error)
        return error;
    error = reading_read(reading);
    if (error && !trial_can_go_on(trial))
        return error;
    if (error) {
        *hidden = arena_format(reading->arena, "reading them failed: %s", error->message);
        reading->rows = value_array(reading->arena);
        reading->unchanged = 0;
    }
    return dialogue_execute(trial->dialogue,
                            error ? "ROLLBACK TO SAVEPOINT drehbuch_look; RELEASE drehbuch_look"
                                  : "RELEASE SAVEPOINT drehbuch_look",
                            NULL);
}

/* ---- what is told of a table ---- */

static struct value *reading_tell(struct reading *reading, bool shown)
{
    static const char *const members[] = {"inserted", "updated", "deleted"};
    struct attempt *attempt = reading->attempt;
    struct arena *arena = reading->arena;
    const struct trial_table *table = reading->table;
    struct value *told = value_object(arena), *rows = value_array(arena);
    int64_t sum = 0;
    value_set(arena, told, "table", value_string(arena, table->root));
    if (strcmp(table->root, table->name) != 0)
        value_set(arena, told, "partition", value_string(arena, table->name));
    for (int which = 0; which < 3; which++) {
        int64_t count = attempt_count(attempt, table->oid, which);
        sum += count;
        value_set(arena, told, members[which], value_integer(arena, count));
    }
    for (size_t i = 0; i < value_count(reading->rows) && (int64_t)i < attempt->trial->rows; i++)
        value_append(arena, rows, value_item(reading->rows, i));
    value_set(arena, told, "rows", rows);
    if (reading->unchanged > 0)
        value_set(arena, told, "unchanged", value_integer(arena, reading->unchanged));
    bool complete = shown && reading->whole && value_count(rows) == value_count(reading->rows) &&
                    (int64_t)value_count(rows) < attempt->trial->rows;
    if (!complete && sum > (int64_t)value_count(rows) + reading->unchanged)
        value_set(arena, told, "more",
                  value_integer(arena, sum - (int64_t)value_count(rows) - reading->unchanged));
    return told;
}

/* Why the rows of a table cannot be shown, or NULL. */
static const char *attempt_hides(const struct attempt *attempt, const struct trial_table *table)
{
    bool is_new = !value_get(attempt->trial->catalogue,
                             arena_format(attempt->trial->arena, "r%s", table->oid));
    bool before = attempt_count(attempt, table->oid, 1) + attempt_count(attempt, table->oid, 2) > 0;
    if (!before || is_new || map_get(attempt->cursors, table->oid))
        return NULL;
    return attempt_is_locked(attempt, table->oid)
               ? "the step also alters this table, so its rows as they were cannot be read"
               : "the step writes other tables each time it is tried";
}

static const struct error *attempt_read_table(struct attempt *attempt,
                                              const struct trial_table *table, struct value *tables)
{
    struct arena *arena = attempt->trial->arena;
    struct reading reading = {
        .attempt = attempt, .table = table, .arena = arena, .rows = value_array(arena)};
    const char *hidden = attempt_hides(attempt, table);
    const struct error *error = hidden ? NULL : reading_try(&reading, &hidden);
    if (error)
        return error;
    struct value *told = reading_tell(&reading, !hidden);
    if (hidden)
        value_set(arena, told, "hidden", value_string(arena, hidden));
    if (value_get(attempt->step->spec, "sql") && !trial_names(attempt->step, table))
        value_set(arena, told, "indirect", value_boolean(arena, true));
    value_append(arena, tables, told);
    return NULL;
}

const struct error *attempt_read_rows(struct attempt *attempt, struct value **tables)
{
    struct trial *trial = attempt->trial;
    const struct error *error = NULL;
    *tables = value_array(trial->arena);
    if (attempt->catalogue)
        error = trial_read_tables(trial);
    const struct map_entry *entry = map_first(trial->tables);
    for (; entry && !error; entry = map_next(entry)) {
        const struct trial_table *table = map_entry_value(entry);
        if (attempt_count(attempt, table->oid, 0) + attempt_count(attempt, table->oid, 1) +
                attempt_count(attempt, table->oid, 2) >
            0)
            error = attempt_read_table(attempt, table, *tables);
    }
    return error;
}
