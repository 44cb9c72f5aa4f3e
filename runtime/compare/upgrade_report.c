#include <inttypes.h>
#include <string.h>

#include "base/table.h"
#include "base/text_line.h"
#include "runtime/compare/report.h"
#include "runtime/compare/upgrade.h"
#include "runtime/report/phrase.h"

#define NAME_MINIMUM 16

static const char *const fates[UPGRADE_FATES] = {[UPGRADE_VANISHED] = "vanished",
                                                 [UPGRADE_EMPTIED] = "emptied",
                                                 [UPGRADE_RENAMED] = "renamed",
                                                 [UPGRADE_CAME] = "new",
                                                 [UPGRADE_KEPT] = "kept"};
static const enum terminal_tone tones[UPGRADE_FATES] = {[UPGRADE_VANISHED] = TERMINAL_BAD,
                                                        [UPGRADE_EMPTIED] = TERMINAL_BAD,
                                                        [UPGRADE_RENAMED] = TERMINAL_WARNING,
                                                        [UPGRADE_CAME] = TERMINAL_GOOD,
                                                        [UPGRADE_KEPT] = TERMINAL_NEUTRAL};

struct counts {
    size_t tables[UPGRADE_FATES];
    size_t vanished, emptied; /* those that are lost */
    size_t grown, shrunk;     /* of both */
};

/* One that was emptied was kept or renamed all the same. */
static enum upgrade_fate counted_fate(const struct upgrade_table *table)
{
    const char *x = table->names[SIDE_X], *y = table->names[SIDE_Y];
    if (table->fate != UPGRADE_EMPTIED)
        return table->fate;
    return x && y && strcmp(x, y) == 0 ? UPGRADE_KEPT : UPGRADE_RENAMED;
}

static struct counts count_tables(const struct compare_upgrade *upgrade)
{
    struct counts counts = {0};
    for (size_t i = 0; i < upgrade->table_count; i++) {
        const struct upgrade_table *table = &upgrade->tables[i];
        bool both = table->names[SIDE_X] && table->names[SIDE_Y];
        bool counted = both && table->rows[SIDE_X] >= 0 && table->rows[SIDE_Y] >= 0;
        counts.tables[counted_fate(table)]++;
        counts.grown += counted && table->rows[SIDE_Y] > table->rows[SIDE_X];
        counts.shrunk += counted && table->rows[SIDE_Y] < table->rows[SIDE_X];
        counts.vanished += upgrade_is_lost(table) && !both;
        counts.emptied += upgrade_is_lost(table) && both;
    }
    return counts;
}

const char *upgrade_summary(const struct comparison *comparison)
{
    struct arena *arena = comparison->arena;
    struct counts counts = count_tables(comparison->upgrade);
    const char *vanished =
        arena_format(arena, "%s with rows vanished",
                     phrase_count(arena, (int64_t)counts.vanished, "table", NULL));
    const char *emptied = arena_format(arena, "%s lost all rows",
                                       phrase_count(arena, (int64_t)counts.emptied, "table", NULL));
    bool unread = comparison->unread_count > 0;
    const char *text = unread ? "incomplete: some could not be read"
                              : "complete: no table that had rows has vanished or lost all of them";
    if (counts.vanished > 0 && counts.emptied > 0)
        text = arena_format(arena, "incomplete: %s, %s", vanished, emptied);
    else if (counts.vanished + counts.emptied > 0)
        text = arena_format(arena, "incomplete: %s", counts.vanished > 0 ? vanished : emptied);
    if (comparison->unread_count > 0)
        text = arena_format(arena, "%s, %s could not be read", text,
                            phrase_count(arena, (int64_t)comparison->unread_count, "table", NULL));
    return arena_format(arena,
                        "%s; tables: %zu kept, %zu renamed, %zu vanished, %zu new; %zu have more "
                        "rows, %zu fewer",
                        text, counts.tables[UPGRADE_KEPT], counts.tables[UPGRADE_RENAMED],
                        counts.tables[UPGRADE_VANISHED], counts.tables[UPGRADE_CAME], counts.grown,
                        counts.shrunk);
}

