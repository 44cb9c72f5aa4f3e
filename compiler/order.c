#include <string.h>

#include "compiler/order_private.h"

static struct diagnostic *order_report(const struct ordering *ordering, const struct value *name,
                                       const char *kind, const char *message, const char *help)
{
    struct diagnostic *diagnostic =
        diagnostics_add(ordering->compilation->diagnostics, kind, name->position, "%s", message);
    diagnostic->length = diagnostic_span(name);
    diagnostic->help = help;
    return diagnostic;
}

/* The fix or check that may be meant, or NULL. */
static const char *order_nearest(struct compilation *compilation, const char *name)
{
    if (!diagnostics_suggest(compilation->diagnostics))
        return NULL;
    const struct map *known = compilation->graph->names;
    const char **names = arena_allocate(compilation->arena, (map_count(known) + 1) * sizeof *names);
    size_t count = 0;
    for (const struct map_entry *entry = map_first(known); entry; entry = map_next(entry))
        names[count++] = map_entry_key(entry);
    return diagnostic_nearest(name, names, count);
}

static void order_report_unknown(const struct ordering *ordering, const struct value *name)
{
    struct compilation *compilation = ordering->compilation;
    if (compilation->ids_missing || diagnostics_full(compilation->diagnostics))
        return; /* it may be the one whose id is wrong */
    const char *nearest = order_nearest(compilation, name->as.string.bytes);
    order_report(
        ordering, name, "order-unknown",
        arena_format(compilation->arena, "there is no fix or check \"%s\"", name->as.string.bytes),
        nearest ? arena_format(compilation->arena, "did you mean \"%s\"?", nearest)
                : "name the id of a fix or check of this plan");
}

/* Calls `visit` for each step that the step names. */
void order_visit_names(struct ordering *ordering, struct step *step, void *context,
                       void (*visit)(void *context, struct step *step, struct step *other,
                                     bool after, const struct value *name))
{
    const struct value *const lists[] = {step->after, step->before};
    for (size_t i = 0; i < 2; i++) {
        bool single = value_as_string(lists[i]) != NULL;
        size_t count = single ? 1 : value_count(lists[i]);
        for (size_t j = 0; j < count; j++) {
            const struct value *name = single ? lists[i] : value_item(lists[i], j);
            if (!value_as_string(name))
                continue;
            struct step *other = graph_find(ordering->compilation->graph, name->as.string.bytes);
            if (!other)
                order_report_unknown(ordering, name);
            else
                visit(context, step, other, i == 0, name);
        }
    }
}

void group_add_edge(struct group *group, size_t first, size_t second)
{
    group->edges = arena_extend(group->ordering->compilation->arena, group->edges,
                                group->edge_count, sizeof *group->edges);
    group->edges[group->edge_count++] = (struct edge){first, second};
}

static const char *order_describe_cycle(const struct group *group, const size_t *numbers,
                                        size_t count)
{
    struct arena *arena = group->ordering->compilation->arena;
    const char *text = arena_format(arena, "\"%s\"", group->steps[numbers[0]]->name);
    size_t shown = count < 8 ? count : 8;
    for (size_t i = 1; i < shown; i++)
        text = arena_format(arena, "%s before \"%s\"", text, group->steps[numbers[i]]->name);
    if (shown < count)
        text = arena_format(arena, "%s before %zu others", text, count - shown);
    return arena_format(arena, "%s before \"%s\"", text, group->steps[numbers[0]]->name);
}

static void order_report_cycle(void *context, const size_t *numbers, size_t count)
{
    const struct group *group = context;
    struct compilation *compilation = group->ordering->compilation;
    const struct step *step = group->steps[numbers[0]];
    for (size_t i = 1; i < count; i++)
        if (group->steps[numbers[i]]->origin.line < step->origin.line)
            step = group->steps[numbers[i]];
    const struct value *name = step->after ? step->after : step->before;
    struct diagnostic *diagnostic = diagnostics_add(
        compilation->diagnostics, "order-cycle", name ? name->position : step->origin,
        "the order goes round in a circle: %s", order_describe_cycle(group, numbers, count));
    diagnostic->length = name ? diagnostic_span(name) : 0;
    diagnostic->help = "remove one of the `after` or `before`";
}

