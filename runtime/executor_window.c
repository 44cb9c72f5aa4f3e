/* The window: how long a run may take (limits.window), and what the rehearsal says that is left. */
#include <string.h>

#include "base/clock.h"
#include "runtime/executor_private.h"

static int64_t window_duration(const struct executor *executor, size_t index)
{
    const struct compiled_step *step = &executor->run.plan->steps[index];
    bool other_mode = step->only && strcmp(step->only, mode_name(executor->run.mode)) != 0;
    int64_t duration =
        executor->durations && !other_mode ? record_duration(executor->durations, step->id) : 0;
    return duration > 0 ? duration : 0;
}

void executor_open_window(struct executor *executor)
{
    executor->expected = 0;
    for (size_t i = 0; i < executor->run.plan->step_count; i++)
        if (!schedule_has_ended(executor->schedule, i))
            executor->expected += window_duration(executor, i);
}

void executor_pass_window(struct executor *executor, size_t skipped)
{
    executor->expected -= window_duration(executor, skipped);
}

/* Steps that run side by side are counted one after the other: rather too early than too late. */
void executor_follow_window(struct executor *executor, size_t ended)
{
    int64_t window = executor->run.environment->window;
    executor_pass_window(executor, ended);
    int64_t end = clock_now() - executor->began + executor->expected;
    if (window == 0 || end <= window || executor->is_behind)
        return;
    executor->is_behind = true;
    executor_warn(executor, NULL,
                  arena_format(executor->arena,
                               "the run falls behind: if what is left takes as long as in the "
                               "rehearsal (%lld s), it ends %lld s after its window of %lld s",
                               (long long)executor->expected / 1000,
                               (long long)(end - window) / 1000, (long long)window / 1000));
}

/* Of the steps that publish, those that have not ended. */
static int64_t window_of_publishing(const struct executor *executor)
{
    int64_t sum = 0;
    for (size_t i = 0; i < executor->run.plan->step_count; i++)
        if (strcmp(executor->run.plan->steps[i].phase, "publish") == 0 &&
            !schedule_has_ended(executor->schedule, i))
            sum += window_duration(executor, i);
    return sum;
}

/* Publishing is not stopped half way: before its first step all of it has to fit. */
const struct error *executor_check_window(struct executor *executor, size_t index)
{
    int64_t window = executor->run.environment->window;
    const struct compiled_step *step = &executor->run.plan->steps[index];
    bool publishes = strcmp(step->phase, "publish") == 0;
    int64_t duration =
        publishes ? window_of_publishing(executor) : window_duration(executor, index);
    int64_t elapsed = clock_now() - executor->began;
    if (window == 0 || elapsed + duration <= window ||
        (publishes && executor_has_begun_to_publish(executor)))
        return NULL;
    return error_create(
        executor->arena, OUTCOME_REFUSED,
        "the source is as it was: `drehbuch rollback` falls back; or widen limits.window and "
        "resume",
        "%s would not end within the window: %s took %lld s in the rehearsal, %lld s are left",
        publishes ? "publishing" : step->id, publishes ? "all of it" : "it",
        (long long)duration / 1000, (long long)(window - elapsed) / 1000);
}
