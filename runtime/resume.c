/* Taking up a run where its journal ends. */
#include <string.h>

#include "runtime/executor_checkpoint.h"
#include "runtime/executor_private.h"
#include "runtime/past.h"

/* Writes that a step is done which the journal did not know of. */
static void write_done(struct executor *executor, const struct compiled_step *step, const char *how,
                       struct value *effects)
{
    struct arena *arena = executor->arena;
    struct value *entry = value_object(arena);
    value_set(arena, entry, "event", value_string(arena, "step-ended"));
    value_set(arena, entry, "step", value_string(arena, step->id));
    value_set(arena, entry, "kind", value_string(arena, step->kind));
    value_set(arena, entry, "digest", value_string(arena, step->digest));
    value_set(arena, entry, "result", value_string(arena, "done"));
    value_set(arena, entry, how, value_boolean(arena, true));
    value_set(arena, entry, "milliseconds", value_integer(arena, 0));
    if (effects && value_count(effects) > 0)
        value_set(arena, entry, "effects", effects);
    executor_write(executor, entry, JOURNAL_SYNC_NOW);
}

static const struct acceptance_of_step *find_acceptance(const struct executor *executor,
                                                        const char *step)
{
    for (size_t i = 0; i < executor->options->accepted_count; i++)
        if (strcmp(executor->options->accepted[i].step, step) == 0)
            return &executor->options->accepted[i];
    return NULL;
}

/* The checkpoint that has all that was done before the step, or NULL. */
static const char *find_checkpoint_before(const struct executor *executor, size_t index,
                                          const enum past_state *past)
{
    const struct compiled_plan *plan = executor->run.plan;
    const char *database = NULL, *behind = NULL;
    for (size_t i = 0; i < value_count(executor->entries); i++) {
        const struct value *entry = value_item(executor->entries, i);
        if (strcmp(value_get_string(entry, "event"), "checkpoint") != 0)
            continue;
        database = value_get_string(entry, "database");
        behind = value_get_string(entry, "step");
    }
    for (size_t i = index; behind && i-- > 0;) {
        const struct step_kind *kind = step_kind_find(plan->steps[i].kind);
        if (strcmp(plan->steps[i].id, behind) == 0)
            return database;
        bool wrote = past[i] != PAST_NONE && past[i] != PAST_SKIPPED && kind &&
                     kind->resource != RESOURCE_NOTHING;
        if (wrote && strcmp(plan->steps[i].phase, "prepare") != 0)
            return NULL;
    }
    return NULL;
}

/* A step of nature `once` that was cut off or failed: where there is a copy of what was before, it
 * begins again from there; else only a person can tell. */
static const struct error *decide_once(struct executor *executor, size_t index,
                                       const enum past_state *past, bool *done)
{
    const struct compiled_step *step = &executor->run.plan->steps[index];
    const struct acceptance_of_step *answer = find_acceptance(executor, step->id);
    *done = answer && answer->done;
    if (answer)
        return NULL;
    if (step_kind_find(step->kind)->resource == RESOURCE_DATABASE)
        executor->restored_from = find_checkpoint_before(executor, index, past);
    if (executor->restored_from)
        return NULL;
    return error_create(
        executor->arena, OUTCOME_REFUSED,
        arena_format(
            executor->arena,
            "look whether it did its work, then say so: --accept %s=done or --accept %s=again",
            step->id, step->id),
        "%s (%s) was cut off or failed, and it is of a kind that cannot tell what it had done",
        step->id, step->origin);
}

static const struct error *take_up_step(struct executor *executor, size_t index,
                                        const enum past_state *all_past,
                                        const struct value *receipts)
{
    enum past_state past = all_past[index];
    const struct compiled_step *step = &executor->run.plan->steps[index];
    const struct step_kind *kind = step_kind_find(step->kind);
    bool transactional = kind && kind->nature(step->spec) == NATURE_TRANSACTIONAL;
    /* Of a transactional step the receipt has the last word: its commit may have been lost with the
     * server. What no receipt tells was not begun before all commits were on disk. */
    bool lost = past == PAST_DONE && transactional && !value_get(receipts, step->id);
    /* Who knows who has started it since: that it stands still is what publishing builds on. */
    bool again = past == PAST_DONE && !executor->run.published && kind &&
                 kind->resource == RESOURCE_SERVICE && strcmp(step->phase, "prepare") == 0;
    if (again)
        return NULL;
    if (past == PAST_SKIPPED || past == PAST_TAKEN_OVER || (past == PAST_DONE && !lost)) {
        schedule_skip(executor->schedule, index);
        return NULL;
    }
    if (!kind || lost || (past == PAST_NONE && !value_get(receipts, step->id)))
        return NULL;
    const struct value *receipt = value_get(receipts, step->id);
    bool done = false;
    const struct error *error = NULL;
    if (kind->nature(step->spec) == NATURE_ONCE)
        error = decide_once(executor, index, all_past, &done);
    if (!error && receipt && strcmp(value_get_string(receipt, "digest"), step->digest) != 0)
        error = error_create(executor->arena, OUTCOME_REFUSED, "begin a new run",
                             "the working database holds a receipt of another %s than the plan's",
                             step->id);
    if (!error && (receipt || done)) {
        write_done(executor, step, receipt ? "recovered" : "accepted",
                   value_get(receipt, "effects"));
        schedule_skip(executor->schedule, index);
    }
    return error;
}

/* The copy was made, but what is there now is not it. */
static const struct error *check_copy(struct executor *executor, const enum past_state *past)
{
    const struct compiled_plan *plan = executor->run.plan;
    for (size_t i = 0; i < plan->step_count; i++)
        if (past[i] == PAST_DONE && strcmp(plan->steps[i].kind, "database.copy") == 0)
            return error_create(executor->arena, OUTCOME_REFUSED, "begin a new run",
                                "the working database \"%s\" is gone, or another run's by now",
                                executor->run.environment->work.name);
    return NULL;
}

const struct error *resume_check_answers(struct arena *arena, const struct compiled_plan *plan,
                                         const struct executor_options *options)
{
    for (size_t i = 0; i < options->accepted_count; i++) {
        const char *named = options->accepted[i].step;
        bool known = false;
        for (size_t s = 0; s < plan->step_count && !known; s++)
            known = strcmp(plan->steps[s].id, named) == 0;
        if (!known)
            return error_create(arena, OUTCOME_USAGE, "`drehbuch status` lists the steps",
                                "the plan has no step \"%s\"", named);
    }
    return NULL;
}

const struct error *executor_take_up(struct executor *executor, const struct value *receipts)
{
    const enum past_state *past = past_read(executor->arena, executor->run.plan, executor->entries);
    const struct error *error = receipts ? NULL : check_copy(executor, past);
    executor_recall_progress(executor, past);
    for (size_t i = 0; i < executor->run.plan->step_count && !error; i++)
        error = take_up_step(executor, i, past, receipts);
    return error;
}
