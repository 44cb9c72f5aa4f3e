/* Work on files as part of a step: on the thread pool (runtime/filestore/background.h), with its
 * progress shown. */
#ifndef RUNTIME_DUMP_CHORE_H
#define RUNTIME_DUMP_CHORE_H

#include "runtime/dump/file_work.h"
#include "runtime/steps/kind.h"

struct chore;

/* Runs on another thread: uses `work` and what nobody else touches meanwhile, and says nothing to
 * the step. What it puts into the arena of `work` lives as long as the step. */
typedef const struct error *chore_work(struct file_work *work, void *context);

/* Comes from the loop. */
typedef void chore_ended(void *context, const struct error *error);

/* `doing` is what the progress says: "unpacking". */
struct chore *chore_start(struct step_run *step, const char *doing, chore_work *work,
                          chore_ended *ended, void *context);

/* Asks it to stop; it still ends. */
void chore_stop(struct chore *chore);

#endif
