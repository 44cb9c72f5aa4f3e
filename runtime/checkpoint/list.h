/* The checkpoints there are: copies of a working database, beside it on its server, with copies of
 * its filestore. Each knows by the comment on its database what it is a copy of. */
#ifndef RUNTIME_CHECKPOINT_LIST_H
#define RUNTIME_CHECKPOINT_LIST_H

#include "runtime/run.h"

struct checkpoint {
    const char *database;      /* its name */
    const char *filestore;     /* its folder; NULL where there was no working filestore */
    int64_t bytes;             /* of the database */
    const char *run;           /* the run that kept it ... */
    const char *mode;          /* ... its mode ... */
    const char *at;            /* ... and when */
    const char *step;          /* the last step that it has ... */
    const char *digest;        /* ... and that one's digest */
    const char *snapshot;      /* what the source was (snapshot.h) */
    const char *circumstances; /* and what the steps worked with (circumstances.h) */
    bool is_half;              /* its removal was cut off: good for nothing but to be removed */
};

struct checkpoints {
    struct checkpoint *items; /* the oldest first */
    size_t count;
};

/* Whether its working databases have a filestore beside them. */
bool checkpoint_uses_filestore(const struct environment *environment);

/* Whether it is whole, as far as this environment needs it: a filestore is there where one is used.
 */
bool checkpoint_fits(const struct checkpoint *checkpoint, const struct environment *environment);

/* `found` gets those of the environment's working database, in `arena`. */
void checkpoint_list(struct run *run, struct arena *arena,
                     void (*found)(void *context, const struct checkpoints *checkpoints,
                                   const struct error *error),
                     void *context);

/* The folder that belongs to the checkpoint in the database `name`; NULL where the environment
 * names no working filestore. */
const char *checkpoint_folder(struct arena *arena, const struct environment *environment,
                              const char *name);

#endif
