/* Going on with a run: it must be the same plan in the same place; what is done is in resume.c. */
#include <string.h>

#include "base/file.h"
#include "runtime/checkpoint/restore.h"
#include "runtime/executor_checkpoint.h"
#include "runtime/executor_source.h"
#include "runtime/past.h"
#include "runtime/postgres/work.h"

static void executor_lock_lost_in_resume(void *context)
{
    executor_lose_lock(context);
}

static void executor_restored(void *context, const struct error *error)
{
    struct executor *executor = context;
    if (error)
        executor_stop(executor, error);
    else
        executor_warn(
            executor, NULL,
            arena_format(executor->arena,
                         "what was done by half is gone: the working database is that from the "
                         "checkpoint \"%s\"",
                         executor->restored_from));
    executor_go(executor);
}

static void executor_receipts_found(void *context, struct value *receipts,
                                    const struct error *error)
{
    struct executor *executor = context;
    if (error) {
        executor_refuse(executor, error);
        return;
    }
    if (executor->options->begun)
        executor->options->begun(executor->options->listen_context, &executor->run,
                                 executor->rehearsal);
    for (size_t i = 0; executor->options->recall && i < value_count(executor->entries); i++)
        executor->options->recall(executor->options->listen_context,
                                  value_item(executor->entries, i));
    executor_write(executor, executor_describe_process(executor, "run-resumed"), JOURNAL_SYNC_NOW);
    executor_recall_source(executor);
    executor_recall_checkpoint(executor);
    if (past_rollback(executor->entries) == ROLLBACK_PUTTING_BACK)
        error = error_create(executor->arena, OUTCOME_FAILED, NULL,
                             "publishing failed before; what it did is put back");
    else
        error = executor_take_up(executor, receipts);
    if (error)
        executor_stop(executor, error);
    if (!error && executor->restored_from)
        checkpoint_restore(&executor->run, executor->restored_from, executor_restored, executor);
    else
        executor_go(executor);
}

/* Once the service runs again on the database of before, what is entered there would be lost. */
static const struct error *resume_check_rollback(struct arena *arena, const char *folder,
                                                 const struct value *entries, enum mode mode)
{
    enum past_rollback rollback = past_rollback(entries);
    if (rollback == ROLLBACK_GIVING_UP)
        return error_create(arena, OUTCOME_REFUSED,
                            arena_format(arena, "`drehbuch rollback %s` goes on with that", folder),
                            "somebody has begun to give this run up");
    if (rollback == ROLLBACK_GIVEN_UP)
        return error_create(arena, OUTCOME_REFUSED, "begin a new run", "this run was given up");
    if (rollback == ROLLBACK_PUT_BACK && mode == MODE_PRODUCTION)
        return error_create(arena, OUTCOME_REFUSED, "begin a new run",
                            "publishing failed and was put back: people may have worked on the "
                            "live database since, "
                            "and that would be lost");
    return NULL;
}

static void executor_locked_to_resume(void *context, const struct error *error)
{
    struct executor *executor = context;
    if (!error) /* only under the lock, as it cuts off what a crash left unfinished */
        error =
            journal_open(executor->arena,
                         arena_format(executor->arena, "%s/journal.jsonl", executor->run.folder),
                         &executor->journal, &executor->entries);
    if (!error) /* somebody may have given it up just before the lock was free */
        error = resume_check_rollback(executor->arena, executor->run.folder, executor->entries,
                                      executor->run.mode);
    if (error)
        executor_refuse(executor, error);
    else
        work_read_receipts(&executor->run, executor->arena, executor_receipts_found, executor);
}

/* The entry that the run began with; the plan must be the one it names. */
static const struct error *resume_check_start(struct arena *arena, const char *folder,
                                              const struct value *entries,
                                              const struct compiled_plan *plan)
{
    const struct value *first = value_item(entries, 0);
    const char *digest = value_get_string(first, "plan");
    if (!digest || !value_get_string(first, "environment_file") || !value_get_string(first, "run"))
        return error_create(arena, OUTCOME_INVALID, "begin a new run",
                            "%s holds a run that never began", folder);
    if (strcmp(digest, plan->digest) != 0)
        return error_create(arena, OUTCOME_REFUSED, "begin a new run",
                            "%s/plan.json is not the plan that this run began with", folder);
    return NULL;
}

