/* Beginning and ending steps. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "runtime/executor_checkpoint.h"
#include "runtime/executor_source.h"
#include "runtime/odoo/shell.h"
#include "runtime/postgres/work.h"

/* ---- what is written ---- */

static struct value *event_create(struct executor *executor, const char *event, const char *step)
{
    struct value *entry = value_object(executor->arena);
    value_set(executor->arena, entry, "event", value_string(executor->arena, event));
    if (step)
        value_set(executor->arena, entry, "step", value_string(executor->arena, step));
    return entry;
}

static struct value *event_describe_error(struct arena *arena, const struct error *error)
{
    struct value *object = value_object(arena);
    value_set(arena, object, "message", value_string(arena, arena_copy(arena, error->message)));
    if (error->help)
        value_set(arena, object, "help", value_string(arena, arena_copy(arena, error->help)));
    return object;
}

static const struct error *executor_try_to_write(struct executor *executor, struct value *entry,
                                                 enum journal_sync sync)
{
    entry = environment_mask_value(executor->run.environment, executor->arena, entry);
    const struct error *error = journal_append(executor->journal, entry, sync);
    if (error) {
        executor_stop(executor, error);
        return error;
    }
    value_append(executor->arena, executor->entries, entry);
    if (executor->options->listen)
        executor->options->listen(executor->options->listen_context, entry);
    return NULL;
}

void executor_write(struct executor *executor, struct value *entry, enum journal_sync sync)
{
    (void)executor_try_to_write(executor, entry, sync); /* what fails stops the run */
}

void executor_warn(void *context, const char *step, const char *message)
{
    struct executor *executor = context;
    struct value *entry = event_create(executor, "warning", step);
    value_set(executor->arena, entry, "message",
              value_string(executor->arena, arena_copy(executor->arena, message)));
    executor_write(executor, entry, JOURNAL_SYNC_LATER);
}

static void executor_progress(void *context, const char *step, const char *message)
{
    struct executor *executor = context;
    if (!executor->options->listen)
        return;
    struct arena *arena = arena_create();
    struct value *event = value_object(arena);
    value_set(arena, event, "event", value_string(arena, "progress"));
    value_set(arena, event, "step", value_string(arena, step));
    value_set(arena, event, "message",
              value_string(arena, environment_mask(executor->run.environment, arena, message)));
    executor->options->listen(executor->options->listen_context, event);
    arena_destroy(arena);
}

static const struct error *executor_note_move(void *context, const char *step, const char *move,
                                              const char *reverse)
{
    struct executor *executor = context;
    struct value *entry = event_create(executor, "move", step);
    value_set(executor->arena, entry, "move", value_string(executor->arena, move));
    value_set(executor->arena, entry, "reverse", value_string(executor->arena, reverse));
    return executor_try_to_write(executor, entry, JOURNAL_SYNC_NOW);
}

struct run_listener executor_listener(struct executor *executor)
{
    return (struct run_listener){.warn = executor_warn,
                                 .progress = executor_progress,
                                 .note_move = executor_note_move,
                                 .context = executor};
}

void executor_stop(struct executor *executor, const struct error *error)
{
    executor->stopping = true;
    executor_note_error(executor, error);
}

void executor_note_error(struct executor *executor, const struct error *error)
{
    if (executor->error)
        return;
    executor->error = error_create(
        executor->arena, error->outcome,
        error->help ? arena_copy(executor->arena, environment_mask(executor->run.environment,
                                                                   executor->arena, error->help))
                    : NULL,
        "%s", environment_mask(executor->run.environment, executor->arena, error->message));
}

/* ---- ending a step ---- */

static enum journal_sync step_sync(const struct active *active)
{
    bool receipt = active->kind->nature(active->step->spec) == NATURE_TRANSACTIONAL;
    return receipt || active->kind->resource == RESOURCE_NOTHING ? JOURNAL_SYNC_LATER
                                                                 : JOURNAL_SYNC_NOW;
}

static void timer_closed(uv_handle_t *handle)
{
    memory_release(handle);
}

