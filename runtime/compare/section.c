#include "runtime/compare/section.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "runtime/compare/catalog.h"
#include "runtime/compare/crew.h"
#include "runtime/compare/volatile.h"
#include "runtime/secret_names.h"

struct item {
    struct item *next; /* with the same name and value */
    const char *parent, *key, *value;
    bool secret;
    bool matched;
};

struct items {
    struct item **list;
    size_t count;
    struct map *by_key;
    struct names *names;
};

struct section_asking {
    struct comparison *comparison;
    struct compare_result *result;
    struct items sides[SIDE_COUNT];
    bool failed;
};

static const struct compare_section *section_at(size_t index)
{
    for (const struct compare_section *section = compare_schema_sections; section->name; section++)
        if (index-- == 0)
            return section;
    return &compare_odoo_sections[index];
}

size_t compare_section_count(void)
{
    size_t count = 0;
    for (const struct compare_section *section = compare_schema_sections; section->name; section++)
        count++;
    for (const struct compare_section *section = compare_odoo_sections; section->name; section++)
        count++;
    return count;
}

bool compare_section_counts(const struct comparison *comparison,
                            const struct compare_section *section)
{
    return !section->is_note || comparison->options->strict;
}

static void items_add(struct arena *arena, struct items *items, struct item item)
{
    struct item *kept = arena_allocate(arena, sizeof *kept);
    *kept = item;
    items->list = arena_extend(arena, (void *)items->list, items->count, sizeof(struct item *));
    items->list[items->count++] = kept;
}

static const char *item_whole(struct arena *arena, const struct item *item)
{
    return arena_format(arena, "%s\x1f%s", item->key, item->value);
}

/* Several things of one name: those that are the same on both sides belong together ... */
static void items_pair(struct arena *arena, const struct items *xs, const struct items *ys)
{
    struct map *wholes = map_create(arena);
    for (size_t i = 0; i < xs->count; i++) {
        const char *whole = item_whole(arena, xs->list[i]);
        xs->list[i]->next = map_get(wholes, whole);
        map_set(wholes, whole, xs->list[i]);
    }
    for (size_t i = 0; i < ys->count; i++) {
        const char *whole = item_whole(arena, ys->list[i]);
        struct item *x = map_get(wholes, whole);
        if (!x)
            continue;
        x->matched = ys->list[i]->matched = true;
        map_set(wholes, whole, x->next);
    }
}

/* ... and what is left is told apart by its order. */
static void items_number(const struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (!items->list[i]->matched) {
            items->list[i]->key = names_add(items->names, items->list[i]->key, " #");
            map_add(items->by_key, items->list[i]->key, items->list[i]);
        }
}

static void section_take(void *context, enum side side, const struct session_answer *answer)
{
    struct section_asking *asking = context;
    struct comparison *comparison = asking->comparison;
    struct arena *arena = comparison->arena;
    if (answer->error) {
        if (!asking->failed)
            compare_note_unread(comparison, asking->result->section->name, answer->error->message);
        asking->failed = true;
        return;
    }
    for (int row = 0; row < PQntuples(answer->result); row++) {
        struct item item = {.parent = arena_copy(arena, PQgetvalue(answer->result, row, 0)),
                            .key = arena_copy(arena, PQgetvalue(answer->result, row, 1)),
                            .value = arena_copy(arena, PQgetvalue(answer->result, row, 2)),
                            .secret = PQgetvalue(answer->result, row, 3)[0] == 't'};
        item.secret = item.secret || secret_names_address(item.value);
        items_add(arena, &asking->sides[side], item);
    }
}

static void section_add(const struct section_asking *asking, const struct item *x,
                        const struct item *y)
{
    struct compare_result *result = asking->result;
    struct arena *arena = asking->comparison->arena;
    result->items = arena_extend(arena, result->items, result->count, sizeof *result->items);
    result->items[result->count++] = (struct compare_difference){
        .key = x ? x->key : y->key,
        .values = {compare_mask(asking->comparison, x ? x->value : NULL),
                   compare_mask(asking->comparison, y ? y->value : NULL)},
        .secret = (x && x->secret) || (y && y->secret)};
}

