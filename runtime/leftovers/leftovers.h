/* What drehbuch's runs have left in an environment: databases, folders of files, run folders. Each
 * is known as its own by a comment on the database, a marker in the folder, or a journal; what was
 * cut off before it had that, by a name that nobody else would choose. Anything else is not seen.
 */
#ifndef RUNTIME_LEFTOVERS_LEFTOVERS_H
#define RUNTIME_LEFTOVERS_LEFTOVERS_H

#include <uv.h>

#include "base/error.h"
#include "runtime/environment.h"

enum leftover_kind { LEFTOVER_DATABASE, LEFTOVER_CHECKPOINT, LEFTOVER_FOLDER, LEFTOVER_RUN };

struct leftover {
    enum leftover_kind kind;
    const char *name; /* of the database, or the folder's path */
    const char *what; /* "working database", "checkpoint behind 18.0/fix/last" */
    const char *run;  /* the run that made it; NULL: unknown, it was cut off */
    const char *at;   /* when it was made, in UTC; NULL: unknown */
    int64_t bytes;    /* of a database; -1: not measured */
    bool remains;     /* a folder that is not whole; known by its name alone */
    const char *kept; /* why it has to stay, or NULL: it may go */

    /* Of a checkpoint. */
    const char *filestore; /* its folder, or NULL */
    bool is_current;       /* the source is what it was when the checkpoint was kept */
};

struct leftovers {
    struct leftover *items;
    size_t count;
};

/* Finds all, databases first. Blocks until the servers have answered. */
const struct error *leftovers_find(struct arena *arena, uv_loop_t *loop,
                                   const struct environment *environment, struct leftovers *found);

/* Removes those without `kept`. Refuses while a run works in the environment. Blocks. `removed`
 * gets called for each that is gone. */
const struct error *leftovers_remove(struct arena *arena, uv_loop_t *loop,
                                     const struct environment *environment,
                                     const struct leftovers *leftovers,
                                     void (*removed)(void *context, const struct leftover *gone),
                                     void *context);

/* The parts, among themselves. */

/* Whether the run (its id) is one that may be resumed, or taken back, and so needs what it has
 * left. */
bool leftovers_are_needed(struct arena *arena, const struct environment *environment,
                          const char *run);

void leftovers_add(struct arena *arena, struct leftovers *found, struct leftover leftover);
const struct error *leftovers_find_databases(struct arena *arena, uv_loop_t *loop,
                                             const struct environment *environment,
                                             struct leftovers *found);
const struct error *leftovers_find_folders(struct arena *arena,
                                           const struct environment *environment,
                                           struct leftovers *found);
const struct error *leftovers_find_runs(struct arena *arena, const struct environment *environment,
                                        struct leftovers *found);

#endif
