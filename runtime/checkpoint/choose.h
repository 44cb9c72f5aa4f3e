/* Which checkpoint a run may begin from, and what it then need not do. Pure: asks nobody. */
#ifndef RUNTIME_CHECKPOINT_CHOOSE_H
#define RUNTIME_CHECKPOINT_CHOOSE_H

#include "runtime/checkpoint/list.h"

/* The one behind the latest step of the run's plan that is the same step after the same history, of
 * this mode and of a source that was the same (`snapshot` NULL: of any), in the same circumstances.
 * NULL where there is none. */
const struct checkpoint *checkpoint_choose(const struct checkpoints *checkpoints,
                                           const struct run *run, const char *snapshot);

/* Marks the steps that the checkpoint behind `step` (an id) has: that one and all that it needs,
 * but for those that prepare the run, which is another one. By index of the plan's steps. */
const bool *checkpoint_steps(struct arena *arena, const struct compiled_plan *plan,
                             const char *step);

#endif