bool group_sort(struct group *group, size_t *order)
{
    return topology_sort(group->ordering->compilation->arena, group->count, group->edges,
                         group->edge_count, order, order_report_cycle, group);
}

static bool is_earlier(const struct step *left, const struct step *right)
{
    return left->section != right->section ? left->section < right->section
                                           : left->slot < right->slot;
}

static void order_visit_writer(void *context, struct step *step, struct step *other, bool after,
                               const struct value *name)
{
    struct group *group = context;
    struct arena *arena = group->ordering->compilation->arena;
    if (other->reads_only) {
        order_report(
            group->ordering, name, "order-check",
            arena_format(arena, "\"%s\" is a check: fixes are ordered among fixes", other->name),
            arena_format(arena, "say `%s: %s` at the check", after ? "before" : "after",
                         step->name));
        return;
    }
    bool same = step->section == other->section && step->slot == other->slot;
    if (same && after)
        group_add_edge(group, other->index, step->index);
    else if (same)
        group_add_edge(group, step->index, other->index);
    else if (after ? is_earlier(step, other) : is_earlier(other, step))
        order_report(group->ordering, name, "order-impossible",
                     arena_format(arena,
                                  "\"%s\" runs %s \"%s\" in any case: its version or phase "
                                  "is %s",
                                  step->name, after ? "before" : "after", other->name,
                                  after ? "earlier" : "later"),
                     "remove it, or move one of the two to the other's version and phase");
}

static void order_append_slot(struct ordering *ordering, const struct step_list *list)
{
    struct arena *arena = ordering->compilation->arena;
    struct group group = {.ordering = ordering, .steps = list->items, .count = list->count};
    for (size_t i = 0; i < list->count; i++)
        list->items[i]->index = i;
    for (size_t i = 0; i < list->count; i++)
        order_visit_names(ordering, list->items[i], &group, order_visit_writer);
    size_t *order = NULL;
    if (group.edge_count > 0) {
        order = arena_allocate(arena, (list->count + 1) * sizeof *order);
        group_sort(&group, order);
    }
    for (size_t i = 0; i < list->count; i++)
        ordering->writers[ordering->writer_count++] = list->items[order ? order[i] : i];
}

static void order_writers(struct ordering *ordering)
{
    struct compilation *compilation = ordering->compilation;
    const struct graph *graph = compilation->graph;
    size_t count = 0;
    for (size_t i = 0; i < graph->section_count; i++)
        for (size_t j = 0; j < SLOT_COUNT; j++)
            count += graph->sections[i].slots[j].count;
    ordering->writers = arena_allocate(compilation->arena, (count + 1) * sizeof *ordering->writers);
    ordering->starts =
        arena_allocate(compilation->arena, graph->section_count * sizeof *ordering->starts);
    ordering->ends =
        arena_allocate(compilation->arena, graph->section_count * sizeof *ordering->ends);
    for (size_t i = 0; i < graph->section_count; i++) {
        ordering->starts[i] = ordering->writer_count;
        for (size_t j = 0; j < SLOT_COUNT; j++)
            order_append_slot(ordering, &graph->sections[i].slots[j]);
        ordering->ends[i] = ordering->writer_count;
    }
    for (size_t i = 0; i < ordering->writer_count; i++)
        ordering->writers[i]->index = i;
}

void order_graph(struct compilation *compilation)
{
    struct ordering ordering = {.compilation = compilation};
    order_writers(&ordering);
    struct placement placement;
    if (!order_place_checks(&ordering, &placement))
        return;
    order_write_sequence(&ordering, &placement);
    graph_name_steps(compilation->graph);
}
