/* `check.log`: what Odoo said in the steps before has no line that is forbidden, but those that are
 * excused. A thread reads: logs are large. */
#include "base/buffer.h"
#include "base/memory.h"
#include "runtime/odoo/log_search.h"
#include "runtime/run_folder.h"
#include "runtime/steps/check_result.h"
#include "runtime/steps/kinds.h"

#define SHOWN 3 /* findings that the error shows; all that are kept stand in the step's log */

struct log_check {
    struct step_run *step;
    uv_work_t work;
    struct log_search *search;
    bool *before; /* the plan's steps that this one comes after */
    const struct error *error;
};

/* What a step comes after is the same in a run that was never cut off; what happens to have ended
 * is not. */
static bool *find_steps_before(struct step_run *step)
{
    const struct compiled_plan *plan = step->run->plan;
    size_t own = (size_t)(step->step - plan->steps);
    bool *before = arena_allocate(step->arena, (own + 1) * sizeof *before);
    before[own] = true;
    for (size_t i = own + 1; i-- > 0;)
        for (size_t j = 0; before[i] && j < plan->steps[i].need_count; j++)
            before[plan->steps[i].needs[j]] = true;
    before[own] = false;
    return before;
}

/* In a thread of libuv's: touches nothing but the plan, which does not change, and the step's
 * arena, which nobody else uses before it has ended. */
static void log_check_read(uv_work_t *work)
{
    struct log_check *check = work->data;
    const struct run *run = check->step->run;
    size_t own = (size_t)(check->step->step - run->plan->steps);
    for (size_t i = 0; i < own && !check->error; i++) {
        const char *id = run->plan->steps[i].id;
        if (check->before[i])
            check->error = log_search_read(
                check->search, id, run_folder_log_path(check->step->arena, run->folder, i, id));
    }
}

static struct value *log_check_excused(const struct log_check *check)
{
    struct arena *arena = check->step->arena;
    struct value *excused = value_object(arena);
    for (size_t i = 0; i < check->search->excuse_count; i++)
        value_set(arena, excused, check->search->excuses[i].match,
                  value_integer(arena, (int64_t)check->search->excuses[i].count));
    return excused;
}

static void log_check_write(const struct log_check *check)
{
    const struct log_search *search = check->search;
    for (size_t i = 0; i < search->finding_count && i < LOG_FINDING_LIMIT; i++)
        step_log(check->step, "%s, line %zu: %s", search->findings[i].step,
                 search->findings[i].line, search->findings[i].text);
    if (search->finding_count > LOG_FINDING_LIMIT)
        step_log(check->step, "and %zu more", search->finding_count - LOG_FINDING_LIMIT);
    for (size_t i = 0; i < search->excuse_count; i++)
        step_log(check->step, "%zu excused by %s%s%s", search->excuses[i].count,
                 search->excuses[i].match, search->excuses[i].why ? ": " : "",
                 search->excuses[i].why ? search->excuses[i].why : "");
}

static const struct error *log_check_judge(const struct log_check *check)
{
    const struct log_search *search = check->search;
    struct arena *arena = check->step->arena;
    struct buffer lines = {0};
    if (search->finding_count == 0)
        return NULL;
    for (size_t i = 0; i < search->finding_count && i < SHOWN; i++)
        buffer_format(&lines, "\n  %s: %s", search->findings[i].step, search->findings[i].text);
    if (search->finding_count > SHOWN)
        buffer_format(&lines, "\n  and %zu more", search->finding_count - SHOWN);
    const struct error *error = error_create(
        arena, OUTCOME_FAILED,
        "mend what they tell of, or excuse them in the plan: except: [{ match: ..., why: ... }]",
        "the check failed: %zu %s of Odoo's log %s forbidden%s", search->finding_count,
        search->finding_count == 1 ? "line" : "lines", search->finding_count == 1 ? "is" : "are",
        buffer_string(&lines));
    buffer_release(&lines);
    return error;
}

static void log_check_ended(uv_work_t *work, int status)
{
    struct log_check *check = work->data;
    struct step_run *step = check->step;
    const struct log_search *search = check->search;
    if (!check->error && (status != 0 || atomic_load(&search->stopped)))
        check->error = error_create(step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    if (check->error) {
        step_finish(step, check->error, NULL);
        return;
    }
    const char *actual = arena_format(step->arena, "%zu forbidden %s", search->finding_count,
                                      search->finding_count == 1 ? "line" : "lines");
    struct value *effects =
        check_describe(step, actual, "no forbidden line", search->finding_count == 0);
    if (search->excuse_count > 0)
        value_set(step->arena, effects, "excused", log_check_excused(check));
    log_check_write(check);
    step_finish(step, log_check_judge(check), effects);
}

static void check_log_start(struct step_run *step)
{
    struct log_check *check = arena_allocate(step->arena, sizeof *check);
    *check = (struct log_check){.step = step};
    check->work.data = check;
    check->before = find_steps_before(step);
    step->state = check;
    const struct error *error =
        log_search_create(step->arena, value_get_string(step->spec, "forbid"),
                          value_get(step->spec, "except"), &check->search);
    if (!error &&
        uv_queue_work(step->run->loop, &check->work, log_check_read, log_check_ended) == 0)
        return;
    step_finish(step,
                error ? error
                      : error_create(step->arena, OUTCOME_FAILED, NULL, "no thread can be had"),
                NULL);
}

/* The executor asks only once the step has begun to wait for its thread. */
static void check_log_cancel(struct step_run *step)
{
    struct log_check *check = step->state;
    atomic_store(&check->search->stopped, true);
}

const struct step_kind kind_check_log = {
    .name = "check.log",
    .resource = RESOURCE_NOTHING,
    .nature = nature_repeatable,
    .start = check_log_start,
    .cancel = check_log_cancel,
};
