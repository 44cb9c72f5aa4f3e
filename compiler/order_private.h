/* The parts of putting steps in order, among themselves.
 *
 * Steps that write form one chain: by section, slot and position in the plan, but for what `after`
 * and `before` say within a slot. A check stands in a gap of that chain: gap N is before writer N
 * and behind writer N - 1. */
#ifndef COMPILER_ORDER_PRIVATE_H
#define COMPILER_ORDER_PRIVATE_H

#include "compiler/compilation.h"
#include "compiler/topology.h"

struct ordering {
    struct compilation *compilation;
    struct step **writers;
    size_t writer_count;
    size_t *starts; /* of each section: the gap before its first writer ... */
    size_t *ends;   /* ... and behind its last one */
};

/* Steps among which an order is sought; a step's number is its place in `steps`. */
struct group {
    struct ordering *ordering;
    struct step *const *steps;
    size_t count;
    struct edge *edges;
    size_t edge_count;
};

/* Where a check may stand. */
struct span {
    size_t earliest, latest; /* gaps */
    size_t gap;              /* where it does stand */
    size_t *predecessors;    /* numbers of the checks that it comes after */
    size_t predecessor_count;
};

/* Where all checks stand. */
struct placement {
    struct group group;
    struct span *spans; /* by number */
    size_t *order;      /* the numbers of the checks, each behind those it comes after */
};

/* order.c */
void group_add_edge(struct group *group, size_t first, size_t second);

/* Puts the numbers in order; reports each circle and returns false where there is one. */
bool group_sort(struct group *group, size_t *order);

/* Calls `visit` for each step that `step` names, and reports names that are none. */
void order_visit_names(struct ordering *ordering, struct step *step, void *context,
                       void (*visit)(void *context, struct step *step, struct step *other,
                                     bool after, const struct value *name));

/* order_checks.c: returns false, after diagnostics, where not all checks have a place. */
bool order_place_checks(struct ordering *ordering, struct placement *placement);

/* order_sequence.c: fills in the graph's order and each step's index and needs. */
void order_write_sequence(const struct ordering *ordering, const struct placement *placement);

#endif
