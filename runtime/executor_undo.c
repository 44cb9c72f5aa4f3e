/* Taking back what a run has published: each step's undo, the last one first.
 *
 * A run that fails while it publishes does so by itself at its end; `drehbuch rollback` does it
 * later. Both write what they do into the run's journal, so that a crash in between is gone on
 * with. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "runtime/executor_private.h"
#include "runtime/past.h"

struct undoing {
    struct executor *executor;
    const enum past_state *past;
    const char *reason; /* why: for the journal */
    bool asking;        /* whether all of it can be taken back, before anything is */
    size_t next;        /* the steps before this index are still to be looked at */
    struct step_run *step;
    uv_timer_t *timer; /* its time limit, or NULL */
    int64_t started;
    const struct error *error;
    void (*ended)(struct executor *executor, const struct error *error);
};

static bool undo_is_due(const struct executor *executor, const enum past_state *past, size_t index)
{
    const struct compiled_step *step = &executor->run.plan->steps[index];
    const struct step_kind *kind = step_kind_find(step->kind);
    if (!kind || !kind->undo || past[index] == PAST_NONE || past[index] == PAST_SKIPPED)
        return false;
    return !kind->puts_in_place || past_has_moved(executor->entries, step->id);
}

bool executor_has_begun_to_publish(struct executor *executor)
{
    const struct compiled_plan *plan = executor->run.plan;
    const enum past_state *past = past_read(executor->arena, plan, executor->entries);
    for (size_t i = 0; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].phase, "publish") == 0 && undo_is_due(executor, past, i))
            return true;
    return false;
}

bool executor_has_something_to_undo(struct executor *executor)
{
    const struct compiled_plan *plan = executor->run.plan;
    const enum past_state *past = past_read(executor->arena, plan, executor->entries);
    for (size_t i = 0; i < plan->step_count; i++)
        if (undo_is_due(executor, past, i))
            return true;
    return false;
}

/* ---- its time limit, as any step's ---- */

static void undo_timer_closed(uv_handle_t *handle)
{
    memory_release(handle);
}

static void undo_lose_patience(uv_timer_t *timer)
{
    const struct undoing *undoing = timer->data;
    step_kind_find(undoing->step->step->kind)->cancel(undoing->step);
}

static void undo_start_timer(struct undoing *undoing)
{
    struct executor *executor = undoing->executor;
    const struct compiled_step *step = undoing->step->step;
    int64_t limit = step->timeout ? step->timeout : executor->run.environment->timeout;
    if (limit <= 0 || !step_kind_find(step->kind)->cancel)
        return;
    undoing->timer = memory_allocate(sizeof *undoing->timer);
    uv_timer_init(executor->run.loop, undoing->timer);
    undoing->timer->data = undoing;
    uv_update_time(executor->run.loop);
    uv_timer_start(undoing->timer, undo_lose_patience, (uint64_t)limit, 0);
}

static void undo_stop_timer(struct undoing *undoing)
{
    if (undoing->timer)
        uv_close((uv_handle_t *)undoing->timer, undo_timer_closed);
    undoing->timer = NULL;
}

/* ---- one step after the other ---- */

static void undo_next(struct undoing *undoing);
static void undo_begin(struct undoing *undoing);

static void undo_end(struct undoing *undoing)
{
    struct executor *executor = undoing->executor;
    if (!undoing->error) {
        struct value *entry = value_object(executor->arena);
        value_set(executor->arena, entry, "event", value_string(executor->arena, "rollback-ended"));
        executor_write(executor, entry, JOURNAL_SYNC_NOW);
    }
    undoing->ended(executor, undoing->error);
}

static void undo_write(struct undoing *undoing, const struct error *error, struct value *effects)
{
    struct executor *executor = undoing->executor;
    struct arena *arena = executor->arena;
    struct value *entry = value_object(arena);
    value_set(arena, entry, "event",
              value_string(arena, error ? "step-not-undone" : "step-undone"));
    value_set(arena, entry, "step", value_string(arena, undoing->step->step->id));
    value_set(arena, entry, "milliseconds", value_integer(arena, clock_now() - undoing->started));
    if (error) {
        struct value *described = value_object(arena);
        value_set(arena, described, "message",
                  value_string(arena, arena_copy(arena, error->message)));
        if (error->help)
            value_set(arena, described, "help",
                      value_string(arena, arena_copy(arena, error->help)));
        value_set(arena, entry, "error", described);
    }
    if (effects && value_count(effects) > 0)
        value_set(arena, entry, "effects", value_copy(arena, effects));
    executor_write(executor, entry, JOURNAL_SYNC_NOW);
}

