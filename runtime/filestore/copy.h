/* Copies of filestores: folders whose files are never changed in place, so that a hard link is as
 * good as a copy.
 *
 * A copy is made beside its place under another name, marked as drehbuch's from the beginning, and
 * renamed when it is whole and on disk: after a crash it is there, or what there is has the other
 * name. The source is only read. */
#ifndef RUNTIME_FILESTORE_COPY_H
#define RUNTIME_FILESTORE_COPY_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"

enum filestore_purpose {
    FILESTORE_MAKE,    /* there must be nothing at `to` */
    FILESTORE_REPLACE, /* what is at `to` and bears a marker goes once the copy is whole; there may
                          be nothing */
    FILESTORE_MERGE, /* laid over the marked folder at `to`: files that it has stay, as equal names
                        mean equal content */
};

/* What was seen. */
struct filestore_copied {
    int64_t files, bytes;              /* of what came to `to` */
    int64_t linked, reflinked, copied; /* which files came in which way */
    int64_t kept;                      /* files that `to` had already */
    int64_t vanished;                  /* files that went away while they were copied */
};

/* "copy", "reflink" or "link": the least of the ways that were needed. */
const char *filestore_copied_method(const struct filestore_copied *copied);

struct filestore_copy_options {
    const char *from; /* NULL: somebody else (rsync) has filled filestore_partial(to, marker), which
                         is counted and put in its place */
    const char *to;
    enum filestore_purpose purpose;
    const char *marker; /* marker_write(); not for FILESTORE_MERGE */
    int jobs;           /* threads at work */

    /* On the loop, twice a second; may be NULL. How much there is in all is not known. */
    void (*progress)(void *context, const struct filestore_copied *so_far);
    /* On the loop, once. Where there is an error or it was stopped, `to` is as it was (after a
     * merge: has some of the files). */
    void (*ended)(void *context, const struct error *error, const struct filestore_copied *copied);
    void *context;
};

struct filestore_copy; /* one copying, under way */

/* `arena` lives until `ended`; strings and options are kept. */
struct filestore_copy *filestore_copy_start(uv_loop_t *loop, struct arena *arena,
                                            struct filestore_copy_options options);

/* Asks it to end soon: with OUTCOME_INTERRUPTED. */
void filestore_copy_stop(struct filestore_copy *copy);

/* Removes a folder of drehbuch's, and what an earlier attempt to do so has left; refuses
 * (OUTCOME_REFUSED) one that bears no marker; fine where there is none. It is renamed first: no
 * half folder ever has the name. */
void filestore_remove_start(uv_loop_t *loop, struct arena *arena, const char *folder,
                            void (*ended)(void *context, const struct error *error), void *context);

#endif
