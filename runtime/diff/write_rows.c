/* The changed rows of a table, for people. */
#include <string.h>

#include "base/table.h"
#include "runtime/diff/write_private.h"
#include "runtime/report/phrase.h"

#define ROW_WIDTH 200  /* bytes of a whole row, about */
#define VALUE_WIDTH 40 /* columns of one of its values */

static const char *row_key_words(struct writing *writing, const struct value *key)
{
    struct buffer text = {0};
    for (size_t i = 0; i < value_count(key); i++)
        buffer_format(&text, "%s%s %s", i > 0 ? ", " : "", key->as.object.members[i].key,
                      write_value(writing, key->as.object.members[i].value));
    const char *result = arena_copy(writing->arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

/* A whole row in one cell: its values that say something. */
static const char *row_words(struct writing *writing, const struct value *row, const char *side)
{
    const struct value *columns = value_get(row, "columns");
    struct buffer text = {0};
    for (size_t i = 0; i < value_count(columns) && text.length < ROW_WIDTH; i++) {
        const struct value_member *column = &columns->as.object.members[i];
        const struct value *value = value_get(column->value, side);
        if (!value || value->kind == VALUE_NULL || value_get(value_get(row, "key"), column->key))
            continue;
        const char *shown = write_value(writing, value);
        size_t fits = terminal_text_fit(shown, VALUE_WIDTH);
        buffer_format(&text, "%s%s: %.*s%s", text.length > 0 ? ", " : "", column->key, (int)fits,
                      shown, shown[fits] ? "..." : "");
    }
    const char *result = arena_copy(writing->arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

static void write_updated(struct writing *writing, struct table *table, const struct value *row,
                          const char *key)
{
    const struct value *columns = value_get(row, "columns");
    for (size_t i = 0; i < value_count(columns); i++) {
        const struct value_member *column = &columns->as.object.members[i];
        const char *cells[] = {"updated", key, column->key,
                               write_value(writing, value_get(column->value, "old")),
                               write_value(writing, value_get(column->value, "new"))};
        table_add(table, cells);
        table_mean(table, 0, TERMINAL_WARNING);
    }
}

static void write_row(struct writing *writing, struct table *table, const struct value *row)
{
    const char *change = value_get_string(row, "change");
    const char *key = row_key_words(writing, value_get(row, "key"));
    if (strcmp(change, "updated") == 0) {
        write_updated(writing, table, row, key);
        return;
    }
    bool is_new = strcmp(change, "inserted") == 0;
    const char *words = row_words(writing, row, is_new ? "new" : "old");
    const char *cells[] = {change, key, "", is_new ? "" : words, is_new ? words : ""};
    table_add(table, cells);
    table_mean(table, 0, is_new ? TERMINAL_GOOD : TERMINAL_BAD);
}

/* The table is as wide as the terminal without what it is indented by. */
static void write_rows(struct writing *writing, const struct value *rows)
{
    static const struct table_column columns[] = {{"row", TABLE_LEFT, 0},
                                                  {"key", TABLE_LEFT, 6},
                                                  {"column", TABLE_LEFT, 8},
                                                  {"old", TABLE_LEFT, 10},
                                                  {"new", TABLE_LEFT, 10}};
    struct table *table = table_create(writing->arena, columns, 5);
    struct terminal narrower = *writing->terminal;
    struct buffer text = {0};
    for (size_t i = 0; i < value_count(rows); i++)
        write_row(writing, table, value_item(rows, i));
    if (table_rows(table) == 0)
        return;
    narrower.width -= 6;
    table_write(&text, table, &narrower);
    for (const char *line = buffer_string(&text); *line;) {
        size_t length = strcspn(line, "\n");
        buffer_format(writing->output, "      %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    buffer_release(&text);
}

void write_table(struct writing *writing, const struct value *told)
{
    static const char *const counters[] = {"inserted", "updated", "deleted"};
    const char *partition = value_get_string(told, "partition");
    const char *hidden = value_get_string(told, "hidden");
    int64_t unchanged = value_get_integer(told, "unchanged", 0);
    int64_t more = value_get_integer(told, "more", 0);
    const char *before = ": ";
    buffer_format(writing->output, "    %s", value_get_string(told, "table"));
    if (partition)
        buffer_format(writing->output, " (in %s)", partition);
    for (int i = 0; i < 3; i++) {
        int64_t count = value_get_integer(told, counters[i], 0);
        if (count == 0)
            continue;
        buffer_format(writing->output, "%s%lld %s", before, (long long)count, counters[i]);
        before = ", ";
    }
    if (value_get_boolean(told, "indirect", false))
        write_toned(writing, TERMINAL_WARNING, ", by trigger, cascade or function");
    if (unchanged > 0)
        buffer_format(writing->output, ", %lld of them with the same values", (long long)unchanged);
    buffer_append_character(writing->output, '\n');
    write_rows(writing, value_get(told, "rows"));
    if (hidden)
        buffer_format(writing->output, "      rows cannot be shown: %s\n", hidden);
    else if (more > 0)
        buffer_format(writing->output, "      and %lld more; --rows shows more of them\n",
                      (long long)more);
}
