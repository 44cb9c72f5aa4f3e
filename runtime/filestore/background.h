/* Work that blocks, off the loop's thread (uv_queue_work), and its end on the loop. */
#ifndef RUNTIME_FILESTORE_BACKGROUND_H
#define RUNTIME_FILESTORE_BACKGROUND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

#include "base/error.h"

struct background;

struct background_options {
    /* On a thread of the pool. `arena` is its own, and what it returns lies in it. It looks at
     * `stopped` from time to time. */
    const struct error *(*work)(void *context, struct arena *arena, const atomic_bool *stopped);
    /* On the loop, twice a second meanwhile; may be NULL. */
    void (*progress)(void *context);
    /* On the loop, once, never from inside background_start; the error lies in the arena given
     * there. */
    void (*ended)(void *context, const struct error *error);
    void *context;
};

/* `arena` is used on the loop only, and lives until `ended`. */
struct background *background_start(uv_loop_t *loop, struct arena *arena,
                                    struct background_options options);

/* Sets `stopped`; `ended` still comes. */
void background_stop(struct background *background);

/* Has `count` threads do `work`, this one included, and waits for all of them. Where the system
 * gives no more threads, those that are there do it. Not on the loop. */
void background_share(int count, void (*work)(void *context), void *context);

/* What stopped work returns. */
const struct error *background_stopped_error(struct arena *arena);

#endif
