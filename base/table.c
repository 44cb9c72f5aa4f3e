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
    struct table_cell *cells; /* row by row */
    size_t cell_count;
};

struct table *table_create(struct arena *arena, const struct table_column *columns, size_t count)
{
    struct table *table = arena_allocate(arena, sizeof *table);
    *table = (struct table){.arena = arena, .columns = columns, .column_count = count};
    return table;
}

void table_add(struct table *table, const char *const *cells)
{
    for (size_t i = 0; i < table->column_count; i++) {
        table->cells =
            arena_extend(table->arena, table->cells, table->cell_count, sizeof *table->cells);
        table->cells[table->cell_count++] = (struct table_cell){.text = cells[i] ? cells[i] : ""};
    }
}

void table_mean(struct table *table, size_t column, enum terminal_tone tone)
{
    table->cells[table->cell_count - table->column_count + column].tone = tone;
}

size_t table_rows(const struct table *table)
{
    return table->cell_count / table->column_count;
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
    for (size_t i = 0; i < table->cell_count; i++) {
        int width = terminal_text_width(table_flatten(arena, table->cells[i].text));
        if (width > widths[i % table->column_count])
            widths[i % table->column_count] = width;
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

struct table_line {
    struct buffer *output;
    int owed; /* spaces before the next text; those behind the last are never written */
};

static void table_write_cell(struct table_line *line, const char *text, int width,
                             enum table_alignment alignment, const char *paint)
{
    int rest = width - terminal_text_width(text);
    if (alignment == TABLE_RIGHT)
        line->owed += rest;
    if (text[0]) {
        buffer_format(line->output, "%*s%s%s%s", line->owed, "", paint, text,
                      paint[0] ? TERMINAL_PLAIN : "");
        line->owed = 0;
    }
    line->owed += (alignment == TABLE_LEFT ? rest : 0) + 2;
}

void table_write(struct buffer *output, const struct table *table, const struct terminal *terminal)
{
    struct arena *arena = arena_create();
    int *widths = arena_allocate(arena, (table->column_count + 1) * sizeof *widths);
    table_measure(table, arena, widths);
    if (terminal->interactive)
        table_fit(table, widths, terminal->width);
    struct table_line line = {.output = output};
    for (size_t i = 0; i < table->column_count; i++)
        table_write_cell(
            &line, table_cut(arena, table->columns[i].title, widths[i], terminal->utf8), widths[i],
            table->columns[i].alignment, terminal_paint(terminal, TERMINAL_STRONG));
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t column = i % table->column_count;
        if (column == 0) {
            buffer_append_character(output, '\n');
            line.owed = 0;
        }
        const char *text = table_flatten(arena, table->cells[i].text);
        table_write_cell(&line, table_cut(arena, text, widths[column], terminal->utf8),
                         widths[column], table->columns[column].alignment,
                         terminal_paint(terminal, table->cells[i].tone));
    }
    buffer_append_character(output, '\n');
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
    for (size_t i = 0; i < table->cell_count; i++) {
        buffer_append_string(output, i % table->column_count == 0 ? "\n" : ",");
        csv_write_cell(output, table->cells[i].text);
    }
    buffer_append_character(output, '\n');
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
    for (size_t i = 0; i < table->cell_count; i++) {
        if (i % table->column_count == 0)
            buffer_append_string(output, "\n|");
        markdown_write_cell(output, arena, table->cells[i].text);
    }
    buffer_append_character(output, '\n');
    arena_destroy(arena);
}
