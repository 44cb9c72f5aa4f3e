/* Whether the source is still what was copied: what is entered into it later would be lost. */
#ifndef RUNTIME_EXECUTOR_SOURCE_H
#define RUNTIME_EXECUTOR_SOURCE_H

#include "runtime/executor_private.h"

/* Before the working database is made: notes what the source is (executor->snapshot), once, where
 * something depends on it. `known` comes from the loop; false where that is done or not wanted. */
bool executor_know_source(struct executor *executor, void (*known)(struct executor *executor));

/* Before the result takes the source's place in production: stops the run where the source has
 * changed since. `compared` comes from the loop; false where that is done or not wanted. */
bool executor_compare_source(struct executor *executor,
                             void (*compared)(struct executor *executor));

/* For a run that is gone on with: what its journal says of the source. */
void executor_recall_source(struct executor *executor);

#endif
