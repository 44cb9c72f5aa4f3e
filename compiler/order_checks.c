#include "compiler/order_private.h"

static void placement_visit(void *context, struct step *step, struct step *other, bool after,
                            const struct value *name)
{
    struct placement *placement = context;
    struct span *span = &placement->spans[step->index];
    (void)name;
    if (other->reads_only) {
        size_t first = after ? other->index : step->index;
        size_t second = after ? step->index : other->index;
        struct span *later = &placement->spans[second];
        later->predecessors =
            arena_extend(placement->group.ordering->compilation->arena, later->predecessors,
                         later->predecessor_count, sizeof *later->predecessors);
        later->predecessors[later->predecessor_count++] = first;
        group_add_edge(&placement->group, first, second);
    } else if (after && span->earliest < other->index + 1) {
        span->earliest = other->index + 1;
    } else if (!after && span->latest > other->index) {
        span->latest = other->index;
    }
}

static void placement_report_impossible(const struct placement *placement, const struct step *step)
{
    const struct ordering *ordering = placement->group.ordering;
    const struct value *name = step->after ? step->after : step->before;
    struct diagnostic *diagnostic = diagnostics_add(
        ordering->compilation->diagnostics, "order-impossible",
        name ? name->position : step->origin,
        "there is no place for \"%s\": what it shall come before runs before what it shall come "
        "after",
        step->name);
    diagnostic->help =
        "look at its `after`, `before` and `at`, and at those of the checks it names";
}

/* Chooses the gaps: what comes after limits how late, what comes before how early. */
static bool placement_choose(struct placement *placement)
{
    const struct ordering *ordering = placement->group.ordering;
    struct span *spans = placement->spans;
    bool possible = true;
    for (size_t i = placement->group.count; i > 0; i--) {
        const struct span *span = &spans[placement->order[i - 1]];
        for (size_t j = 0; j < span->predecessor_count; j++)
            if (spans[span->predecessors[j]].latest > span->latest)
                spans[span->predecessors[j]].latest = span->latest;
    }
    for (size_t i = 0; i < placement->group.count; i++) {
        struct span *span = &spans[placement->order[i]];
        const struct step *step = placement->group.steps[placement->order[i]];
        for (size_t j = 0; j < span->predecessor_count; j++)
            if (span->earliest < spans[span->predecessors[j]].gap)
                span->earliest = spans[span->predecessors[j]].gap;
        size_t end = ordering->ends[step->section];
        span->gap = end < span->latest ? end : span->latest;
        if (step->after)
            span->gap = span->earliest;
        if (span->earliest <= span->latest && span->gap >= span->earliest)
            continue;
        placement_report_impossible(placement, step);
        possible = false;
    }
    return possible;
}

bool order_place_checks(struct ordering *ordering, struct placement *placement)
{
    struct arena *arena = ordering->compilation->arena;
    const struct step_list *checks = &ordering->compilation->graph->checks;
    *placement = (struct placement){
        .group = {.ordering = ordering, .steps = checks->items, .count = checks->count},
        .spans = arena_allocate(arena, (checks->count + 1) * sizeof *placement->spans),
        .order = arena_allocate(arena, (checks->count + 1) * sizeof *placement->order)};
    for (size_t i = 0; i < checks->count; i++) {
        struct step *check = checks->items[i];
        check->index = i;
        placement->spans[i].earliest = ordering->starts[check->section];
        placement->spans[i].latest = ordering->ends[check->section];
    }
    for (size_t i = 0; i < checks->count; i++)
        order_visit_names(ordering, checks->items[i], placement, placement_visit);
    return group_sort(&placement->group, placement->order) && placement_choose(placement);
}