static const struct error *resume_check_place(struct arena *arena, const struct value *then,
                                              const struct compiled_plan *plan,
                                              const struct environment *environment)
{
    const struct value *now = executor_describe_place(arena, plan, environment);
    for (size_t i = 0; i < value_count(then); i++)
        if (!value_get(now, then->as.object.members[i].key))
            return error_create(arena, OUTCOME_REFUSED, "put it back as it was, or begin a new run",
                                "%s: `%s` was there when the run began", environment->path,
                                then->as.object.members[i].key);
    for (size_t i = 0; i < value_count(now); i++) {
        const struct value_member *member = &now->as.object.members[i];
        const struct value *other = value_get(then, member->key);
        if (!other || !value_equal(other, member->value))
            return error_create(arena, OUTCOME_REFUSED, "put it back as it was, or begin a new run",
                                "%s: `%s` is not what it was when the run began", environment->path,
                                member->key);
    }
    return NULL;
}

static const struct error *resume_load_rehearsal(struct arena *arena, const char *folder,
                                                 const struct value *first,
                                                 struct value **rehearsal)
{
    const char *expected = value_get_string(first, "rehearsal");
    const char *path = file_join(arena, folder, "rehearsal.json");
    struct digest digest;
    if (!expected)
        return NULL;
    const struct error *error = record_load(arena, path, rehearsal, &digest);
    if (!error && strcmp(digest.hex, expected) != 0)
        error = error_create(arena, OUTCOME_REFUSED, "put the record back that the run began with",
                             "%s was changed since the run began", path);
    return error;
}

static bool journal_ended_well(const struct value *entries)
{
    const struct value *last = value_item(entries, value_count(entries) - 1);
    const char *event = value_get_string(last, "event");
    const char *result = value_get_string(last, "result");
    return event && strcmp(event, "run-ended") == 0 && result && strcmp(result, "done") == 0;
}

const struct error *executor_open_past(struct arena *arena, const char *folder,
                                       const struct executor_options *options,
                                       struct past_place *past)
{
    const char *journal_path = arena_format(arena, "%s/journal.jsonl", folder);
    const struct error *error =
        compiled_load(arena, arena_format(arena, "%s/plan.json", folder), &past->plan);
    if (!error)
        error = journal_read(arena, journal_path, &past->entries);
    if (!error)
        error = resume_check_start(arena, folder, past->entries, past->plan);
    if (error)
        return error;
    past->first = value_item(past->entries, 0);
    past->run = value_get_string(past->first, "run");
    error = environment_load(arena, value_get_string(past->first, "environment_file"), past->plan,
                             options->diagnostics, &past->environment);
    if (!error &&
        strcmp(mode_name(past->environment->mode), value_get_string(past->first, "mode")) != 0)
        error = error_create(arena, OUTCOME_REFUSED, "begin a new run",
                             "%s has another mode now than when the run began",
                             past->environment->path);
    if (!error)
        error = resume_check_place(arena, value_get(past->first, "place"), past->plan,
                                   past->environment);
    return error;
}

const struct error *executor_resume(struct arena *arena, uv_loop_t *loop, const char *folder,
                                    const struct executor_options *options)
{
    struct past_place past;
    struct value *rehearsal = NULL;
    const struct error *error = executor_open_past(arena, folder, options, &past);
    if (!error)
        error = resume_check_answers(arena, past.plan, options);
    if (!error)
        error = resume_check_rollback(arena, folder, past.entries, past.environment->mode);
    if (!error)
        error = resume_load_rehearsal(arena, folder, past.first, &rehearsal);
    if (error)
        return error;
    struct executor *executor = executor_create(arena, loop, past.plan, past.environment, options);
    executor_name_run(executor, past.run, folder);
    executor_use_rehearsal(executor, rehearsal);
    executor->run.changed_addons = value_get_string(past.first, "changed_addons");
    executor->run.deep = value_get_boolean(past.first, "deep", false);
    if (journal_ended_well(past.entries)) {
        executor->entries = past.entries;
        executor_write_record(
            executor); /* a crash may have come between the journal's end and the record */
        return executor->error;
    }
    executor->lock = lock_take(&executor->run, executor_locked_to_resume,
                               executor_lock_lost_in_resume, executor);
    uv_run(loop, UV_RUN_DEFAULT);
    return executor->error;
}
