#include "runtime/compare/upgrade.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "runtime/compare/catalog.h"
#include "runtime/compare/upgrade_private.h"
#include "runtime/compare/volatile.h"

/* ---- what Odoo knows ---- */

static void upgrading_take_pairs(const struct upgrading *upgrading, const char *table,
                                 struct map *pairs, const struct session_answer *answer)
{
    struct arena *arena = upgrading->comparison->arena;
    if (answer->error)
        compare_note_unread(upgrading->comparison, table, answer->error->message);
    for (int row = 0; !answer->error && row < PQntuples(answer->result); row++)
        map_add(pairs, arena_copy(arena, PQgetvalue(answer->result, row, 0)),
                arena_copy(arena, PQgetvalue(answer->result, row, 1)));
}

static void upgrading_take_models(void *context, enum side side,
                                  const struct session_answer *answer)
{
    const struct upgrading *upgrading = context;
    upgrading_take_pairs(upgrading, "public.ir_model", upgrading->models[side], answer);
    for (int row = 0; !answer->error && row < PQntuples(answer->result); row++)
        if (side == SIDE_X && strcmp(PQgetvalue(answer->result, row, 2), "true") == 0)
            map_set(upgrading->transient,
                    map_get(upgrading->models[side], PQgetvalue(answer->result, row, 0)),
                    upgrading->transient);
}

static void upgrading_take_fields(void *context, enum side side,
                                  const struct session_answer *answer)
{
    const struct upgrading *upgrading = context;
    upgrading_take_pairs(upgrading, "public.ir_model_fields", upgrading->fields[side], answer);
}

static void upgrading_take_modules(void *context, enum side side,
                                   const struct session_answer *answer)
{
    const struct upgrading *upgrading = context;
    upgrading_take_pairs(upgrading, "public.ir_module_module", upgrading->modules[side], answer);
}

/* Tables of models are named after them, but for a few. What is not Odoo's has none. */
static void upgrading_ask_odoo(struct upgrading *upgrading)
{
    static const struct {
        const char *table, *sql;
        crew_take *take;
    } questions[] = {
        {"public.ir_model",
         "SELECT id, 'public.' || replace(model, '.', '_'), to_jsonb(m) ->> 'transient' "
         "FROM public.ir_model m",
         upgrading_take_models},
        {"public.ir_model_fields",
         "SELECT id, 'public.' || replace(model, '.', '_') || '.' || name "
         "FROM public.ir_model_fields",
         upgrading_take_fields},
        {"public.ir_module_module",
         "SELECT name, concat_ws(' ', state, latest_version) FROM public.ir_module_module "
         "WHERE state NOT IN ('uninstalled', 'uninstallable')",
         upgrading_take_modules},
    };
    struct comparison *comparison = upgrading->comparison;
    for (int side = 0; side < SIDE_COUNT; side++) {
        upgrading->models[side] = map_create(comparison->arena);
        upgrading->fields[side] = map_create(comparison->arena);
        upgrading->modules[side] = map_create(comparison->arena);
        for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
            if (map_get(comparison->sides[side].relations, questions[i].table))
                crew_add(upgrading->crew, (enum side)side, questions[i].sql, questions[i].take,
                         upgrading);
    }
}

static bool upgrading_has(const struct upgrading *upgrading, enum side side, const char *table)
{
    return map_get(upgrading->comparison->sides[side].relations, table) != NULL;
}

static void upgrading_find_renamed(struct upgrading *upgrading)
{
    for (const struct map_entry *at = map_first(upgrading->models[SIDE_X]); at; at = map_next(at)) {
        char *x = map_entry_value(at), *y = map_get(upgrading->models[SIDE_Y], map_entry_key(at));
        if (!y || strcmp(x, y) == 0 || !upgrading_has(upgrading, SIDE_X, x) ||
            upgrading_has(upgrading, SIDE_Y, x) || !upgrading_has(upgrading, SIDE_Y, y) ||
            upgrading_has(upgrading, SIDE_X, y))
            continue;
        if (map_add(upgrading->arrived, y, x))
            map_add(upgrading->renamed, x, y);
    }
    for (const struct map_entry *at = map_first(upgrading->fields[SIDE_X]); at; at = map_next(at)) {
        const char *x = map_entry_value(at);
        const char *y = map_get(upgrading->fields[SIDE_Y], map_entry_key(at));
        const char *x_name = strrchr(x, '.') + 1, *y_name = y ? strrchr(y, '.') + 1 : x_name;
        if (y && strcmp(x_name, y_name) != 0)
            map_add(upgrading->renamed_fields,
                    arena_format(upgrading->comparison->arena, "%.*s.%s", (int)(y_name - 1 - y), y,
                                 x_name),
                    arena_copy(upgrading->comparison->arena, y_name));
    }
}