static void active_remove(struct active *active)
{
    struct active **link = &active->executor->active;
    while (*link != active)
        link = &(*link)->next;
    *link = active->next;
    if (active->timer)
        uv_close((uv_handle_t *)active->timer, timer_closed);
}

static const char *active_join_help(struct arena *arena, const char *first, const char *second)
{
    return first && second ? arena_format(arena, "%s; %s", first, second) : first ? first : second;
}

/* Why the step ended as it did, in the terms of whoever asked it to stop. */
static const struct error *active_explain(const struct active *active, const struct error *error)
{
    struct arena *arena = active->step->arena;
    if (active->timed_out)
        return error_create(arena, OUTCOME_FAILED,
                            active_join_help(arena,
                                             "find out why, or give it more time with `timeout:`",
                                             error->help),
                            "it took longer than it may and was stopped (%s)", error->message);
    if (active->executor->lock_lost)
        return error_create(arena, OUTCOME_FAILED,
                            active_join_help(arena, active->executor->error->help, error->help),
                            "it was stopped, because %s", active->executor->error->message);
    if (active->executor->interrupted && error->outcome != OUTCOME_INTERRUPTED)
        return error_create(arena, OUTCOME_INTERRUPTED, error->help, "%s", error->message);
    return error;
}

static void active_write_end(const struct active *active, const struct error *error,
                             struct value *effects)
{
    struct executor *executor = active->executor;
    struct arena *arena = executor->arena;
    struct value *entry = event_create(executor, "step-ended", active->step->step->id);
    const char *result = !error                                  ? "done"
                         : error->outcome == OUTCOME_INTERRUPTED ? "interrupted"
                                                                 : "failed";
    value_set(arena, entry, "result", value_string(arena, result));
    value_set(arena, entry, "milliseconds", value_integer(arena, clock_now() - active->started));
    if (effects && value_count(effects) > 0)
        value_set(arena, entry, "effects", value_copy(arena, effects));
    if (error)
        value_set(arena, entry, "error", event_describe_error(arena, error));
    executor_write(executor, entry, step_sync(active));
}

/* A check that failed holds nobody up but those that need it: what the other checks find is of use
 * to whoever mends it. Anything else stops the run. */
static void step_failed(const struct active *active, const struct error *error)
{
    struct executor *executor = active->executor;
    const struct compiled_step *step = active->step->step;
    bool written = strcmp(step->origin, "drehbuch") != 0; /* by the plan's author */
    error = written ? error_wrap(executor->arena, error, "%s (%s)", step->id, step->origin)
                    : error_wrap(executor->arena, error, "%s", step->id);
    if (error->outcome != OUTCOME_FAILED || strncmp(step->kind, "check.", 6) != 0) {
        executor_stop(executor, error);
        return;
    }
    schedule_restrict_to_readers(executor->schedule);
    executor_note_error(executor, error);
}

static void step_ended(struct step_run *step, const struct error *error, struct value *effects)
{
    struct active *active = step->owner;
    struct executor *executor = active->executor;
    if (error)
        error = active_explain(active, error);
    active_write_end(active, error, effects);
    executor_follow_window(executor, active->index);
    active_remove(active);
    if (error) {
        schedule_abandon(executor->schedule, active->index);
        step_failed(active, error);
    } else {
        schedule_complete(executor->schedule, active->index);
        executor_consider_checkpoint(executor, active->index, clock_now() - active->started,
                                     effects);
    }
    /* The step's own code may still be on the stack: its memory goes when the next one ends. */
    if (executor->ended)
        step_destroy(executor->ended);
    executor->ended = step;
    executor_pump(executor);
}

/* ---- beginning a step ---- */

static void executor_pass_over(struct executor *executor, size_t index, const char *result,
                               const char *reason)
{
    const struct compiled_step *step = &executor->run.plan->steps[index];
    struct arena *arena = executor->arena;
    struct value *entry = event_create(executor, "step-ended", step->id);
    value_set(arena, entry, "kind", value_string(arena, step->kind));
    value_set(arena, entry, "digest", value_string(arena, step->digest));
    value_set(arena, entry, "result", value_string(arena, result));
    if (reason)
        value_set(arena, entry, "reason", value_string(arena, arena_copy(arena, reason)));
    value_set(arena, entry, "milliseconds", value_integer(arena, 0));
    executor_write(executor, entry, JOURNAL_SYNC_LATER);
    schedule_complete(executor->schedule, index);
    executor_pass_window(executor, index);
    executor_consider_checkpoint(executor, index, 0, NULL);
}

