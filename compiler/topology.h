/* Things put in an order in which each comes after those it must come after. */
#ifndef COMPILER_TOPOLOGY_H
#define COMPILER_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* `first` comes before `second`; both are numbers from 0. */
struct edge {
    size_t first;
    size_t second;
};

/* Fills `order` with the numbers 0 to `count` - 1: always the smallest that nothing still missing
 * must precede. Where edges go round in circles, calls `cycle` for each circle found, with the
 * numbers in the order of the edges, and returns false. Takes (count + edges) log count. */
bool topology_sort(struct arena *arena, size_t count, const struct edge *edges, size_t edge_count,
                   size_t *order, void (*cycle)(void *context, const size_t *numbers, size_t count),
                   void *context);

#endif