/* ---- tables ---- */

static void upgrading_add_table(struct upgrading *upgrading, const char *x, const char *y,
                                enum upgrade_fate fate)
{
    struct compare_upgrade *upgrade = upgrading->upgrade;
    if (volatile_is_table(upgrading->comparison->options, x ? x : y)) {
        upgrading->comparison->left_out++;
        return;
    }
    upgrade->tables = arena_extend(upgrading->comparison->arena, upgrade->tables,
                                   upgrade->table_count, sizeof *upgrade->tables);
    upgrade->tables[upgrade->table_count++] =
        (struct upgrade_table){.names = {x, y},
                               .rows = {x ? -1 : 0, y ? -1 : 0},
                               .fate = fate,
                               .transient = map_get(upgrading->transient, x ? x : y) != NULL};
}

/* Materialized views are made of the tables. */
static bool is_derived(const struct map_entry *at)
{
    const struct compare_relation *relation = map_entry_value(at);
    return relation->derived;
}

/* Of Y: a part of another table now. */
static bool is_partition(const struct upgrading *upgrading, const char *name)
{
    const struct compare_side *y = &upgrading->comparison->sides[SIDE_Y];
    return !map_get(y->relations, name) && map_get(y->parents, name);
}

const struct compare_relation *upgrading_find(const struct upgrading *upgrading, enum side side,
                                              const char *name)
{
    const struct compare_side *sides = upgrading->comparison->sides;
    const struct compare_relation *found = map_get(sides[side].relations, name);
    return found || side == SIDE_X ? found : map_get(sides[SIDE_X].relations, name);
}

static void upgrading_list_tables(struct upgrading *upgrading)
{
    const struct comparison *comparison = upgrading->comparison;
    for (const struct map_entry *at = map_first(comparison->sides[SIDE_X].relations); at;
         at = map_next(at)) {
        const char *x = map_entry_key(at), *y = map_get(upgrading->renamed, x);
        if (is_derived(at))
            continue;
        if (y)
            upgrading_add_table(upgrading, x, y, UPGRADE_RENAMED);
        else if (upgrading_has(upgrading, SIDE_Y, x) || is_partition(upgrading, x))
            upgrading_add_table(upgrading, x, x, UPGRADE_KEPT);
        else
            upgrading_add_table(upgrading, x, NULL, UPGRADE_VANISHED);
    }
    for (const struct map_entry *at = map_first(comparison->sides[SIDE_Y].relations); at;
         at = map_next(at))
        if (!is_derived(at) && !upgrading_has(upgrading, SIDE_X, map_entry_key(at)) &&
            !map_get(upgrading->arrived, map_entry_key(at)))
            upgrading_add_table(upgrading, NULL, map_entry_key(at), UPGRADE_CAME);
}

struct counting {
    struct upgrading *upgrading;
    struct upgrade_table *table;
};

static void upgrading_take_count(void *context, enum side side, const struct session_answer *answer)
{
    const struct counting *counting = context;
    if (answer->error)
        compare_note_unread(counting->upgrading->comparison, counting->table->names[side],
                            answer->error->message);
    else
        counting->table->rows[side] = strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10);
}

const char *upgrading_write_from(const struct upgrading *upgrading,
                                 const struct compare_relation *relation)
{
    return arena_format(upgrading->comparison->arena, "FROM %s%s.%s",
                        relation->partitioned ? "" : "ONLY ",
                        crew_quote_identifier(upgrading->crew, relation->schema),
                        crew_quote_identifier(upgrading->crew, relation->relation));
}

static void upgrading_ask_counts(struct upgrading *upgrading)
{
    struct arena *arena = upgrading->comparison->arena;
    for (size_t i = 0; i < upgrading->upgrade->table_count; i++)
        for (int side = 0; side < SIDE_COUNT; side++) {
            struct upgrade_table *table = &upgrading->upgrade->tables[i];
            if (!table->names[side])
                continue;
            struct counting *counting = arena_allocate(arena, sizeof *counting);
            *counting = (struct counting){.upgrading = upgrading, .table = table};
            crew_add(upgrading->crew, (enum side)side,
                     arena_format(
                         arena, "SELECT count(*) %s",
                         upgrading_write_from(upgrading, upgrading_find(upgrading, (enum side)side,
                                                                        table->names[side]))),
                     upgrading_take_count, counting);
        }
}