static void executor_skip(struct executor *executor, size_t index, const char *reason)
{
    executor_pass_over(executor, index, "skipped", reason);
}

static void step_lose_patience(uv_timer_t *timer)
{
    struct active *active = timer->data;
    active->timed_out = true;
    if (active->kind->cancel)
        active->kind->cancel(active->step);
}

static void active_start_timer(struct active *active)
{
    int64_t limit = active->step->step->timeout ? active->step->step->timeout
                                                : active->executor->run.environment->timeout;
    if (limit <= 0 || !active->kind->cancel)
        return;
    active->timer = memory_allocate(sizeof *active->timer);
    uv_timer_init(active->executor->run.loop, active->timer);
    active->timer->data = active;
    uv_update_time(active->executor->run.loop);
    uv_timer_start(active->timer, step_lose_patience, (uint64_t)limit, 0);
}

static void executor_write_start(struct executor *executor, const struct active *active)
{
    const struct compiled_step *step = active->step->step;
    struct arena *arena = executor->arena;
    struct value *entry = event_create(executor, "step-started", step->id);
    value_set(arena, entry, "kind", value_string(arena, step->kind));
    value_set(arena, entry, "digest", value_string(arena, step->digest));
    bool once = active->kind->nature(active->step->spec) == NATURE_ONCE;
    executor_write(executor, entry, once ? JOURNAL_SYNC_NOW : JOURNAL_SYNC_LATER);
}

static void active_start(struct active *active)
{
    struct executor *executor = active->executor;
    active->started = clock_now();
    active->next = executor->active;
    executor->active = active;
    executor_write_start(executor, active);
    active_start_timer(active);
    active->kind->start(active->step);
}

/* Adjacent steps share a session with Odoo's shell. Nearly everything else that writes ends it:
 * what the shell has in memory would be out of date. */
static bool active_needs_shell_ended(const struct active *active)
{
    const char *open = shell_series(active->executor->run.shell);
    if (!open || active->kind->resource == RESOURCE_NOTHING || active->kind->spares_shell)
        return false;
    const char *wanted = active->kind->shell ? active->kind->shell(active->step) : NULL;
    return !wanted || strcmp(wanted, open) != 0;
}

static void executor_shell_ended(void *context);
static void executor_flushed(void *context, const struct error *error);

static void executor_looked(struct executor *executor);

/* A step that cannot be repeated begins anew from the copy before it, should it be cut off. */
static bool executor_wants_checkpoint_before(struct executor *executor, const struct active *active)
{
    if (active->kind->nature(active->step->spec) == NATURE_ONCE)
        executor_demand_checkpoint(executor, active->kind);
    return executor_checkpoint_is_due(executor);
}

/* Whether something about the source or a checkpoint comes before the step: it is begun then, and
 * comes back. A checkpoint is kept by executor_pump, once nothing else runs. */
static bool executor_waits_for(struct executor *executor, const struct active *active)
{
    const struct step_kind *kind = active->kind;
    if (kind->makes_work && (executor_know_source(executor, executor_looked) ||
                             executor_look_for_checkpoint(executor, executor_looked)))
        return true;
    if (kind->puts_in_place && executor_compare_source(executor, executor_looked))
        return true;
    return executor_wants_checkpoint_before(executor, active);
}

/* Begins the waiting step once the shell is out of its way and, where no receipt will tell of its
 * doing, all that was committed is on disk. */
