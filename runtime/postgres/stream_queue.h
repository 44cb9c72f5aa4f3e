/* What the threads of a stream have still to do. Private to stream*.c; its functions may be called
 * from any thread. */
#ifndef RUNTIME_POSTGRES_STREAM_QUEUE_H
#define RUNTIME_POSTGRES_STREAM_QUEUE_H

#include <uv.h>

#include "runtime/postgres/stream_work.h"

struct stream_queue {
    uv_mutex_t mutex;
    uv_cond_t changed;
    struct stream_work *work;
    size_t next_table;
    struct stream_table **ready; /* tables whose rows are there, with indexes to build */
    size_t ready_count;
    size_t moving; /* tables that somebody is at: their indexes are to come */
    size_t done;   /* tables whose rows are there */
    bool sequences_taken;
    bool ended;
};

/* Every job is one of these. */
struct stream_job {
    bool sequences;
    struct stream_table *table;
    const struct stream_index *index; /* NULL: the table's rows */
};

void stream_queue_create(struct stream_queue *queue, struct arena *arena, struct stream_work *work);
void stream_queue_destroy(struct stream_queue *queue);

/* The next job; waits where one may still come. False: there is none any more. */
bool stream_queue_take(struct stream_queue *queue, struct stream_job *job);

/* The table's rows are there; its indexes are to be built unless that was done with them. */
void stream_queue_moved(struct stream_queue *queue, struct stream_table *table, bool whole);

/* One of its indexes is there. True: it was the last one. */
bool stream_queue_built(struct stream_queue *queue, struct stream_table *table);

/* Nothing is given out any more. */
void stream_queue_end(struct stream_queue *queue);

size_t stream_queue_done(struct stream_queue *queue);

#endif
