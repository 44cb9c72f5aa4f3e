#include "runtime/checkpoint/choose.h"

#include <string.h>

const struct checkpoint *checkpoint_choose(const struct checkpoints *checkpoints,
                                           const struct compiled_plan *plan,
                                           const struct environment *environment,
                                           const char *snapshot, const char *bindings)
{
    for (size_t i = plan->step_count; i > 0; i--)
        for (size_t c = checkpoints->count; c > 0; c--) { /* of equals the newest */
            const struct checkpoint *checkpoint = &checkpoints->items[c - 1];
            if (strcmp(checkpoint->digest, plan->steps[i - 1].digest) == 0 &&
                strcmp(checkpoint->mode, mode_name(environment->mode)) == 0 &&
                strcmp(checkpoint->bindings, bindings) == 0 &&
                checkpoint_fits(checkpoint, environment) &&
                (!snapshot || strcmp(checkpoint->snapshot, snapshot) == 0))
                return checkpoint;
        }
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