static void write_title(struct buffer *output, const struct terminal *terminal, const char *title)
{
    buffer_format(output, "\n%s%s%s\n", terminal_paint(terminal, TERMINAL_STRONG), title,
                  terminal_plain(terminal, TERMINAL_STRONG));
}

static const char *write_rows(struct arena *arena, const struct upgrade_table *table, int side)
{
    if (!table->names[side])
        return "-";
    return table->rows[side] < 0 ? "?" : arena_format(arena, "%" PRId64, table->rows[side]);
}

static const char *write_difference(struct arena *arena, const struct upgrade_table *table)
{
    int64_t more = table->rows[SIDE_Y] - table->rows[SIDE_X];
    bool known = table->rows[SIDE_X] >= 0 && table->rows[SIDE_Y] >= 0;
    return known && more != 0 ? arena_format(arena, "%+" PRId64, more) : "";
}

/* "a", or "a -> b" */
static const char *write_names(struct arena *arena, const char *const names[SIDE_COUNT])
{
    const char *x = names[SIDE_X], *y = names[SIDE_Y];
    if (x && y && strcmp(x, y) != 0)
        return text_line(arena, arena_format(arena, "%s -> %s", x, y));
    return text_line(arena, x ? x : y);
}

/* What was kept with as many rows has nothing to tell. */
static void write_tables(struct buffer *output, const struct comparison *comparison,
                         const struct terminal *terminal)
{
    static const struct table_column columns[] = {
        {.title = "table", .minimum = NAME_MINIMUM},
        {.title = ""},
        {.title = "rows in X", .alignment = TABLE_RIGHT},
        {.title = "rows in Y", .alignment = TABLE_RIGHT},
        {.title = "difference", .alignment = TABLE_RIGHT}};
    struct arena *arena = comparison->arena;
    struct table *table = table_create(arena, columns, 5);
    for (size_t i = 0; i < comparison->upgrade->table_count; i++) {
        const struct upgrade_table *item = &comparison->upgrade->tables[i];
        if (item->fate == UPGRADE_KEPT && item->rows[SIDE_X] == item->rows[SIDE_Y])
            continue;
        const char *fate = item->transient ? arena_format(arena, "%s, transient", fates[item->fate])
                                           : fates[item->fate];
        const char *cells[] = {write_names(arena, item->names), fate,
                               write_rows(arena, item, SIDE_X), write_rows(arena, item, SIDE_Y),
                               write_difference(arena, item)};
        table_add(table, cells);
        table_mean(table, 1, item->transient ? TERMINAL_NEUTRAL : tones[item->fate]);
    }
    if (table_rows(table) == 0)
        return;
    write_title(output, terminal, "tables");
    table_write(output, table, terminal);
}

static void write_columns(struct buffer *output, const struct comparison *comparison,
                          const struct terminal *terminal)
{
    static const struct table_column columns[] = {
        {.title = "table", .minimum = NAME_MINIMUM},
        {.title = "column", .minimum = NAME_MINIMUM},
        {.title = ""},
        {.title = "values lost", .alignment = TABLE_RIGHT}};
    struct arena *arena = comparison->arena;
    struct table *table = table_create(arena, columns, 4);
    for (size_t i = 0; i < comparison->upgrade->column_count; i++) {
        const struct upgrade_column *item = &comparison->upgrade->columns[i];
        const char *cells[] = {
            text_line(arena, item->table), write_names(arena, item->names), fates[item->fate],
            item->values > 0 ? arena_format(arena, "%" PRId64, item->values) : ""};
        table_add(table, cells);
        table_mean(table, 2, tones[item->fate]);
    }
    if (table_rows(table) == 0)
        return;
    write_title(output, terminal, "columns");
    table_write(output, table, terminal);
}

