/* The rows that differ, value by value. */
#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "runtime/compare/rows_private.h"
#include "runtime/secret_names.h"

#define VALUE_LIMIT ((size_t)80)  /* bytes of a value that are shown */
#define VALUE_BEFORE ((size_t)20) /* of them before the first difference */
#define ROW_LIMIT ((size_t)200)   /* the same of a whole row */
#define ELLIPSIS "..."
#define PORTION ((size_t)500) /* keys in one query: PostgreSQL nests those of several columns */

/* ---- fetching ---- */

static size_t search_shown(const struct rows_search *search)
{
    size_t most = (size_t)search->content->comparison->options->rows;
    return search->entry_count < most ? search->entry_count : most;
}

/* Literals without a type take the type of the column, so that an index is of use. */
static void write_which(struct buffer *sql, const struct rows_search *search, size_t first)
{
    size_t shown = search_shown(search), end = first + PORTION < shown ? first + PORTION : shown;
    const struct compare_content *content = search->content;
    buffer_append_string(sql, content->key_count > 0 ? " AND (" : " AND ");
    for (size_t i = 0; i < content->key_count; i++)
        buffer_format(sql, "%s%s", i > 0 ? ", " : "",
                      crew_quote_identifier(content->crew, content->key[i]));
    buffer_format(sql, "%s IN (", content->key_count > 0 ? ")" : content->hash);
    for (size_t i = first; i < end; i++) {
        const struct rows_entry *entry = search->entries[i];
        buffer_append_string(sql, i > first ? ", (" : "(");
        for (size_t k = 0; k < content->key_count; k++)
            buffer_format(sql, "%s%s", k > 0 ? ", " : "", crew_quote(content->crew, entry->key[k]));
        if (content->key_count == 0)
            buffer_format(sql, "'%s'", entry->id);
        buffer_append_character(sql, ')');
    }
    buffer_append_character(sql, ')');
}

static struct rows_entry *search_find(const struct rows_search *search, const PGresult *result,
                                      int row)
{
    const struct compare_content *content = search->content;
    int parts = content->key_count > 0 ? (int)content->key_count : 1;
    struct buffer id = {0};
    for (int i = 0; i < parts; i++) {
        buffer_append_string(&id, i > 0 ? "\x1f" : "");
        buffer_append_string(&id, PQgetvalue(result, row, i));
    }
    struct rows_entry *entry = map_get(search->by_id, buffer_string(&id));
    buffer_release(&id);
    return entry;
}

static void search_take_rows(void *context, enum side side, const struct session_answer *answer)
{
    struct rows_search *search = context;
    const struct compare_content *content = search->content;
    struct arena *arena = content->comparison->arena;
    int first = content->key_count > 0 ? (int)content->key_count : 1;
    if (answer->error) {
        content_fail(search->content, answer);
        return;
    }
    for (int row = 0; row < PQntuples(answer->result); row++) {
        struct rows_entry *entry = search_find(search, answer->result, row);
        if (!entry || entry->values[side])
            continue;
        entry->values[side] =
            arena_allocate(arena, (content->column_count + 1) * sizeof(const char *));
        for (size_t i = 0; i < content->column_count; i++)
            if (!PQgetisnull(answer->result, row, first + (int)i))
                entry->values[side][i] =
                    arena_copy(arena, PQgetvalue(answer->result, row, first + (int)i));
    }
}

static void search_ask_rows(struct rows_search *search, size_t first)
{
    struct compare_content *content = search->content;
    for (int side = 0; side < SIDE_COUNT; side++) {
        struct buffer sql = {0};
        buffer_append_string(&sql, "SELECT ");
        for (size_t i = 0; i < content->key_count; i++)
            buffer_format(&sql, "%s%s::text", i > 0 ? ", " : "",
                          crew_quote_identifier(content->crew, content->key[i]));
        if (content->key_count == 0)
            buffer_format(&sql, "(%s)::text", content->hash);
        for (size_t i = 0; i < content->column_count; i++)
            buffer_format(&sql, ", %s::text",
                          crew_quote_identifier(content->crew, content->columns[i]));
        buffer_format(&sql, " %s", content->from[side]);
        write_which(&sql, search, first);
        crew_add(content->crew, (enum side)side, buffer_string(&sql), search_take_rows, search);
        buffer_release(&sql);
    }
}

void rows_fetch(struct rows_search *search)
{
    for (size_t first = 0; first < search_shown(search); first += PORTION)
        search_ask_rows(search, first);
}

/* ---- showing ---- */

static const char *cut(struct arena *arena, const char *text, size_t start, size_t limit)
{
    size_t length = strlen(text);
    start = utf8_cut(text, length, start < length ? start : length);
    size_t shown = utf8_cut(text + start, length - start, limit);
    return arena_format(arena, "%s%.*s%s", start > 0 ? ELLIPSIS : "", (int)shown, text + start,
                        start + shown < length ? ELLIPSIS : "");
}

