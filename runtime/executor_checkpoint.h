/* Checkpoints, as far as they are the executor's business: which one a run begins from, and when
 * one is kept (DESIGN.md, section 6). */
#ifndef RUNTIME_EXECUTOR_CHECKPOINT_H
#define RUNTIME_EXECUTOR_CHECKPOINT_H

#include "runtime/executor_private.h"
#include "runtime/past.h"

/* Looks, once, what the source is now and whether there is a checkpoint to begin from, before the
 * working database is made. `looked` comes from the loop; false where that is done or not wanted.
 */
bool executor_look_for_checkpoint(struct executor *executor,
                                  void (*looked)(struct executor *executor));

/* The same for a run that is gone on with: what its journal says. */
void executor_recall_checkpoint(struct executor *executor);

/* And what it has done so far: the next checkpoint is named by the last step that wrote. */
void executor_recall_progress(struct executor *executor, const enum past_state *past);

/* Whether the checkpoint that the run began from has this step. */
bool executor_has_taken_over(const struct executor *executor, size_t index);

/* A step has ended well after so many milliseconds, or was skipped (`effects` NULL): a checkpoint
 * may be due. */
void executor_consider_checkpoint(struct executor *executor, size_t index, int64_t milliseconds,
                                  const struct value *effects);

/* A step is about to begin that cannot be repeated: a checkpoint is due before it, unless the last
 * one is as good. */
void executor_demand_checkpoint(struct executor *executor, const struct step_kind *kind);

bool executor_checkpoint_is_due(const struct executor *executor);

/* Keeps the checkpoint that is due. Nothing must run. `kept` comes from the loop. */
void executor_keep_checkpoint(struct executor *executor, void (*kept)(struct executor *executor));
void executor_stop_keeping(struct executor *executor);

#endif