static void executor_begin_waiting(struct executor *executor)
{
    struct active *active = executor->waiting;
    if (executor->stopping) {
        executor->waiting = NULL;
        schedule_abandon(executor->schedule, active->index);
        step_destroy(active->step);
    } else if (executor_waits_for(executor, active)) {
        return; /* and comes back */
    } else if (active_needs_shell_ended(active)) {
        shell_end(executor->run.shell, executor_shell_ended, executor);
    } else if (work_is_dirty(executor->run.work) &&
               active->kind->nature(active->step->spec) != NATURE_TRANSACTIONAL) {
        work_flush(executor->run.work, executor_flushed, executor);
    } else {
        executor->waiting = NULL;
        active_start(active);
    }
}

static void executor_looked(struct executor *executor)
{
    executor_begin_waiting(executor);
    executor_pump(executor);
}

static void executor_shell_ended(void *context)
{
    struct executor *executor = context;
    executor_begin_waiting(executor);
    executor_pump(executor);
}

static void executor_flushed(void *context, const struct error *error)
{
    struct executor *executor = context;
    if (error)
        executor_stop(executor, error);
    executor_begin_waiting(executor);
    executor_pump(executor);
}

/* `refusal` NULL: for its kind, which preflight would have refused had it been asked. */
static void executor_refuse_step(struct executor *executor, size_t index,
                                 const struct error *refusal)
{
    const struct compiled_step *step = &executor->run.plan->steps[index];
    if (!refusal)
        refusal = error_create(executor->arena, OUTCOME_REFUSED, NULL,
                               "%s: this build cannot execute %s", step->id, step->kind);
    schedule_abandon(executor->schedule, index);
    executor_stop(executor, refusal);
}

static void executor_begin(struct executor *executor, size_t index)
{
    const struct compiled_step *compiled = &executor->run.plan->steps[index];
    if (compiled->only && strcmp(compiled->only, mode_name(executor->run.mode)) != 0) {
        executor_skip(executor, index, arena_format(executor->arena, "only in %s", compiled->only));
        return;
    }
    if (executor_has_taken_over(executor, index)) {
        executor_pass_over(executor, index, "taken-over", NULL);
        return;
    }
    struct step_run *step = step_create(&executor->run, compiled);
    const struct step_kind *kind = step_kind_find(compiled->kind);
    const char *reason = step_kind_reason_to_skip(step);
    if (reason) {
        executor_skip(executor, index, reason);
        step_destroy(step);
        return;
    }
    const struct error *refusal = executor_check_window(executor, index);
    if (!kind || refusal) {
        executor_refuse_step(executor, index, refusal);
        step_destroy(step);
        return;
    }
    struct active *active = arena_allocate(step->arena, sizeof *active);
    *active = (struct active){.executor = executor, .step = step, .index = index, .kind = kind};
    step->finished = step_ended;
    step->owner = active;
    executor->waiting = active;
    executor_begin_waiting(executor);
}

/* The checkpoint that was due is there, or could not be kept. */
static void executor_kept_checkpoint(struct executor *executor)
{
    executor->keeping = false;
    if (executor->waiting)
        executor_begin_waiting(executor);
    executor_pump(executor);
}

/* While the service is stopped or started nothing else begins: it may still be at work. */
static bool executor_moves_service(const struct executor *executor)
{
    for (const struct active *active = executor->active; active; active = active->next)
        if (active->kind->resource == RESOURCE_SERVICE)
            return true;
    return false;
}

static bool executor_may_begin(const struct executor *executor)
{
    return !executor->stopping && !executor_moves_service(executor) && !executor->waiting &&
           !executor_checkpoint_is_due(executor);
}

void executor_pump(struct executor *executor)
{
    if (executor->pumping)
        return; /* a step ended inside of its start: the loop below goes on */
    executor->pumping = true;
    size_t index;
    while (executor_may_begin(executor) && schedule_take(executor->schedule, &index))
        executor_begin(executor, index);
    executor->pumping = false;
    size_t running = schedule_running(executor->schedule) - (executor->waiting ? 1 : 0);
    if (running == 0 && !executor->keeping && !executor->stopping &&
        executor_checkpoint_is_due(executor)) {
        executor->keeping = true;
        executor_keep_checkpoint(executor, executor_kept_checkpoint);
    } else if (schedule_running(executor->schedule) == 0 && !executor->keeping) {
        executor_end(executor);
    }
}
