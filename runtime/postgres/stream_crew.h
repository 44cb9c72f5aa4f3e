/* The threads of a stream: each takes the next largest table, moves its rows, and builds the
 * indexes of those that are there. Private to stream*.c. */
#ifndef RUNTIME_POSTGRES_STREAM_CREW_H
#define RUNTIME_POSTGRES_STREAM_CREW_H

#include "runtime/postgres/stream_work.h"

struct crew;

struct crew_watcher {
    void (*progress)(void *context, size_t tables, int64_t bytes);
    /* All threads have ended; NULL, or the first error. `working` were needed at most: fewer than
     * work->jobs where a server had no connections left, which `short_of` then tells; else NULL. */
    void (*ended)(void *context, const struct error *error, int working,
                  const struct error *short_of);
    void *context;
};

/* Starts work->jobs threads. */
struct crew *crew_start(uv_loop_t *loop, struct arena *arena, struct stream_work *work,
                        struct crew_watcher watcher);

/* Asks them to end soon. */
void crew_stop(struct crew *crew);

#endif
