#include "compiler/plan_diff.h"

#include <string.h>

#include "base/map.h"

/* A step of one of the plans, and its counterpart in the other. */
struct counterpart {
    size_t index;
    bool there;
};

struct making {
    struct arena *arena;
    struct plan_diff *diff;
    struct counterpart *of_before; /* by index of the first plan's steps ... */
    struct counterpart *of_after;  /* ... and of the second's */
    bool *moved;                   /* by index of the second plan's steps */
};

/* What the step does by itself, whatever it is called and builds on. */
static const char *step_content(struct arena *arena, const struct compiled_step *step)
{
    struct digest digest = compiled_step_digest(step->kind, step->only, step->spec, NULL, 0);
    return arena_copy(arena, digest.hex);
}

/* ---- which step is which ---- */

static void pair(struct making *making, size_t before, size_t after)
{
    making->of_before[before] = (struct counterpart){.index = after, .there = true};
    making->of_after[after] = (struct counterpart){.index = before, .there = true};
}

static void pair_by_id(struct making *making)
{
    const struct compiled_plan *before = making->diff->before, *after = making->diff->after;
    struct map *ids = map_create(making->arena);
    for (size_t i = 0; i < before->step_count; i++)
        map_set(ids, before->steps[i].id, (void *)&before->steps[i]);
    for (size_t i = 0; i < after->step_count; i++) {
        const struct compiled_step *old = map_get(ids, after->steps[i].id);
        if (old)
            pair(making, (size_t)(old - before->steps), i);
    }
}

/* Of those that are left, those that do the same in the same phase; of several the first. */
static void pair_by_content(struct making *making)
{
    const struct compiled_plan *before = making->diff->before, *after = making->diff->after;
    struct map *contents = map_create(making->arena);
    for (size_t i = 0; i < before->step_count; i++)
        if (!making->of_before[i].there)
            (void)map_add(contents,
                          arena_format(making->arena, "%s %s", before->steps[i].phase,
                                       step_content(making->arena, &before->steps[i])),
                          (void *)&before->steps[i]);
    for (size_t i = 0; i < after->step_count && map_count(contents) > 0; i++) {
        if (making->of_after[i].there)
            continue;
        const struct compiled_step *old =
            map_get(contents, arena_format(making->arena, "%s %s", after->steps[i].phase,
                                           step_content(making->arena, &after->steps[i])));
        if (old && !making->of_before[old - before->steps].there)
            pair(making, (size_t)(old - before->steps), i);
    }
}

/* ---- which have moved ---- */

/* The least number of steps that have to be moved to get the second order from the first: all but a
 * longest increasing sequence (patience sorting). */
static void find_moved(struct making *making)
{
    size_t count = making->diff->after->step_count, piles = 0;
    size_t *tops = arena_allocate(making->arena, (count + 1) * sizeof *tops);
    size_t *below = arena_allocate(making->arena, (count + 1) * sizeof *below);
    for (size_t i = 0; i < count; i++) {
        if (!making->of_after[i].there)
            continue;
        size_t low = 0, high = piles;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (making->of_after[tops[middle]].index < making->of_after[i].index)
                low = middle + 1;
            else
                high = middle;
        }
        below[i] = low > 0 ? tops[low - 1] : count;
        tops[low] = i;
        piles = low == piles ? piles + 1 : piles;
    }
    for (size_t i = 0; i < count; i++)
        making->moved[i] = making->of_after[i].there;
    for (size_t i = piles > 0 ? tops[piles - 1] : count; i < count; i = below[i])
        making->moved[i] = false;
}

/* ---- what has become of each ---- */

static enum plan_change judge(const struct compiled_step *before, const struct compiled_step *after,
                              const struct value_differences *changes)
{
    if (strcmp(before->id, after->id) != 0)
        return PLAN_RENAMED; /* and perhaps its title says something else */
    if (changes->count > 0)
        return PLAN_CHANGED;
    return strcmp(before->digest, after->digest) == 0 ? PLAN_SAME : PLAN_FOLLOWS;
}

