/* `drehbuch rollback`: gives a run up. What it has published is taken back, and the service that it
 * stopped is started. */
#include <string.h>

#include "base/file.h"
#include "runtime/executor_private.h"
#include "runtime/past.h"
#include "runtime/postgres/work.h"

struct rollback {
    struct executor *executor;
    bool nothing; /* there is nothing to take back */
};

static bool rollback_has_work(struct executor *executor)
{
    enum past_rollback past = past_rollback(executor->entries);
    return past == ROLLBACK_PUTTING_BACK || past == ROLLBACK_GIVING_UP ||
           executor_has_something_to_undo(executor);
}

static void rollback_lose_lock(void *context)
{
    const struct rollback *rollback = context;
    rollback->executor->lock_lost = true;
    executor_note_error(rollback->executor,
                        error_create(rollback->executor->arena, OUTCOME_FAILED, "call it again",
                                     "the connection that holds the lock was lost"));
}

static void rollback_end(struct executor *executor, const struct error *error)
{
    if (error)
        executor_note_error(executor, error);
    error = journal_close(executor->journal);
    if (error)
        executor_note_error(executor, error);
    executor_close(executor);
}

/* What a killed executor had begun on the server is over by now, and its databases are open. */
static void rollback_alone(void *context, struct value *receipts, const struct error *error)
{
    struct executor *executor = context;
    (void)receipts;
    if (error)
        rollback_end(executor, error);
    else
        executor_undo(executor, "asked", rollback_end);
}

static void rollback_locked(void *context, const struct error *error)
{
    struct rollback *rollback = context;
    struct executor *executor = rollback->executor;
    if (!error)
        error = journal_open(executor->arena,
                             file_join(executor->arena, executor->run.folder, "journal.jsonl"),
                             &executor->journal, &executor->entries);
    if (error) {
        executor_refuse(executor, error);
        return;
    }
    rollback->nothing = !rollback_has_work(executor);
    executor->gives_up = true;
    executor_open_handles(executor);
    if (executor->options->begun)
        executor->options->begun(executor->options->listen_context, &executor->run, NULL);
    for (size_t i = 0; executor->options->recall && i < value_count(executor->entries); i++)
        executor->options->recall(executor->options->listen_context,
                                  value_item(executor->entries, i));
    if (rollback->nothing)
        rollback_end(executor, NULL);
    else
        work_read_receipts(&executor->run, executor->arena, rollback_alone, executor);
}

const struct error *executor_rollback(struct arena *arena, uv_loop_t *loop, const char *folder,
                                      const struct executor_options *options, bool *nothing)
{
    struct past_place past;
    const struct error *error = executor_open_past(arena, folder, options, &past);
    if (error)
        return error;
    struct executor *executor = executor_create(arena, loop, past.plan, past.environment, options);
    executor_name_run(executor, past.run, folder);
    struct rollback rollback = {.executor = executor};
    executor->lock = lock_take(&executor->run, rollback_locked, rollback_lose_lock, &rollback);
    uv_run(loop, UV_RUN_DEFAULT);
    *nothing = rollback.nothing;
    return executor->error;
}
