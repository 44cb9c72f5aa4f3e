/* Going back to a checkpoint within a run: what a step that cannot be repeated has done by half
 * goes. */
#ifndef RUNTIME_CHECKPOINT_RESTORE_H
#define RUNTIME_CHECKPOINT_RESTORE_H

#include "runtime/run.h"

/* Makes the working database, and the working filestore, what they were when the checkpoint in the
 * database `name` was kept. There is a whole working database at any moment, and it is marked.
 * Sessions on it are ended. `ended` comes from the loop; a crash in between leaves nothing that may
 * not be restored again. */
void checkpoint_restore(struct run *run, const char *name,
                        void (*ended)(void *context, const struct error *error), void *context);

#endif
