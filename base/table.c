#include "base/table.h"

#include <string.h>

struct table_cell {
    const char *text;
    enum terminal_tone tone;
};

struct table {
    struct arena *arena;
    const struct table_column *columns;
    size_t column_count;
    struct table_cell **rows; /* each with a cell for every column */
    size_t row_count;
};

struct table *table_create(struct arena *arena, const struct table_column *columns, size_t count)
{
    struct table *table = arena_allocate(arena, sizeof *table);
    *table = (struct table){.arena = arena, .columns = columns, .column_count = count};
    return table;
}

void table_add(struct table *table, const char *const *cells)
{
    struct table_cell *row = arena_allocate(table->arena, (table->column_count + 1) * sizeof *row);
    for (size_t i = 0; i < table->column_count; i++)
        row[i].text = cells[i] ? cells[i] : "";
    table->rows = arena_extend(table->arena, table->rows, table->row_count, sizeof *table->rows);
    table->rows[table->row_count++] = row;
}

void table_mean(struct table *table, size_t column, enum terminal_tone tone)
{
    table->rows[table->row_count - 1][column].tone = tone;
}

size_t table_rows(const struct table *table)
{
    return table->row_count;
}

/* ---- for people ---- */

/* The text on one line. */
static const char *table_flatten(struct arena *arena, const char *text)
{
    if (!strpbrk(text, "\n\r\t"))
        return text;
    char *flat = arena_copy_bytes(arena, text, strlen(text));
    for (char *at = flat; (at = strpbrk(at, "\n\r\t")); at++)
        *at = ' ';
    return flat;
}

static void table_measure(const struct table *table, struct arena *arena, int *widths)
{
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = terminal_text_width(table->columns[i].title);
    for (size_t row = 0; row < table->row_count; row++)
        for (size_t i = 0; i < table->column_count; i++) {
            int width = terminal_text_width(table_flatten(arena, table->rows[row][i].text));
            if (width > widths[i])
                widths[i] = width;
        }
}

/* One column off the widest of those that may be shortened; false where there is none left. */
static bool table_shorten(const struct table *table, int *widths)
{
    size_t widest = table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        bool may = table->columns[i].minimum > 0 && widths[i] > table->columns[i].minimum;
        if (may && (widest == table->column_count || widths[i] > widths[widest]))
            widest = i;
    }
    if (widest == table->column_count)
        return false;
    widths[widest]--;
    return true;
}

static void table_fit(const struct table *table, int *widths, int width)
{
    int sum = 2 * ((int)table->column_count - 1);
    for (size_t i = 0; i < table->column_count; i++)
        sum += widths[i];
    while (sum > width && table_shorten(table, widths))
        sum--;
}

static const char *table_cut(struct arena *arena, const char *text, int width, bool utf8)
{
    const char *sign = utf8 ? "\xE2\x80\xA6" : "...";
    if (terminal_text_width(text) <= width)
        return text;
    size_t kept = terminal_text_fit(text, width - terminal_text_width(sign));
    return arena_format(arena, "%.*s%s", (int)kept, text, sign);
}

/* One line on its way to a terminal. */
struct table_line {
    struct buffer *output;
    const struct table *table;
    const struct terminal *terminal;
    const int *widths;
    int owed; /* spaces before the next text; those behind the last are never written */
};

static void table_write_cell(struct table_line *line, struct arena *arena, size_t column,
                             struct table_cell cell)
{
    int width = line->widths[column];
    const char *text =
        table_cut(arena, table_flatten(arena, cell.text), width, line->terminal->utf8);
    int rest = width - terminal_text_width(text);
    bool right = line->table->columns[column].alignment == TABLE_RIGHT;
    line->owed += right ? rest : 0;
    if (text[0]) {
        buffer_format(line->output, "%*s%s%s%s", line->owed, "",
                      terminal_paint(line->terminal, cell.tone), text,
                      terminal_plain(line->terminal, cell.tone));
        line->owed = 0;
    }
    line->owed += (right ? 0 : rest) + 2;
}

static void table_end_line(struct table_line *line)
{
    buffer_append_character(line->output, '\n');
    line->owed = 0;
}

void table_write(struct buffer *output, const struct table *table, const struct terminal *terminal)
{
    struct arena *arena = arena_create();
    int *widths = arena_allocate(arena, (table->column_count + 1) * sizeof *widths);
    struct table_line line = {
        .output = output, .table = table, .terminal = terminal, .widths = widths};
    table_measure(table, arena, widths);
    if (terminal->interactive)
        table_fit(table, widths, terminal->width);
    for (size_t i = 0; i < table->column_count; i++)
        table_write_cell(
            &line, arena, i,
            (struct table_cell){.text = table->columns[i].title, .tone = TERMINAL_STRONG});
    table_end_line(&line);
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->column_count; i++)
            table_write_cell(&line, arena, i, table->rows[row][i]);
        table_end_line(&line);
    }
    arena_destroy(arena);
}

/* ---- for programs and documents ---- */

static void csv_write_cell(struct buffer *output, const char *text)
{
    if (!strpbrk(text, ",\"\n\r")) {
        buffer_append_string(output, text);
        return;
    }
    buffer_append_character(output, '"');
    for (const char *at = text; *at; at++) {
        if (*at == '"')
            buffer_append_character(output, '"');
        buffer_append_character(output, *at);
    }
    buffer_append_character(output, '"');
}

void table_write_csv(struct buffer *output, const struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        buffer_append_string(output, i > 0 ? "," : "");
        csv_write_cell(output, table->columns[i].title);
    }
    buffer_append_character(output, '\n');
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->column_count; i++) {
            buffer_append_string(output, i > 0 ? "," : "");
            csv_write_cell(output, table->rows[row][i].text);
        }
        buffer_append_character(output, '\n');
    }
}

/* What would end the cell, or be taken for markup. */
static void markdown_write_cell(struct buffer *output, struct arena *arena, const char *text)
{
    buffer_append_character(output, ' ');
    for (const char *at = table_flatten(arena, text); *at; at++) {
        if (strchr("|\\`*_<[", *at))
            buffer_append_character(output, '\\');
        buffer_append_character(output, *at);
    }
    buffer_append_string(output, " |");
}

void table_write_markdown(struct buffer *output, const struct table *table)
{
    struct arena *arena = arena_create();
    buffer_append_character(output, '|');
    for (size_t i = 0; i < table->column_count; i++)
        markdown_write_cell(output, arena, table->columns[i].title);
    buffer_append_string(output, "\n|");
    for (size_t i = 0; i < table->column_count; i++)
        buffer_append_string(output,
                             table->columns[i].alignment == TABLE_RIGHT ? " ---: |" : " --- |");
    for (size_t row = 0; row < table->row_count; row++) {
        buffer_append_string(output, "\n|");
        for (size_t i = 0; i < table->column_count; i++)
            markdown_write_cell(output, arena, table->rows[row][i].text);
    }
    buffer_append_character(output, '\n');
    arena_destroy(arena);
}