/* Of long values the part where they begin to differ. */
static void shorten(struct arena *arena, const char *texts[SIDE_COUNT])
{
    const char *x = texts[SIDE_X], *y = texts[SIDE_Y];
    size_t same = 0;
    while (x && y && x[same] && x[same] == y[same])
        same++;
    bool fits = (!x || strlen(x) <= VALUE_LIMIT) && (!y || strlen(y) <= VALUE_LIMIT);
    size_t start = fits || same < VALUE_LIMIT / 2 ? 0 : same - VALUE_BEFORE;
    for (int side = 0; side < SIDE_COUNT; side++)
        if (texts[side])
            texts[side] = cut(arena, texts[side], start, VALUE_LIMIT);
}

static bool is_secret(const struct compare_content *content, const char *const *values,
                      size_t number)
{
    const char *table = content->table->name, *column = content->columns[number];
    if (secret_names_column(table, column) ||
        (values[number] && secret_names_address(values[number])))
        return true;
    if (strcmp(table, "public.ir_config_parameter") != 0 || strcmp(column, "value") != 0)
        return false;
    for (size_t i = 0; i < content->column_count; i++)
        if (strcmp(content->columns[i], "key") == 0)
            return !values[i] || secret_names_parameter(values[i]);
    return true; /* nobody knows what it is the value of */
}

static const char *show_key(struct arena *arena, const struct compare_content *content,
                            const struct rows_entry *entry)
{
    struct buffer text = {0};
    for (size_t i = 0; i < content->key_count; i++) {
        bool secret = secret_names_column(content->table->name, content->key[i]) ||
                      secret_names_address(entry->key[i]);
        buffer_format(&text, "%s%s", i > 0 ? ", " : "", secret ? SECRET_MASK : entry->key[i]);
    }
    const char *shown = content->key_count > 1 ? arena_format(arena, "(%s)", buffer_string(&text))
                                               : arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return shown;
}

static void table_add_value(const struct compare_content *content, struct compare_value value)
{
    struct arena *arena = content->comparison->arena;
    struct compare_table *table = content->table;
    table->values = arena_extend(arena, table->values, table->value_count, sizeof value);
    table->values[table->value_count++] = value;
}

/* "name: Azure, active: t": what a row is that only one has. */
static const char *show_row(struct arena *arena, const struct compare_content *content,
                            const char *const *values, int64_t count)
{
    struct buffer text = {0};
    for (size_t i = 0; values && i < content->column_count && text.length < ROW_LIMIT; i++)
        if (values[i])
            buffer_format(
                &text, "%s%s: %s", text.length > 0 ? ", " : "", content->columns[i],
                is_secret(content, values, i)
                    ? SECRET_MASK
                    : cut(arena, compare_mask(content->comparison, values[i]), 0, VALUE_LIMIT));
    if (content->key_count == 0 && count != 1)
        buffer_format(&text, " (%" PRId64 " times)", count);
    const char *shown = cut(arena, buffer_string(&text), 0, ROW_LIMIT);
    buffer_release(&text);
    return shown;
}

static void show_whole(struct rows_search *search, const struct rows_entry *entry)
{
    const struct compare_content *content = search->content;
    struct arena *arena = content->comparison->arena;
    struct compare_value value = {.key = show_key(arena, content, entry)};
    for (int side = 0; side < SIDE_COUNT; side++)
        if (entry->counts[side] > 0)
            value.texts[side] = show_row(arena, content, entry->values[side], entry->counts[side]);
    table_add_value(content, value);
}

static bool are_equal(const char *x, const char *y)
{
    return x && y ? strcmp(x, y) == 0 : !x && !y;
}

static void show_changes(struct rows_search *search, const struct rows_entry *entry)
{
    const struct compare_content *content = search->content;
    struct arena *arena = content->comparison->arena;
    const char *const *xs = entry->values[SIDE_X], *const *ys = entry->values[SIDE_Y];
    const char *key = show_key(arena, content, entry);
    for (size_t i = 0; xs && ys && i < content->column_count; i++) {
        struct compare_value value = {
            .key = key, .column = content->columns[i], .texts = {xs[i], ys[i]}};
        if (are_equal(xs[i], ys[i]))
            continue;
        bool secret = is_secret(content, xs, i) || is_secret(content, ys, i);
        for (int side = 0; side < SIDE_COUNT && secret; side++)
            value.texts[side] = value.texts[side] ? SECRET_MASK : NULL;
        for (int side = 0; side < SIDE_COUNT; side++)
            value.texts[side] = compare_mask(content->comparison, value.texts[side]);
        shorten(arena, value.texts);
        table_add_value(content, value);
    }
}

void rows_show(struct rows_search *search)
{
    const struct compare_content *content = search->content;
    for (size_t i = 0; i < search_shown(search); i++) {
        const struct rows_entry *entry = search->entries[i];
        if (content->key_count > 0 && entry->counts[SIDE_X] > 0 && entry->counts[SIDE_Y] > 0)
            show_changes(search, entry);
        else
            show_whole(search, entry);
    }
    content->table->shown = search_shown(search);
}
