#include "runtime/filestore/background.h"

#define PROGRESS_INTERVAL 500 /* milliseconds */
#define THREAD_LIMIT 64

struct background {
    uv_work_t work;
    uv_timer_t timer;
    struct background_options options;
    struct arena *arena; /* the loop's */
    struct arena *own;   /* the thread's */
    atomic_bool stopped;
    const struct error *error;
};

static void background_timer_closed(uv_handle_t *handle)
{
    struct background *background = handle->data;
    background->options.ended(background->options.context, background->error);
}

static void background_on_timer(uv_timer_t *timer)
{
    struct background *background = timer->data;
    background->options.progress(background->options.context);
}

static void background_work(uv_work_t *work)
{
    struct background *background = work->data;
    background->error = background->options.work(background->options.context, background->own,
                                                 &background->stopped);
}

static void background_after(uv_work_t *work, int status)
{
    struct background *background = work->data;
    const struct error *error = background->error;
    if (status != 0)
        error = background_stopped_error(background->own);
    if (error)
        error = error_create(background->arena, error->outcome,
                             error->help ? arena_copy(background->arena, error->help) : NULL, "%s",
                             error->message);
    background->error = error;
    arena_destroy(background->own);
    uv_close((uv_handle_t *)&background->timer, background_timer_closed);
}

/* The end is to come from the loop, also where nothing could begin. */
static void background_could_not_start(uv_timer_t *timer)
{
    background_after(&((struct background *)timer->data)->work, 0);
}

struct background *background_start(uv_loop_t *loop, struct arena *arena,
                                    struct background_options options)
{
    struct background *background = arena_allocate(arena, sizeof *background);
    background->options = options;
    background->arena = arena;
    background->own = arena_create();
    atomic_init(&background->stopped, false);
    background->work.data = background->timer.data = background;
    uv_timer_init(loop, &background->timer);
    int code = uv_queue_work(loop, &background->work, background_work, background_after);
    if (code != 0) {
        background->error = error_create(background->own, OUTCOME_FAILED, NULL,
                                         "cannot start a thread: %s", uv_strerror(code));
        uv_timer_start(&background->timer, background_could_not_start, 0, 0);
    } else if (options.progress) {
        uv_timer_start(&background->timer, background_on_timer, PROGRESS_INTERVAL,
                       PROGRESS_INTERVAL);
    }
    return background;
}

void background_stop(struct background *background)
{
    atomic_store(&background->stopped, true);
}

void background_share(int count, void (*work)(void *context), void *context)
{
    uv_thread_t threads[THREAD_LIMIT];
    int started = 0;
    while (started < count - 1 && started < THREAD_LIMIT &&
           uv_thread_create(&threads[started], work, context) == 0)
        started++;
    work(context);
    while (started > 0)
        (void)uv_thread_join(&threads[--started]);
}

const struct error *background_stopped_error(struct arena *arena)
{
    return error_create(arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
}
