#include "runtime/executor_source.h"

#include <string.h>

#include "runtime/past.h"
#include "runtime/snapshot.h"

static void source_is_known(void *context, const char *snapshot, const struct error *error)
{
    struct executor *executor = context;
    struct arena *arena = executor->arena;
    if (error) {
        executor_warn(executor, NULL, error->message);
        executor->source_then(executor);
        return;
    }
    executor->snapshot = snapshot;
    struct value *entry = value_object(arena);
    value_set(arena, entry, "event", value_string(arena, "source-snapshot"));
    value_set(arena, entry, "snapshot", value_string(arena, snapshot));
    executor_write(executor, entry, JOURNAL_SYNC_LATER);
    executor->source_then(executor);
}

bool executor_know_source(struct executor *executor, void (*known)(struct executor *executor))
{
    const struct environment *environment = executor->run.environment;
    bool wanted = environment->mode == MODE_PRODUCTION || environment->checkpoints.count > 0;
    if (executor->source_asked || !wanted)
        return false;
    executor->source_asked = true;
    executor->source_then = known;
    snapshot_read(&executor->run, executor->arena, &environment->source, false, source_is_known,
                  executor);
    return true;
}

void executor_recall_source(struct executor *executor)
{
    for (size_t i = 0; i < value_count(executor->entries); i++) {
        const struct value *entry = value_item(executor->entries, i);
        if (strcmp(value_get_string(entry, "event"), "source-snapshot") != 0)
            continue;
        /* Where the copy is made again, the source is asked again. */
        executor->snapshot = value_get_string(entry, "snapshot");
    }
}

/* Unless somebody has given a reason. */
static void source_object(struct executor *executor, const char *what, const char *help)
{
    const char *reason = executor->options->changed_source;
    if (reason)
        executor_warn(executor, NULL,
                      arena_format(executor->arena, "%s; going on: %s", what, reason));
    else
        executor_stop(executor, error_create(executor->arena, OUTCOME_REFUSED, help, "%s", what));
}

static void source_has_changed(struct executor *executor)
{
    source_object(
        executor,
        "the source has changed since it was copied: what was entered there would be lost",
        "find out who works on it, then give this run up with `drehbuch rollback` and begin "
        "a new one; or say with `drehbuch resume --changed-source` why that may be lost");
}

/* What cannot be told may have happened. */
static void source_is_unknown(struct executor *executor, const char *why)
{
    source_object(executor,
                  arena_format(executor->arena,
                               "it cannot be told whether the source has changed since it was "
                               "copied: %s",
                               why),
                  "find out whether anybody has worked on it, then say with `drehbuch resume "
                  "--changed-source` why nothing can be lost; or give this run up with `drehbuch "
                  "rollback` and begin a new one");
}

/* Whether an earlier attempt has begun to change the names: the source may be closed since, so that
 * nobody can look into it before that is done. */
static bool source_is_moving(const struct executor *executor)
{
    const struct compiled_plan *plan = executor->run.plan;
    for (size_t i = 0; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].kind, "database.rename") == 0 &&
            past_has_moved(executor->entries, plan->steps[i].id))
            return true;
    return false;
}

static void source_is_compared(void *context, const char *snapshot, const struct error *error)
{
    struct executor *executor = context;
    if (error && executor->snapshot && source_is_moving(executor)) {
        executor->run.source_found = executor->snapshot;
        executor->run.source_unseen = true;
        executor->source_then(executor);
        return;
    }
    enum snapshot_difference difference = error || !executor->snapshot
                                              ? SNAPSHOT_UNKNOWN
                                              : snapshot_compare(executor->snapshot, snapshot);
    if (difference == SNAPSHOT_SAME)
        executor->run.source_found = snapshot;
    else if (difference == SNAPSHOT_CHANGED)
        source_has_changed(executor);
    else
        source_is_unknown(executor, error ? error->message
                                    : executor->snapshot
                                        ? "its server has lost count, as it does when it "
                                          "crashes"
                                        : "it could not be asked before it was copied");
    executor->source_then(executor);
}

bool executor_compare_source(struct executor *executor, void (*compared)(struct executor *executor))
{
    if (executor->source_compared || executor->run.mode != MODE_PRODUCTION)
        return false;
    if (executor->run.published) {
        /* Gone on with behind the change of names: the source's may be the result's now. */
        if (!executor->options->changed_source)
            executor->run.source_found = executor->snapshot;
        return false;
    }
    executor->source_compared = true;
    executor->source_then = compared;
    snapshot_read(&executor->run, executor->arena, &executor->run.environment->source, true,
                  source_is_compared, executor);
    return true;
}
