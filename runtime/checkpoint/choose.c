#include "runtime/checkpoint/choose.h"

#include <string.h>

#include "runtime/circumstances.h"

static bool choose_may(const struct checkpoint *checkpoint, const struct run *run, size_t index,
                       const char *snapshot)
{
    struct arena *arena = arena_create();
    bool may = strcmp(checkpoint->digest, run->plan->steps[index].digest) == 0 &&
               strcmp(checkpoint->mode, mode_name(run->environment->mode)) == 0 &&
               strcmp(checkpoint->circumstances, circumstances_mark(arena, run, index)) == 0 &&
               checkpoint_fits(checkpoint, run->environment) &&
               (!snapshot || strcmp(checkpoint->snapshot, snapshot) == 0);
    arena_destroy(arena);
    return may;
}

const struct checkpoint *checkpoint_choose(const struct checkpoints *checkpoints,
                                           const struct run *run, const char *snapshot)
{
    for (size_t i = run->plan->step_count; i > 0; i--)
        for (size_t c = checkpoints->count; c > 0; c--) /* of equals the newest */
            if (choose_may(&checkpoints->items[c - 1], run, i - 1, snapshot))
                return &checkpoints->items[c - 1];
    return NULL;
}

/* Needs stand before the steps that have them: one way back through the plan finds them all. */
const bool *checkpoint_steps(struct arena *arena, const struct compiled_plan *plan,
                             const char *step)
{
    bool *steps = arena_allocate(arena, (plan->step_count + 1) * sizeof *steps);
    for (size_t i = plan->step_count; i > 0; i--) {
        const struct compiled_step *compiled = &plan->steps[i - 1];
        if (strcmp(compiled->id, step) == 0)
            steps[i - 1] = true;
        for (size_t n = 0; steps[i - 1] && n < compiled->need_count; n++)
            steps[compiled->needs[n]] = true;
    }
    for (size_t i = 0; i < plan->step_count; i++)
        steps[i] = steps[i] && strcmp(plan->steps[i].phase, "prepare") != 0;
    return steps;
}
