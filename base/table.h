/* Tables: aligned for people, as CSV for spreadsheets, as Markdown for documents. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/terminal.h"

enum table_alignment { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
    const char *title;
    enum table_alignment alignment;
    int minimum; /* columns of the terminal that it keeps where the terminal is too narrow for all
                    of it; 0: it is never shortened */
};

struct table;

/* `columns` and all texts given later have to live as long as the table, which lives in `arena`. */
struct table *table_create(struct arena *arena, const struct table_column *columns, size_t count);

/* Adds a row with as many cells as there are columns; NULL: an empty one. Line breaks in cells are
 * shown as spaces, except as CSV. */
void table_add(struct table *table, const char *const *cells);

/* What the cell `column` of the last row means. On a terminal with colours it is shown so. */
void table_mean(struct table *table, size_t column, enum terminal_tone tone);

size_t table_rows(const struct table *table);

/* With a line of titles, two spaces between columns, none at the ends of lines. On an interactive
 * terminal no line is wider than that: columns are shortened, the widest first, and the cells in
 * them end with "…" (or "..."). Elsewhere nothing is shortened. */
void table_write(struct buffer *output, const struct table *table, const struct terminal *terminal);

/* RFC 4180, but with line feeds alone: as PostgreSQL's COPY writes it. With a line of titles. */
void table_write_csv(struct buffer *output, const struct table *table);

/* As GitHub reads it. */
void table_write_markdown(struct buffer *output, const struct table *table);

#endif
