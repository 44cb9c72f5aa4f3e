#include "runtime/compare/report.h"

#include <inttypes.h>
#include <string.h>

#include "base/table.h"
#include "base/text_diff.h"
#include "base/text_line.h"
#include "runtime/compare/catalog.h"
#include "runtime/compare/upgrade.h"
#include "runtime/report/phrase.h"

#define CONTEXT_LINES 3
#define VALUE_MINIMUM 16 /* columns of the terminal that a value keeps */

struct report {
    struct buffer *output;
    struct arena *arena;
    const struct comparison *comparison;
    const struct terminal *terminal;
};

static void report_title(const struct report *report, const char *title)
{
    buffer_format(report->output, "\n%s%s%s\n", terminal_paint(report->terminal, TERMINAL_STRONG),
                  title, terminal_plain(report->terminal, TERMINAL_STRONG));
}

static const char *report_value(const struct report *report,
                                const struct compare_difference *difference, int side)
{
    if (!difference->values[side])
        return "-";
    return difference->secret ? SECRET_MASK : text_line(report->arena, difference->values[side]);
}

static void report_mean(struct table *table, const char *const *values, size_t first)
{
    if (!values[SIDE_X])
        table_mean(table, first + 1, TERMINAL_GOOD);
    else if (!values[SIDE_Y])
        table_mean(table, first, TERMINAL_BAD);
    else
        table_mean(table, first + 1, TERMINAL_WARNING);
}

static void report_section(const struct report *report, const struct compare_result *result)
{
    static const struct table_column columns[] = {{.title = "name", .minimum = VALUE_MINIMUM},
                                                  {.title = "X", .minimum = VALUE_MINIMUM},
                                                  {.title = "Y", .minimum = VALUE_MINIMUM}};
    struct table *table = table_create(report->arena, columns, 3);
    for (size_t i = 0; i < result->count; i++) {
        const struct compare_difference *difference = &result->items[i];
        const char *cells[] = {text_line(report->arena, difference->key),
                               report_value(report, difference, SIDE_X),
                               report_value(report, difference, SIDE_Y)};
        table_add(table, cells);
        report_mean(table, difference->values, 1);
    }
    table_write(report->output, table, report->terminal);
}

/* Long texts: line by line where both have one. */
static void report_texts(const struct report *report, const struct compare_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct compare_difference *difference = &result->items[i];
        const char *x = difference->values[SIDE_X], *y = difference->values[SIDE_Y];
        buffer_format(report->output, "%s%s\n", text_line(report->arena, difference->key),
                      !x                   ? ": only in Y"
                      : !y                 ? ": only in X"
                      : difference->secret ? ": differs, and holds a password"
                                           : "");
        if (x && y && !difference->secret)
            text_diff_write(report->output, x, y, CONTEXT_LINES, "  ", report->terminal);
    }
}

static void report_sections(const struct report *report)
{
    for (size_t i = 0; i < compare_section_count(); i++) {
        const struct compare_result *result = &report->comparison->sections[i];
        if (result->count == 0 || !compare_section_counts(report->comparison, result->section))
            continue;
        report_title(report, arena_format(report->arena, "%s that differ: %zu",
                                          result->section->many, result->count));
        if (result->section->is_text)
            report_texts(report, result);
        else
            report_section(report, result);
    }
}

static const char *report_number(const struct report *report, int64_t number)
{
    return arena_format(report->arena, "%" PRId64, number);
}

static void report_tables(const struct report *report)
{
    static const struct table_column columns[] = {{.title = "table", .minimum = VALUE_MINIMUM},
                                                  {.title = "rows in X", .alignment = TABLE_RIGHT},
                                                  {.title = "rows in Y", .alignment = TABLE_RIGHT},
                                                  {.title = "different", .alignment = TABLE_RIGHT}};
    const struct comparison *comparison = report->comparison;
    struct table *table = table_create(report->arena, columns, 4);
    for (size_t i = 0; i < comparison->table_count; i++) {
        const struct compare_table *item = &comparison->tables[i];
        if (!item->differs)
            continue;
        const char *cells[] = {text_line(report->arena, item->name),
                               report_number(report, item->rows[SIDE_X]),
                               report_number(report, item->rows[SIDE_Y]),
                               arena_format(report->arena, "%s%" PRId64,
                                            item->at_least ? "at least " : "", item->different)};
        table_add(table, cells);
    }
    if (table_rows(table) == 0)
        return;
    report_title(report, "tables whose rows differ");
    table_write(report->output, table, report->terminal);
}

