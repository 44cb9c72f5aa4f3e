/* `wait`: time passes. */
#include "base/memory.h"
#include "runtime/steps/kinds.h"

static void wait_closed(uv_handle_t *handle)
{
    memory_release(handle);
}

static void wait_end(uv_timer_t *timer, const struct error *error)
{
    struct step_run *step = timer->data;
    uv_close((uv_handle_t *)timer, wait_closed);
    step_finish(step, error, NULL);
}

static void wait_is_over(uv_timer_t *timer)
{
    wait_end(timer, NULL);
}

static void wait_start(struct step_run *step)
{
    uv_timer_t *timer = memory_allocate(sizeof *timer);
    uv_timer_init(step->run->loop, timer);
    timer->data = step;
    step->state = timer;
    /* The loop's own time is of its last turn, and counts whole milliseconds: never too short. */
    uv_update_time(step->run->loop);
    uint64_t milliseconds = (uint64_t)value_get_integer(step->spec, "milliseconds", 0) + 1;
    uv_timer_start(timer, wait_is_over, milliseconds, 0);
}

static void wait_was_cancelled(uv_timer_t *timer)
{
    struct step_run *step = timer->data;
    wait_end(timer, error_create(step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop"));
}

static void wait_cancel(struct step_run *step)
{
    uv_timer_start(step->state, wait_was_cancelled, 0, 0);
}

const struct step_kind kind_wait = {
    .name = "wait",
    .resource = RESOURCE_DATABASE, /* what comes after it waits too */
    .nature = nature_repeatable,
    .start = wait_start,
    .cancel = wait_cancel,
};