/* Where only one has the parent, all that hangs on it is told by that. */
static bool section_compares(const struct section_asking *asking, const struct item *item)
{
    const struct comparison *comparison = asking->comparison;
    const struct compare_section *section = asking->result->section;
    if (section->left_out && section->left_out(comparison->options, item->key))
        return false;
    return item->parent[0] == '\0' || (!volatile_is_wholly(comparison->options, item->parent) &&
                                       map_get(comparison->sides[SIDE_X].parents, item->parent) &&
                                       map_get(comparison->sides[SIDE_Y].parents, item->parent));
}

static int compare_keys(const void *left, const void *right)
{
    return strcmp(((const struct compare_difference *)left)->key,
                  ((const struct compare_difference *)right)->key);
}

static bool section_is_names_only(const struct comparison *comparison,
                                  const struct compare_section *section)
{
    int x = comparison->sides[SIDE_X].version / 10000;
    if (section->of_version && x != comparison->sides[SIDE_Y].version / 10000)
        return true;
    for (const char *const *column = section->columns; column && *column; column++)
        if (volatile_is_column(comparison->options, section->tables[0], *column))
            return true;
    return false;
}

static bool item_differs(const struct compare_result *result, const struct item *x,
                         const struct item *y)
{
    return !y || (!result->names_only && strcmp(x->value, y->value) != 0);
}

static void section_match(struct section_asking *asking)
{
    struct compare_result *result = asking->result;
    result->names_only = section_is_names_only(asking->comparison, result->section);
    const struct items *xs = &asking->sides[SIDE_X], *ys = &asking->sides[SIDE_Y];
    items_pair(asking->comparison->arena, xs, ys);
    items_number(xs);
    items_number(ys);
    for (size_t i = 0; i < xs->count; i++) {
        const struct item *x = xs->list[i];
        struct item *y = x->matched ? NULL : map_get(ys->by_key, x->key);
        if (x->matched)
            continue;
        if (y)
            y->matched = true;
        if (item_differs(result, x, y) && section_compares(asking, x))
            section_add(asking, x, y);
    }
    for (size_t i = 0; i < ys->count; i++)
        if (!ys->list[i]->matched && section_compares(asking, ys->list[i]))
            section_add(asking, NULL, ys->list[i]);
    if (result->count > 1)
        qsort(result->items, result->count, sizeof *result->items, compare_keys);
    result->counts[SIDE_X] = xs->count;
    result->counts[SIDE_Y] = ys->count;
    result->compared = true;
}

static bool section_is_possible(const struct comparison *comparison,
                                const struct compare_section *section)
{
    if (section->tables && volatile_is_wholly(comparison->options, section->tables[0]))
        return false;
    for (const char *const *table = section->tables; table && *table; table++)
        if (!map_get(comparison->sides[SIDE_X].relations, *table) ||
            !map_get(comparison->sides[SIDE_Y].relations, *table))
            return false;
    return true;
}

void section_ask(struct comparison *comparison, struct crew *crew)
{
    struct arena *arena = comparison->arena;
    size_t count = compare_section_count();
    comparison->sections = arena_allocate(arena, count * sizeof *comparison->sections);
    for (size_t i = 0; i < count; i++) {
        struct compare_result *result = &comparison->sections[i];
        struct section_asking *asking = arena_allocate(arena, sizeof *asking);
        *asking = (struct section_asking){.comparison = comparison, .result = result};
        *result = (struct compare_result){.section = section_at(i), .asking = asking};
        for (int side = 0; side < SIDE_COUNT; side++)
            asking->sides[side] =
                (struct items){.by_key = map_create(arena), .names = names_create(arena)};
        if (!section_is_possible(comparison, result->section))
            continue;
        const char *sql = arena_format(
            arena,
            "SELECT parent, key, coalesce(value, ''), secret FROM (%s) AS "
            "item(parent, key, value, secret) ORDER BY key COLLATE \"C\", value COLLATE \"C\"",
            result->section->sql);
        crew_add(crew, SIDE_X, sql, section_take, asking);
        crew_add(crew, SIDE_Y, sql, section_take, asking);
    }
}

void section_judge(struct comparison *comparison)
{
    for (size_t i = 0; i < compare_section_count(); i++) {
        const struct compare_result *result = &comparison->sections[i];
        if (!result->asking->failed && section_is_possible(comparison, result->section))
            section_match(result->asking);
    }
}