static const char *report_text(const struct report *report, const struct compare_value *value,
                               int side)
{
    const char *missing = value->column ? "NULL" : "-";
    return value->texts[side] ? text_line(report->arena, value->texts[side]) : missing;
}

static void report_rows(const struct report *report, const struct compare_table *item)
{
    static const struct table_column columns[] = {{.title = "key", .minimum = VALUE_MINIMUM},
                                                  {.title = "column", .minimum = VALUE_MINIMUM},
                                                  {.title = "X", .minimum = VALUE_MINIMUM},
                                                  {.title = "Y", .minimum = VALUE_MINIMUM}};
    struct table *table = table_create(report->arena, columns, 4);
    for (size_t i = 0; i < item->value_count; i++) {
        const struct compare_value *value = &item->values[i];
        const char *cells[] = {text_line(report->arena, value->key),
                               value->column ? text_line(report->arena, value->column) : "(row)",
                               report_text(report, value, SIDE_X),
                               report_text(report, value, SIDE_Y)};
        table_add(table, cells);
        report_mean(table, value->texts, 2);
    }
    const char *name = text_line(report->arena, item->name);
    report_title(report,
                 (int64_t)item->shown < item->different
                     ? arena_format(report->arena, "%s: the first %zu of %s%" PRId64 " rows", name,
                                    item->shown, item->at_least ? "at least " : "", item->different)
                     : name);
    table_write(report->output, table, report->terminal);
}

static void report_unread(const struct report *report)
{
    static const struct table_column columns[] = {{.title = "what", .minimum = VALUE_MINIMUM},
                                                  {.title = "why", .minimum = VALUE_MINIMUM}};
    const struct comparison *comparison = report->comparison;
    struct table *table = table_create(report->arena, columns, 2);
    for (size_t i = 0; i < comparison->unread_count; i++) {
        const char *cells[] = {text_line(report->arena, comparison->unread[i].name),
                               text_line(report->arena, comparison->unread[i].why)};
        table_add(table, cells);
    }
    if (comparison->unread_count == 0)
        return;
    report_title(report, "could not be compared");
    table_write(report->output, table, report->terminal);
}

/* What does not count is still worth a line. */
static void report_notes(const struct report *report)
{
    const struct comparison *comparison = report->comparison;
    for (size_t i = 0; i < compare_section_count(); i++) {
        const struct compare_result *result = &comparison->sections[i];
        if (result->count > 0 && !compare_section_counts(comparison, result->section))
            buffer_format(report->output,
                          "%zu %s differ, which does not count (--strict lists them)\n",
                          result->count, result->section->group);
        if (result->compared && result->names_only)
            buffer_format(report->output, "of the %s only the names were compared: %s\n",
                          result->section->many,
                          result->section->of_version
                              ? "PostgreSQL's versions write them in different words"
                              : "--ignore names what they are made of");
    }
    if (comparison->left_out > 0)
        buffer_format(report->output, "%s left out, whose rows differ by nature or by --ignore\n",
                      phrase_count(report->arena, (int64_t)comparison->left_out, "table", NULL));
}

void compare_write(struct buffer *output, const struct comparison *comparison,
                   const struct terminal *terminal)
{
    const struct report report = {.output = output,
                                  .arena = comparison->arena,
                                  .comparison = comparison,
                                  .terminal = terminal};
    bool equal = compare_is_equal(comparison);
    buffer_format(output, "%s%s%s\n",
                  terminal_paint(terminal, equal ? TERMINAL_GOOD : TERMINAL_BAD),
                  compare_summary(comparison), terminal_plain(terminal, TERMINAL_STRONG));
    for (int side = 0; side < SIDE_COUNT; side++)
        buffer_format(output, "%s  %s\n", side == SIDE_X ? "X" : "Y",
                      text_line(report.arena, comparison->options->places[side].label));
    if (comparison->upgrade) {
        report_unread(&report);
        upgrade_write(output, comparison, terminal);
        return;
    }
    report_notes(&report);
    report_unread(&report);
    report_sections(&report);
    report_tables(&report);
    for (size_t i = 0; i < comparison->table_count; i++)
        if (comparison->tables[i].value_count > 0)
            report_rows(&report, &comparison->tables[i]);
}
