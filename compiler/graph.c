#include "compiler/graph.h"

#include <string.h>

struct graph *graph_create(struct arena *arena, const char *const *versions, size_t count)
{
    struct graph *graph = arena_allocate(arena, sizeof *graph);
    *graph = (struct graph){.arena = arena, .section_count = count + 2};
    graph->sections = arena_allocate(arena, graph->section_count * sizeof *graph->sections);
    graph->sections[0].phase = "prepare";
    for (size_t i = 0; i < count; i++)
        graph->sections[i + 1].phase = versions[i];
    graph->sections[count + 1].phase = "publish";
    graph->names = map_create(arena);
    return graph;
}

static void step_list_append(struct arena *arena, struct step_list *list, struct step *step)
{
    list->items = arena_extend(arena, list->items, list->count, sizeof step);
    list->items[list->count++] = step;
}

struct step *graph_add(struct graph *graph, struct step step)
{
    struct section *section = &graph->sections[step.section];
    struct step *kept = arena_allocate(graph->arena, sizeof *kept);
    *kept = step;
    step_list_append(graph->arena, step.reads_only ? &graph->checks : &section->slots[step.slot],
                     kept);
    if (kept->family)
        map_set(graph->names, kept->name, kept);
    return kept;
}

struct step *graph_find(const struct graph *graph, const char *name)
{
    return map_get(graph->names, name);
}

/* "18.0/fix/close-dead-activities", "19.0/hop" */
static const char *graph_make_id(struct arena *arena, const char *phase, const struct step *step)
{
    const char *parts[] = {phase, step->family ? "/" : "", step->family ? step->family : "", "/",
                           step->name};
    size_t count = sizeof parts / sizeof parts[0];
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += strlen(parts[i]);
    char *id = arena_allocate(arena, length + 1);
    char *end = id;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(parts[i]);
        memcpy(end, parts[i], size);
        end += size;
    }
    return id;
}

void graph_name_steps(struct graph *graph)
{
    for (size_t i = 0; i < graph->order.count; i++) {
        struct step *step = graph->order.items[i];
        step->id = graph_make_id(graph->arena, graph->sections[step->section].phase, step);
    }
}
