#include "compiler/topology.h"

/* The numbers that may come next; the smallest is the first (a binary heap). */
struct heap {
    size_t *items;
    size_t count;
};

static void swap(size_t *left, size_t *right)
{
    size_t kept = *left;
    *left = *right;
    *right = kept;
}

static void heap_push(struct heap *heap, size_t number)
{
    size_t i = heap->count++;
    heap->items[i] = number;
    for (; i > 0 && heap->items[(i - 1) / 2] > heap->items[i]; i = (i - 1) / 2)
        swap(&heap->items[(i - 1) / 2], &heap->items[i]);
}

static size_t heap_pop(struct heap *heap)
{
    size_t smallest = heap->items[0];
    heap->items[0] = heap->items[--heap->count];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap->count; child++)
            if (heap->items[child] < heap->items[least])
                least = child;
        if (least == i)
            return smallest;
        swap(&heap->items[i], &heap->items[least]);
        i = least;
    }
}

/* The edges by where they start. */
struct adjacency {
    size_t *starts; /* of each number's ends in `ends`; one more at the end */
    size_t *ends;
};

static struct adjacency adjacency_create(struct arena *arena, size_t count,
                                         const struct edge *edges, size_t edge_count, bool reverse)
{
    struct adjacency result = {.starts = arena_allocate(arena, (count + 2) * sizeof *result.starts),
                               .ends =
                                   arena_allocate(arena, (edge_count + 1) * sizeof *result.ends)};
    for (size_t i = 0; i < edge_count; i++)
        result.starts[(reverse ? edges[i].second : edges[i].first) + 2]++;
    for (size_t i = 2; i < count + 2; i++)
        result.starts[i] += result.starts[i - 1];
    for (size_t i = 0; i < edge_count; i++) {
        size_t from = reverse ? edges[i].second : edges[i].first;
        size_t to = reverse ? edges[i].first : edges[i].second;
        result.ends[result.starts[from + 1]++] = to;
    }
    return result;
}

/* What has not been ordered: each has a predecessor that has not been either, so walking back from
 * one ends in a circle. Each number is walked over once. */
static void find_cycles(struct arena *arena, size_t count, const struct adjacency *predecessors,
                        const bool *ordered,
                        void (*cycle)(void *context, const size_t *numbers, size_t count),
                        void *context)
{
    size_t *walks = arena_allocate(arena, (count + 1) * sizeof *walks); /* 0: not walked over */
    size_t *places = arena_allocate(arena, (count + 1) * sizeof *places);
    size_t *path = arena_allocate(arena, (count + 1) * sizeof *path); /* from the end backwards */
    for (size_t start = 0; start < count; start++) {
        if (ordered[start] || walks[start])
            continue;
        size_t end = count;
        size_t number = start;
        while (!walks[number]) {
            walks[number] = start + 1;
            places[number] = --end;
            path[end] = number;
            size_t next = predecessors->starts[number];
            while (ordered[predecessors->ends[next]])
                next++;
            number = predecessors->ends[next];
        }
        if (walks[number] == start + 1)
            cycle(context, path + end, places[number] - end + 1);
    }
}

bool topology_sort(struct arena *arena, size_t count, const struct edge *edges, size_t edge_count,
                   size_t *order, void (*cycle)(void *context, const size_t *numbers, size_t count),
                   void *context)
{
    struct adjacency successors = adjacency_create(arena, count, edges, edge_count, false);
    size_t *missing = arena_allocate(arena, (count + 1) * sizeof *missing);
    bool *ordered = arena_allocate(arena, (count + 1) * sizeof *ordered);
    struct heap ready = {.items = arena_allocate(arena, (count + 1) * sizeof *ready.items)};
    for (size_t i = 0; i < edge_count; i++)
        missing[edges[i].second]++;
    for (size_t i = 0; i < count; i++)
        if (missing[i] == 0)
            heap_push(&ready, i);
    size_t done = 0;
    while (ready.count > 0) {
        size_t number = heap_pop(&ready);
        order[done++] = number;
        ordered[number] = true;
        for (size_t i = successors.starts[number]; i < successors.starts[number + 1]; i++)
            if (--missing[successors.ends[i]] == 0)
                heap_push(&ready, successors.ends[i]);
    }
    if (done == count)
        return true;
    struct adjacency predecessors = adjacency_create(arena, count, edges, edge_count, true);
    find_cycles(arena, count, &predecessors, ordered, cycle, context);
    return false;
}
