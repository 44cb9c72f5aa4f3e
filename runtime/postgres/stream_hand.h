/* What one thread of a stream does. Private to stream*.c. */
#ifndef RUNTIME_POSTGRES_STREAM_HAND_H
#define RUNTIME_POSTGRES_STREAM_HAND_H

#include <stdatomic.h>

#include "runtime/postgres/stream_queue.h"

struct crew;

struct hand {
    struct crew *owner; /* of no concern to it */
    uv_thread_t thread;
    struct arena *arena; /* the thread's own while it runs */
    struct stream_queue *queue;
    const struct stream_work *work;
    atomic_bool *stop;   /* set from outside, and by a hand that has failed */
    atomic_llong *bytes; /* moved so far, by all hands */
    bool connected;      /* it got to work */
    const struct error *error;
};

/* Works until there is nothing left to do. An error is in hand->error: of a hand that could not
 * connect, for others to make up for; any other one stops all hands. */
void hand_work(struct hand *hand);

#endif