/* ---- modules ---- */

static void upgrading_add_module(struct upgrading *upgrading, const char *name, const char *x,
                                 const char *y)
{
    struct compare_upgrade *upgrade = upgrading->upgrade;
    if (x && y && strcmp(x, y) == 0) {
        upgrade->modules_kept++;
        return;
    }
    upgrade->modules = arena_extend(upgrading->comparison->arena, upgrade->modules,
                                    upgrade->module_count, sizeof *upgrade->modules);
    upgrade->modules[upgrade->module_count++] =
        (struct upgrade_module){.name = name, .versions = {x, y}};
}

static int compare_modules(const void *left, const void *right)
{
    return strcmp(((const struct upgrade_module *)left)->name,
                  ((const struct upgrade_module *)right)->name);
}

static void upgrading_list_modules(struct upgrading *upgrading)
{
    const struct map *xs = upgrading->modules[SIDE_X], *ys = upgrading->modules[SIDE_Y];
    for (const struct map_entry *at = map_first(xs); at; at = map_next(at))
        upgrading_add_module(upgrading, map_entry_key(at), map_entry_value(at),
                             map_get(ys, map_entry_key(at)));
    for (const struct map_entry *at = map_first(ys); at; at = map_next(at))
        if (!map_get(xs, map_entry_key(at)))
            upgrading_add_module(upgrading, map_entry_key(at), NULL, map_entry_value(at));
    if (upgrading->upgrade->module_count > 1)
        qsort(upgrading->upgrade->modules, upgrading->upgrade->module_count,
              sizeof *upgrading->upgrade->modules, compare_modules);
}

/* ---- all ---- */

static void upgrading_find_emptied(struct upgrading *upgrading)
{
    for (size_t i = 0; i < upgrading->upgrade->table_count; i++) {
        struct upgrade_table *table = &upgrading->upgrade->tables[i];
        if (table->names[SIDE_X] && table->names[SIDE_Y] && table->rows[SIDE_X] > 0 &&
            table->rows[SIDE_Y] == 0)
            table->fate = UPGRADE_EMPTIED;
    }
}

static int compare_fates(const void *left, const void *right)
{
    const struct upgrade_table *a = left, *b = right;
    if (a->fate != b->fate)
        return a->fate < b->fate ? -1 : 1;
    if (a->fate <= UPGRADE_EMPTIED && a->rows[SIDE_X] != b->rows[SIDE_X])
        return a->rows[SIDE_X] < b->rows[SIDE_X] ? 1 : -1;
    return strcmp(a->names[a->names[SIDE_X] ? SIDE_X : SIDE_Y],
                  b->names[b->names[SIDE_X] ? SIDE_X : SIDE_Y]);
}

const struct error *upgrade_compare(struct comparison *comparison, struct crew *crew)
{
    struct arena *arena = comparison->arena;
    struct upgrading upgrading = {.comparison = comparison,
                                  .crew = crew,
                                  .upgrade = arena_allocate(arena, sizeof *upgrading.upgrade),
                                  .renamed = map_create(arena),
                                  .arrived = map_create(arena),
                                  .renamed_fields = map_create(arena),
                                  .transient = map_create(arena)};
    comparison->upgrade = upgrading.upgrade;
    upgrading_ask_odoo(&upgrading);
    const struct error *error = crew_work(crew);
    if (error)
        return error;
    upgrading_find_renamed(&upgrading);
    upgrading_list_tables(&upgrading);
    upgrading_ask_counts(&upgrading);
    upgrading_list_columns(&upgrading);
    upgrading_list_modules(&upgrading);
    error = crew_work(crew);
    upgrading_find_emptied(&upgrading);
    if (!error && upgrading.upgrade->table_count > 1)
        qsort(upgrading.upgrade->tables, upgrading.upgrade->table_count,
              sizeof *upgrading.upgrade->tables, compare_fates);
    return error;
}

bool upgrade_is_lost(const struct upgrade_table *table)
{
    bool vanished = table->fate == UPGRADE_VANISHED && table->rows[SIDE_X] != 0;
    return !table->transient && (vanished || table->fate == UPGRADE_EMPTIED);
}

bool upgrade_is_complete(const struct compare_upgrade *upgrade)
{
    for (size_t i = 0; i < upgrade->table_count; i++)
        if (upgrade_is_lost(&upgrade->tables[i]))
            return false;
    return true;
}
