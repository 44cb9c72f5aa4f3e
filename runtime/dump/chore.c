#include "runtime/dump/chore.h"

#include "runtime/run.h"

#define INTERVAL 500 /* milliseconds between two words on the progress */

struct chore {
    struct step_run *step;
    const char *doing;
    struct file_work work;
    chore_work *function;
    chore_ended *ended;
    void *context;
    const struct error *error;
    uv_work_t request;
    uv_timer_t timer;
};

static void chore_release(void *object)
{
    arena_destroy(object);
}

static void chore_tell(uv_timer_t *timer)
{
    struct chore *chore = timer->data;
    long long done = atomic_load(&chore->work.done), total = atomic_load(&chore->work.total);
    if (total > 0)
        step_progress(chore->step, "%s: %lld of %lld MB", chore->doing, done / 1048576,
                      total / 1048576);
    else
        step_progress(chore->step, "%s: %lld MB", chore->doing, done / 1048576);
}

static void chore_on_thread(uv_work_t *request)
{
    struct chore *chore = request->data;
    chore->error = chore->function(&chore->work, chore->context);
}

static void chore_on_closed(uv_handle_t *timer)
{
    struct chore *chore = timer->data;
    chore->ended(chore->context, chore->error);
}

static void chore_on_done(uv_work_t *request, int status)
{
    struct chore *chore = request->data;
    if (status != 0) /* nobody cancels it but by its flag */
        chore->error = error_create(chore->step->arena, OUTCOME_FAILED, NULL, "%s: %s",
                                    chore->doing, uv_strerror(status));
    uv_close((uv_handle_t *)&chore->timer, chore_on_closed);
}

struct chore *chore_start(struct step_run *step, const char *doing, chore_work *work,
                          chore_ended *ended, void *context)
{
    struct chore *chore = arena_allocate(step->arena, sizeof *chore);
    chore->step = step;
    chore->doing = doing;
    chore->function = work;
    chore->ended = ended;
    chore->context = context;
    chore->work.arena = arena_create();
    arena_on_destroy(step->arena, chore_release, chore->work.arena);
    chore->request.data = chore->timer.data = chore;
    step_progress(step, "%s", doing);
    uv_timer_init(step->run->loop, &chore->timer);
    uv_timer_start(&chore->timer, chore_tell, INTERVAL, INTERVAL);
    int code = uv_queue_work(step->run->loop, &chore->request, chore_on_thread, chore_on_done);
    if (code != 0)
        chore_on_done(&chore->request, code);
    return chore;
}

void chore_stop(struct chore *chore)
{
    atomic_store(&chore->work.stop, true);
}
