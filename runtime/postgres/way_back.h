/* A copy of the working database as it was before a step, from which the step begins again,
 * whatever was done by half. It lies beside the working database, under a name of its own, until
 * the step has ended well. */
#ifndef RUNTIME_POSTGRES_WAY_BACK_H
#define RUNTIME_POSTGRES_WAY_BACK_H

#include "runtime/steps/kind.h"

struct way_back;

/* Comes when it is done; what goes wrong ends the step. */
typedef void way_back_done(void *context);

/* Where the step has left a copy behind, it was cut off: that copy takes the working database's
 * place. Then, and else, makes the copy. There must be no sessions on the working database. */
struct way_back *way_back_prepare(struct step_run *step, way_back_done *done, void *context);

/* Removes the copy: the step has ended well. */
struct way_back *way_back_remove(struct step_run *step, way_back_done *done, void *context);

/* Asks to stop; the step then ends with OUTCOME_INTERRUPTED. */
void way_back_stop(struct way_back *way_back);

#endif