/* All that is to be said of a step, as one value; of none, nothing. */
static struct value *step_describe(struct arena *arena, const struct compiled_step *step)
{
    struct value *all = value_object(arena);
    if (!step)
        return all;
    value_set(arena, all, "title", value_string(arena, step->title));
    value_set(arena, all, "kind", value_string(arena, step->kind));
    if (step->only)
        value_set(arena, all, "only", value_string(arena, step->only));
    for (size_t i = 0; i < value_count(step->spec); i++) {
        const struct value_member *member = &step->spec->as.object.members[i];
        value_set(arena, all, member->key, member->value);
    }
    return all;
}

static void add(struct making *making, struct plan_diff_step step)
{
    struct plan_diff *diff = making->diff;
    step.changes = value_diff(making->arena, step_describe(making->arena, step.before),
                              step_describe(making->arena, step.after));
    if (step.before && step.after)
        step.change = judge(step.before, step.after, &step.changes);
    diff->counts[step.change]++;
    diff->moved += step.moved ? 1 : 0;
    diff->steps[diff->count++] = step;
}

/* Those that stood behind step `index` of the first plan and are gone. */
static void add_removed(struct making *making, size_t index)
{
    const struct compiled_plan *before = making->diff->before;
    for (size_t i = index; i < before->step_count && !making->of_before[i].there; i++)
        add(making, (struct plan_diff_step){.change = PLAN_REMOVED, .before = &before->steps[i]});
}

static void add_all(struct making *making)
{
    const struct compiled_plan *before = making->diff->before, *after = making->diff->after;
    add_removed(making, 0);
    for (size_t i = 0; i < after->step_count; i++) {
        const struct counterpart *old = &making->of_after[i];
        add(making,
            (struct plan_diff_step){.change = PLAN_ADDED,
                                    .moved = making->moved[i],
                                    .before = old->there ? &before->steps[old->index] : NULL,
                                    .after = &after->steps[i]});
        if (old->there)
            add_removed(making, old->index + 1);
    }
}

/* ---- the head ---- */

static struct value *plan_describe(struct arena *arena, const struct compiled_plan *plan)
{
    struct value *head = value_object(arena);
    const struct {
        const char *key, *text;
    } texts[] = {{"customer", plan->customer},
                 {"title", plan->title},
                 {"from", plan->from},
                 {"to", plan->to},
                 {"with", plan->with}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        value_set(arena, head, texts[i].key, value_string(arena, texts[i].text));
    value_set(arena, head, "modules", value_copy(arena, plan->modules));
    value_set(arena, head, "bindings", value_copy(arena, plan->bindings));
    value_set(arena, head, "acceptance", value_copy(arena, plan->acceptance));
    return head;
}

/* A step's digest covers its history: where the first plan has it, a rehearsal of that did it. */
static void find_valid(struct plan_diff *diff, struct arena *arena)
{
    struct map *digests = map_create(arena);
    for (size_t i = 0; i < diff->before->step_count; i++)
        (void)map_add(digests, diff->before->steps[i].digest, diff);
    for (size_t i = 0; i < diff->after->step_count; i++) {
        const struct compiled_step *step = &diff->after->steps[i];
        if (!map_get(digests, step->digest)) {
            diff->first_invalid = diff->first_invalid ? diff->first_invalid : step;
            continue;
        }
        diff->valid++;
        if (strcmp(step->phase, "prepare") != 0 && strcmp(step->phase, "publish") != 0)
            diff->last_valid = step;
    }
}

struct plan_diff *plan_diff_make(struct arena *arena, const struct compiled_plan *before,
                                 const struct compiled_plan *after)
{
    struct plan_diff *diff = arena_allocate(arena, sizeof *diff);
    *diff = (struct plan_diff){.before = before, .after = after};
    diff->steps =
        arena_allocate(arena, (before->step_count + after->step_count + 1) * sizeof *diff->steps);
    struct making making = {.arena = arena, .diff = diff};
    making.of_before = arena_allocate(arena, (before->step_count + 1) * sizeof *making.of_before);
    making.of_after = arena_allocate(arena, (after->step_count + 1) * sizeof *making.of_after);
    making.moved = arena_allocate(arena, (after->step_count + 1) * sizeof *making.moved);
    pair_by_id(&making);
    pair_by_content(&making);
    find_moved(&making);
    add_all(&making);
    diff->head = value_diff(arena, plan_describe(arena, before), plan_describe(arena, after));
    find_valid(diff, arena);
    return diff;
}

bool plan_diff_is_empty(const struct plan_diff *diff)
{
    return strcmp(diff->before->digest, diff->after->digest) == 0;
}
