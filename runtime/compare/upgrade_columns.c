#include <stdlib.h>
#include <string.h>

#include "runtime/compare/upgrade_private.h"

static void upgrading_add_column(struct upgrading *upgrading, struct upgrade_column column)
{
    struct compare_upgrade *upgrade = upgrading->upgrade;
    upgrade->columns = arena_extend(upgrading->comparison->arena, upgrade->columns,
                                    upgrade->column_count, sizeof column);
    upgrade->columns[upgrade->column_count++] = column;
}

static bool upgrading_is_arrived_column(const struct upgrading *upgrading, const char *table,
                                        const struct compare_relation *x, const char *name)
{
    for (size_t i = 0; i < x->column_count; i++) {
        const char *to =
            map_get(upgrading->renamed_fields,
                    arena_format(upgrading->comparison->arena, "%s.%s", table, x->columns[i].name));
        if (to && strcmp(to, name) == 0)
            return true;
    }
    return false;
}

static void upgrading_list_columns_of(struct upgrading *upgrading,
                                      const struct upgrade_table *table)
{
    const struct comparison *comparison = upgrading->comparison;
    const struct compare_relation *x =
        map_get(comparison->sides[SIDE_X].relations, table->names[SIDE_X]);
    const struct compare_relation *y = upgrading_find(upgrading, SIDE_Y, table->names[SIDE_Y]);
    const char *name = table->names[SIDE_Y];
    for (size_t i = 0; i < x->column_count; i++) {
        const char *old = x->columns[i].name;
        const char *to =
            map_get(upgrading->renamed_fields, arena_format(comparison->arena, "%s.%s", name, old));
        struct upgrade_column column = {.table = name, .names = {old, NULL}, .values = -1};
        if (catalog_column(y, old)) {
            upgrading->upgrade->columns_kept++;
            continue;
        }
        if (to && catalog_column(y, to) && !catalog_column(x, to)) {
            column.names[SIDE_Y] = to;
            column.fate = UPGRADE_RENAMED;
        }
        upgrading_add_column(upgrading, column);
    }
    for (size_t i = 0; i < y->column_count; i++)
        if (!catalog_column(x, y->columns[i].name) &&
            !upgrading_is_arrived_column(upgrading, name, x, y->columns[i].name))
            upgrading_add_column(upgrading,
                                 (struct upgrade_column){.table = name,
                                                         .names = {NULL, y->columns[i].name},
                                                         .values = -1,
                                                         .fate = UPGRADE_CAME});
}

struct counting_values {
    struct upgrading *upgrading;
    struct upgrade_column *column;
};

static void upgrading_take_values(void *context, enum side side,
                                  const struct session_answer *answer)
{
    const struct counting_values *counting = context;
    struct comparison *comparison = counting->upgrading->comparison;
    struct upgrade_column *column = counting->column;
    if (answer->error)
        compare_note_unread(
            comparison,
            arena_format(comparison->arena, "%s.%s", column->table, column->names[side]),
            answer->error->message);
    else
        column->values = strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10);
}

/* How much is lost with a column that has vanished. */
static void upgrading_ask_values(struct upgrading *upgrading)
{
    const struct comparison *comparison = upgrading->comparison;
    for (size_t i = 0; i < upgrading->upgrade->column_count; i++) {
        struct upgrade_column *column = &upgrading->upgrade->columns[i];
        const char *from = map_get(upgrading->arrived, column->table);
        const struct compare_relation *relation =
            map_get(comparison->sides[SIDE_X].relations, from ? from : column->table);
        struct counting_values *counting = arena_allocate(comparison->arena, sizeof *counting);
        *counting = (struct counting_values){.upgrading = upgrading, .column = column};
        if (column->fate == UPGRADE_VANISHED)
            crew_add(upgrading->crew, SIDE_X,
                     arena_format(comparison->arena, "SELECT count(%s) %s",
                                  crew_quote_identifier(upgrading->crew, column->names[SIDE_X]),
                                  upgrading_write_from(upgrading, relation)),
                     upgrading_take_values, counting);
    }
}

void upgrading_list_columns(struct upgrading *upgrading)
{
    for (size_t i = 0; i < upgrading->upgrade->table_count; i++)
        if (upgrading->upgrade->tables[i].names[SIDE_X] &&
            upgrading->upgrade->tables[i].names[SIDE_Y])
            upgrading_list_columns_of(upgrading, &upgrading->upgrade->tables[i]);
    upgrading_ask_values(upgrading);
}