static void write_modules(struct buffer *output, const struct comparison *comparison,
                          const struct terminal *terminal)
{
    static const struct table_column columns[] = {
        {.title = "module", .minimum = NAME_MINIMUM}, {.title = "X"}, {.title = "Y"}};
    struct table *table = table_create(comparison->arena, columns, 3);
    for (size_t i = 0; i < comparison->upgrade->module_count; i++) {
        const struct upgrade_module *item = &comparison->upgrade->modules[i];
        const char *cells[] = {item->name, item->versions[SIDE_X] ? item->versions[SIDE_X] : "-",
                               item->versions[SIDE_Y] ? item->versions[SIDE_Y] : "-"};
        table_add(table, cells);
        table_mean(table, 2,
                   !item->versions[SIDE_X]   ? TERMINAL_GOOD
                   : !item->versions[SIDE_Y] ? TERMINAL_BAD
                                             : TERMINAL_WARNING);
    }
    if (table_rows(table) == 0)
        return;
    write_title(output, terminal, "modules");
    table_write(output, table, terminal);
}

void upgrade_write(struct buffer *output, const struct comparison *comparison,
                   const struct terminal *terminal)
{
    write_tables(output, comparison, terminal);
    write_columns(output, comparison, terminal);
    write_modules(output, comparison, terminal);
}

/* ---- JSON ---- */

static struct value *json_text(struct arena *arena, const char *text)
{
    return text ? value_string(arena, text) : value_null(arena);
}

static struct value *json_number(struct arena *arena, bool known, int64_t number)
{
    return known ? value_integer(arena, number) : value_null(arena);
}

static struct value *json_tables(struct arena *arena, const struct compare_upgrade *upgrade)
{
    struct value *list = value_array(arena);
    for (size_t i = 0; i < upgrade->table_count; i++) {
        const struct upgrade_table *table = &upgrade->tables[i];
        struct value *item = value_object(arena);
        value_set(arena, item, "x", json_text(arena, table->names[SIDE_X]));
        value_set(arena, item, "y", json_text(arena, table->names[SIDE_Y]));
        value_set(arena, item, "fate", value_string(arena, fates[table->fate]));
        value_set(arena, item, "transient", value_boolean(arena, table->transient));
        value_set(arena, item, "rows_x",
                  json_number(arena, table->names[SIDE_X] && table->rows[SIDE_X] >= 0,
                              table->rows[SIDE_X]));
        value_set(arena, item, "rows_y",
                  json_number(arena, table->names[SIDE_Y] && table->rows[SIDE_Y] >= 0,
                              table->rows[SIDE_Y]));
        value_append(arena, list, item);
    }
    return list;
}

static struct value *json_columns(struct arena *arena, const struct compare_upgrade *upgrade)
{
    struct value *list = value_array(arena);
    for (size_t i = 0; i < upgrade->column_count; i++) {
        const struct upgrade_column *column = &upgrade->columns[i];
        struct value *item = value_object(arena);
        value_set(arena, item, "table", value_string(arena, column->table));
        value_set(arena, item, "x", json_text(arena, column->names[SIDE_X]));
        value_set(arena, item, "y", json_text(arena, column->names[SIDE_Y]));
        value_set(arena, item, "fate", value_string(arena, fates[column->fate]));
        value_set(arena, item, "values_lost",
                  json_number(arena, column->values >= 0, column->values));
        value_append(arena, list, item);
    }
    return list;
}

static struct value *json_modules(struct arena *arena, const struct compare_upgrade *upgrade)
{
    struct value *list = value_array(arena);
    for (size_t i = 0; i < upgrade->module_count; i++) {
        struct value *item = value_object(arena);
        value_set(arena, item, "module", value_string(arena, upgrade->modules[i].name));
        value_set(arena, item, "x", json_text(arena, upgrade->modules[i].versions[SIDE_X]));
        value_set(arena, item, "y", json_text(arena, upgrade->modules[i].versions[SIDE_Y]));
        value_append(arena, list, item);
    }
    return list;
}

struct value *upgrade_value(struct arena *arena, const struct comparison *comparison)
{
    const struct compare_upgrade *upgrade = comparison->upgrade;
    struct value *item = value_object(arena);
    value_set(arena, item, "tables", json_tables(arena, upgrade));
    value_set(arena, item, "columns", json_columns(arena, upgrade));
    value_set(arena, item, "columns_kept", value_integer(arena, (int64_t)upgrade->columns_kept));
    value_set(arena, item, "modules", json_modules(arena, upgrade));
    value_set(arena, item, "modules_kept", value_integer(arena, (int64_t)upgrade->modules_kept));
    return item;
}