/* What is in the way is told while everything still is as it was published, and the service runs.
 */
static void undo_answered(struct step_run *step, const struct error *error, struct value *effects)
{
    struct undoing *undoing = step->owner;
    struct executor *executor = undoing->executor;
    (void)effects;
    executor->undo_step = NULL;
    if (executor->ended)
        step_destroy(executor->ended);
    executor->ended = step;
    if (error)
        undoing->error =
            error_create(executor->arena, error->outcome,
                         error->help ? arena_copy(executor->arena, error->help) : NULL,
                         "%s cannot be taken back: %s", step->step->id, error->message);
    undo_next(undoing);
}

static void undo_step_ended(struct step_run *step, const struct error *error, struct value *effects)
{
    struct undoing *undoing = step->owner;
    struct executor *executor = undoing->executor;
    undo_stop_timer(undoing);
    executor->undo_step = NULL;
    undo_write(undoing, error, effects);
    /* Its code may still be on the stack: its memory goes with the next one's end. */
    if (executor->ended)
        step_destroy(executor->ended);
    executor->ended = step;
    if (error)
        undoing->error = error_create(
            executor->arena, OUTCOME_FAILED,
            arena_format(
                executor->arena,
                "see to it, then `drehbuch rollback %s` goes on; the journal has each move "
                "and its reverse",
                executor->run.folder),
            "%s could not be taken back: %s", step->step->id, error->message);
    undo_next(undoing);
}

/* Names are not given back under a server that could not be stopped, and none is started on names
 * that were not given back: the first that fails is the last. */
static void undo_next(struct undoing *undoing)
{
    struct executor *executor = undoing->executor;
    if (executor->lock_lost && !undoing->error)
        undoing->error = error_create(executor->arena, OUTCOME_FAILED,
                                      "see that nobody else works on the database, then go on with "
                                      "`drehbuch rollback`",
                                      "the connection that holds the lock was lost");
    if (executor->gives_up && executor->interrupted && !undoing->error)
        undoing->error = error_create(executor->arena, OUTCOME_INTERRUPTED,
                                      "`drehbuch rollback` goes on with it", "it was interrupted");
    while (undoing->next > 0 && !undoing->error) {
        size_t index = --undoing->next;
        const struct compiled_step *compiled = &executor->run.plan->steps[index];
        const struct step_kind *kind = step_kind_find(compiled->kind);
        if (!undo_is_due(executor, undoing->past, index) || (undoing->asking && !kind->may_undo))
            continue;
        undoing->step = step_create(&executor->run, compiled);
        undoing->step->finished = undoing->asking ? undo_answered : undo_step_ended;
        undoing->step->owner = undoing;
        undoing->started = clock_now();
        executor->undo_step = kind->cancel ? undoing->step : NULL;
        if (!undoing->asking)
            undo_start_timer(undoing);
        (undoing->asking ? kind->may_undo : kind->undo)(undoing->step);
        return;
    }
    if (undoing->asking && !undoing->error)
        undo_begin(undoing);
    else if (undoing->asking)
        undoing->ended(executor, undoing->error);
    else
        undo_end(undoing);
}

static void undo_begin(struct undoing *undoing)
{
    struct arena *arena = undoing->executor->arena;
    struct value *entry = value_object(arena);
    value_set(arena, entry, "event", value_string(arena, "rollback-started"));
    value_set(arena, entry, "reason", value_string(arena, undoing->reason));
    executor_write(undoing->executor, entry, JOURNAL_SYNC_NOW);
    undoing->asking = false;
    undoing->next = undoing->executor->run.plan->step_count;
    undo_next(undoing);
}

void executor_undo(struct executor *executor, const char *reason,
                   void (*ended)(struct executor *executor, const struct error *error))
{
    struct arena *arena = executor->arena;
    const struct compiled_plan *plan = executor->run.plan;
    struct undoing *undoing = arena_allocate(arena, sizeof *undoing);
    *undoing = (struct undoing){.executor = executor,
                                .past = past_read(arena, plan, executor->entries),
                                .reason = reason,
                                .asking = true,
                                .next = plan->step_count,
                                .ended = ended};
    undo_next(undoing);
}
