#include <stdlib.h>
#include <string.h>

#include "compiler/order_private.h"

/* The order while it is written. */
struct sequence {
    struct graph *graph;
    size_t *writers; /* the last writer and those that may run beside it, by index */
    size_t writer_count;
    size_t *checks; /* the checks since */
    size_t check_count;
    bool *needed; /* of each step: whether one of these checks needs it */
};

static int compare_sizes(const void *left, const void *right)
{
    size_t first = *(const size_t *)left;
    size_t second = *(const size_t *)right;
    return (first > second) - (first < second);
}

static void sequence_set_needs(struct sequence *sequence, struct step *step, const size_t *needs,
                               size_t count)
{
    step->needs = arena_allocate(sequence->graph->arena, (count + 1) * sizeof *step->needs);
    if (count > 0)
        memcpy(step->needs, needs, count * sizeof *needs);
    step->need_count = count;
}

static void sequence_append(struct sequence *sequence, struct step *step)
{
    struct step_list *order = &sequence->graph->order;
    step->index = order->count;
    order->items[order->count++] = step;
}

/* A writer needs the checks before it that no other of them needs; they need the writer before. */
static void sequence_append_writer(struct sequence *sequence, struct step *step)
{
    const struct step_list *order = &sequence->graph->order;
    sequence_append(sequence, step);
    if (step->beside) {
        const struct step *neighbour = order->items[step->index - 1];
        sequence_set_needs(sequence, step, neighbour->needs, neighbour->need_count);
        sequence->writers[sequence->writer_count++] = step->index;
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < sequence->check_count; i++)
        if (!sequence->needed[sequence->checks[i]])
            sequence->checks[kept++] = sequence->checks[i];
    if (kept > 0)
        sequence_set_needs(sequence, step, sequence->checks, kept);
    else
        sequence_set_needs(sequence, step, sequence->writers, sequence->writer_count);
    sequence->check_count = 0;
    sequence->writers[0] = step->index;
    sequence->writer_count = 1;
}

/* `predecessors`: the checks that it names and that stand in the same gap. */
static void sequence_append_check(struct sequence *sequence, struct step *step,
                                  const size_t *predecessors, size_t count)
{
    sequence_append(sequence, step);
    sequence->checks[sequence->check_count++] = step->index;
    if (count == 0) {
        sequence_set_needs(sequence, step, sequence->writers, sequence->writer_count);
        return;
    }
    sequence_set_needs(sequence, step, predecessors, count);
    qsort(step->needs, count, sizeof *step->needs, compare_sizes);
    step->need_count = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || step->needs[i] != step->needs[i - 1])
            step->needs[step->need_count++] = step->needs[i];
    for (size_t i = 0; i < step->need_count; i++)
        sequence->needed[step->needs[i]] = true;
}

/* The checks that one names and that stand in its gap: the others are behind a writer anyway. */
static void sequence_append_placed(struct sequence *sequence, const struct placement *placement,
                                   size_t number, size_t *scratch)
{
    const struct span *span = &placement->spans[number];
    size_t count = 0;
    for (size_t i = 0; i < span->predecessor_count; i++) {
        size_t other = span->predecessors[i];
        if (placement->spans[other].gap == span->gap)
            scratch[count++] = placement->group.steps[other]->index;
    }
    sequence_append_check(sequence, placement->group.steps[number], scratch, count);
}

/* The numbers of the checks by gap, in their order: starts[gap] is where those of a gap begin. */
static size_t *sequence_sort_by_gap(struct arena *arena, const struct placement *placement,
                                    size_t gap_count, size_t *starts)
{
    size_t *sorted = arena_allocate(arena, (placement->group.count + 1) * sizeof *sorted);
    for (size_t i = 0; i < placement->group.count; i++)
        starts[placement->spans[i].gap + 2]++;
    for (size_t i = 2; i < gap_count + 2; i++)
        starts[i] += starts[i - 1];
    for (size_t i = 0; i < placement->group.count; i++) {
        size_t number = placement->order[i];
        sorted[starts[placement->spans[number].gap + 1]++] = number;
    }
    return sorted;
}

void order_write_sequence(const struct ordering *ordering, const struct placement *placement)
{
    struct arena *arena = ordering->compilation->arena;
    struct graph *graph = ordering->compilation->graph;
    size_t total = ordering->writer_count + placement->group.count + 1;
    size_t gap_count = ordering->writer_count + 1;
    size_t *starts = arena_allocate(arena, (gap_count + 2) * sizeof *starts);
    size_t *sorted = sequence_sort_by_gap(arena, placement, gap_count, starts);
    size_t most = 0; /* predecessors that one check has */
    for (size_t i = 0; i < placement->group.count; i++)
        if (most < placement->spans[i].predecessor_count)
            most = placement->spans[i].predecessor_count;
    size_t *scratch = arena_allocate(arena, (most + 1) * sizeof *scratch);
    struct sequence sequence = {.graph = graph,
                                .writers = arena_allocate(arena, total * sizeof *sequence.writers),
                                .checks = arena_allocate(arena, total * sizeof *sequence.checks),
                                .needed = arena_allocate(arena, total * sizeof *sequence.needed)};
    graph->order.items = arena_allocate(arena, total * sizeof(struct step *));
    for (size_t gap = 0; gap < gap_count; gap++) {
        for (size_t i = starts[gap]; i < starts[gap + 1]; i++)
            sequence_append_placed(&sequence, placement, sorted[i], scratch);
        if (gap < ordering->writer_count)
            sequence_append_writer(&sequence, ordering->writers[gap]);
    }
}
