/* A source and its upgraded database, in the upgrade's terms: what was kept, renamed, what has
 * vanished, what has come, and where there are more rows or fewer.
 *
 * Renamed is only what is certain: a model or field that has kept its number in ir_model or
 * ir_model_fields under another name, with the table or column of the old name gone and that of the
 * new one new. */
#ifndef RUNTIME_COMPARE_UPGRADE_H
#define RUNTIME_COMPARE_UPGRADE_H

#include "base/buffer.h"
#include "base/terminal.h"
#include "base/value.h"
#include "runtime/compare/crew.h"

enum upgrade_fate {
    UPGRADE_VANISHED,
    UPGRADE_EMPTIED, /* a table that is still there, and had rows, and has none */
    UPGRADE_RENAMED,
    UPGRADE_CAME,
    UPGRADE_KEPT,
    UPGRADE_FATES
};

struct upgrade_table {
    const char *names[SIDE_COUNT]; /* NULL: not there */
    int64_t rows[SIDE_COUNT];      /* -1: could not be counted */
    enum upgrade_fate fate;
    bool transient; /* of a model of Odoo's that holds dialogs: its rows are meant to go */
};

struct upgrade_column {
    const char *table;             /* under its name in Y */
    const char *names[SIDE_COUNT]; /* NULL: not there */
    int64_t values;                /* that the one in X has, where it has vanished; else -1, as
                                      where they could not be counted */
    enum upgrade_fate fate;        /* kept ones are only counted */
};

struct upgrade_module {
    const char *name;
    const char *versions[SIDE_COUNT]; /* "installed 18.0.1.0"; NULL: not there */
};

struct compare_upgrade {
    struct upgrade_table *tables; /* vanished ones first, those with rows before all others */
    size_t table_count;
    struct upgrade_column *columns; /* those that were not kept */
    size_t column_count;
    size_t columns_kept;
    struct upgrade_module *modules; /* those that are others */
    size_t module_count;
    size_t modules_kept;
};

/* Fills comparison->upgrade. */
const struct error *upgrade_compare(struct comparison *comparison, struct crew *crew);

/* Whether rows have gone with a table, or all of a table that is still there: but for those that
 * are meant to go. */
bool upgrade_is_lost(const struct upgrade_table *table);

/* Whether none of the tables is lost. */
bool upgrade_is_complete(const struct compare_upgrade *upgrade);

/* The summary first, as compare_write and compare_value_of have it. */
void upgrade_write(struct buffer *output, const struct comparison *comparison,
                   const struct terminal *terminal);
struct value *upgrade_value(struct arena *arena, const struct comparison *comparison);
const char *upgrade_summary(const struct comparison *comparison);

#endif
