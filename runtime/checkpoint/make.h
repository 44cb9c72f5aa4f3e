/* Keeping a checkpoint: a copy of the working database, and of its filestore, as they are now. */
#ifndef RUNTIME_CHECKPOINT_MAKE_H
#define RUNTIME_CHECKPOINT_MAKE_H

#include "runtime/checkpoint/list.h"

struct checkpoint_making;

/* What came of it. */
struct checkpoint_made {
    const char *database; /* its name; NULL: none was kept, and `why` says why not */
    int64_t bytes;
    const char *why;
};

/* Keeps a copy of the working database as it is behind `step`, unless the limits of the environment
 * forbid it; older checkpoints go where the limits need it. There must be no sessions on the
 * working database. Made under another name, so that a crash leaves none that is half. `ended`
 * comes from the loop; that no copy could be kept is no error. */
struct checkpoint_making *
checkpoint_make(struct run *run, const struct compiled_step *step, const char *snapshot,
                void (*ended)(void *context, const struct checkpoint_made *made), void *context);

/* Asks it to end soon. */
void checkpoint_making_stop(struct checkpoint_making *making);

/* Removes a checkpoint, first its database, over a session with the server. `removed` comes from
 * the loop. */
void checkpoint_remove(struct run *run, struct arena *arena, struct session *session,
                       const struct checkpoint *checkpoint,
                       void (*removed)(void *context, const struct error *error), void *context);

#endif
