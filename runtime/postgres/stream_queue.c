#include "runtime/postgres/stream_queue.h"

#include <stdlib.h>

void stream_queue_create(struct stream_queue *queue, struct arena *arena, struct stream_work *work)
{
    *queue = (struct stream_queue){.work = work};
    queue->ready = arena_allocate(arena, work->table_count * sizeof(struct stream_table *));
    if (uv_mutex_init(&queue->mutex) != 0 || uv_cond_init(&queue->changed) != 0)
        abort(); /* as where there is no memory */
}

void stream_queue_destroy(struct stream_queue *queue)
{
    uv_cond_destroy(&queue->changed);
    uv_mutex_destroy(&queue->mutex);
}

static void queue_give_index(struct stream_queue *queue, struct stream_job *job)
{
    struct stream_table *table = queue->ready[queue->ready_count - 1];
    *job = (struct stream_job){.table = table, .index = &table->indexes[table->indexes_begun++]};
    if (table->indexes_begun == table->index_count)
        queue->ready_count--;
}

/* An index first: its table's rows are still in memory. */
static bool queue_give(struct stream_queue *queue, struct stream_job *job)
{
    struct stream_work *work = queue->work;
    *job = (struct stream_job){0};
    if (queue->ready_count > 0) {
        queue_give_index(queue, job);
    } else if (queue->next_table < work->table_count) {
        job->table = &work->tables[queue->next_table++];
        queue->moving++;
    } else if (!queue->sequences_taken) {
        queue->sequences_taken = true;
        job->sequences = true;
    } else {
        return false;
    }
    return true;
}

bool stream_queue_take(struct stream_queue *queue, struct stream_job *job)
{
    bool taken = false;
    uv_mutex_lock(&queue->mutex);
    while (!queue->ended && !(taken = queue_give(queue, job)) && queue->moving > 0)
        uv_cond_wait(&queue->changed, &queue->mutex);
    uv_mutex_unlock(&queue->mutex);
    return taken;
}

void stream_queue_moved(struct stream_queue *queue, struct stream_table *table, bool whole)
{
    uv_mutex_lock(&queue->mutex);
    queue->moving--;
    queue->done++;
    if (!whole && table->index_count > 0)
        queue->ready[queue->ready_count++] = table;
    uv_cond_broadcast(&queue->changed);
    uv_mutex_unlock(&queue->mutex);
}

bool stream_queue_built(struct stream_queue *queue, struct stream_table *table)
{
    uv_mutex_lock(&queue->mutex);
    bool last = ++table->indexes_done == table->index_count;
    uv_mutex_unlock(&queue->mutex);
    return last;
}

void stream_queue_end(struct stream_queue *queue)
{
    uv_mutex_lock(&queue->mutex);
    queue->ended = true;
    uv_cond_broadcast(&queue->changed);
    uv_mutex_unlock(&queue->mutex);
}

size_t stream_queue_done(struct stream_queue *queue)
{
    uv_mutex_lock(&queue->mutex);
    size_t done = queue->done;
    uv_mutex_unlock(&queue->mutex);
    return done;
}
