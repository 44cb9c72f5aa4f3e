#include "runtime/postgres/stream_crew.h"

#include <stdlib.h>

#include "runtime/postgres/stream_hand.h"

#define PROGRESS_INTERVAL 500 /* milliseconds */

/* Threads of their own: those of libuv's pool are few, and all others wait for them. */
struct crew {
    struct arena *arena;
    struct crew_watcher watcher;
    struct stream_queue queue;
    struct hand *hands;
    int count;       /* of those that were started */
    int joined;      /* of those that have ended */
    atomic_int left; /* that have not yet said that they end */
    atomic_bool stop;
    atomic_llong bytes;
    uv_async_t one_ended;
    uv_timer_t progress;
    int open_handles;
};

/* ---- the end ---- */

/* Of several errors that one tells most which is not a consequence of being told to stop. */
static const struct error *crew_first_error(const struct crew *crew, int *working)
{
    const struct error *first = NULL, *missing = NULL;
    *working = 0;
    for (int i = 0; i < crew->count; i++) {
        const struct hand *hand = &crew->hands[i];
        *working += hand->connected ? 1 : 0;
        if (!hand->connected && hand->error)
            missing = hand->error;
        else if (hand->error && (!first || first->outcome == OUTCOME_INTERRUPTED))
            first = hand->error;
    }
    if (crew->count == 0)
        return error_create(crew->arena, OUTCOME_FAILED, "see how many threads are allowed here",
                            "no thread can be started");
    return *working > 0 ? first : missing;
}

static const struct error *crew_find_missing(const struct crew *crew)
{
    for (int i = 0; i < crew->count; i++)
        if (!crew->hands[i].connected)
            return crew->hands[i].error;
    return NULL;
}

static void crew_end(struct crew *crew)
{
    int working;
    const struct error *error = crew_first_error(crew, &working);
    const struct error *missing = crew_find_missing(crew);
    if (error) /* the hands' memory goes with them */
        error = error_create(crew->arena, error->outcome,
                             error->help ? arena_copy(crew->arena, error->help) : NULL, "%s",
                             error->message);
    if (missing)
        missing = error_create(crew->arena, missing->outcome, NULL, "%s", missing->message);
    for (int i = 0; i < crew->count; i++)
        arena_destroy(crew->hands[i].arena);
    stream_queue_destroy(&crew->queue);
    crew->watcher.ended(crew->watcher.context, error, working, missing);
}

static void crew_handle_closed(uv_handle_t *handle)
{
    struct crew *crew = handle->data;
    if (--crew->open_handles == 0)
        crew_end(crew);
}

static void crew_on_end(uv_async_t *async)
{
    struct crew *crew = async->data;
    if (atomic_load(&crew->left) > 0)
        return;
    for (; crew->joined < crew->count; crew->joined++)
        uv_thread_join(&crew->hands[crew->joined].thread);
    uv_close((uv_handle_t *)&crew->one_ended, crew_handle_closed);
    uv_close((uv_handle_t *)&crew->progress, crew_handle_closed);
}

/* ---- the way ---- */

static void crew_on_progress(uv_timer_t *timer)
{
    struct crew *crew = timer->data;
    crew->watcher.progress(crew->watcher.context, stream_queue_done(&crew->queue),
                           atomic_load(&crew->bytes));
}

static void crew_run_hand(void *argument)
{
    struct hand *hand = argument;
    struct crew *crew = hand->owner;
    hand_work(hand);
    atomic_fetch_sub(&crew->left, 1);
    uv_async_send(&crew->one_ended);
}

static bool crew_start_hand(struct crew *crew, struct hand *hand)
{
    *hand = (struct hand){.owner = crew,
                          .arena = arena_create(),
                          .queue = &crew->queue,
                          .work = crew->queue.work,
                          .stop = &crew->stop,
                          .bytes = &crew->bytes};
    atomic_fetch_add(&crew->left, 1);
    if (uv_thread_create(&hand->thread, crew_run_hand, hand) == 0)
        return true;
    atomic_fetch_sub(&crew->left, 1);
    arena_destroy(hand->arena);
    return false;
}

static void crew_open_handles(struct crew *crew, uv_loop_t *loop)
{
    crew->one_ended.data = crew->progress.data = crew;
    crew->open_handles = 2;
    if (uv_async_init(loop, &crew->one_ended, crew_on_end) != 0)
        abort(); /* as where there is no memory */
    uv_timer_init(loop, &crew->progress);
    uv_timer_start(&crew->progress, crew_on_progress, PROGRESS_INTERVAL, PROGRESS_INTERVAL);
}

struct crew *crew_start(uv_loop_t *loop, struct arena *arena, struct stream_work *work,
                        struct crew_watcher watcher)
{
    struct crew *crew = arena_allocate(arena, sizeof *crew);
    crew->arena = arena;
    crew->watcher = watcher;
    crew->hands = arena_allocate(arena, (size_t)work->jobs * sizeof *crew->hands);
    stream_queue_create(&crew->queue, arena, work);
    crew_open_handles(crew, loop);
    while (crew->count < work->jobs && crew_start_hand(crew, &crew->hands[crew->count]))
        crew->count++;
    if (crew->count == 0)
        uv_async_send(&crew->one_ended);
    return crew;
}

void crew_stop(struct crew *crew)
{
    atomic_store(&crew->stop, true);
    stream_queue_end(&crew->queue);
}
