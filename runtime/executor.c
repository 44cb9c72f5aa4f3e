#include "runtime/executor.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "runtime/drift.h"
#include "runtime/executor_checkpoint.h"
#include "runtime/facts.h"
#include "runtime/odoo/shell.h"
#include "runtime/past.h"
#include "runtime/postgres/conninfo.h"
#include "runtime/postgres/work.h"

#define SYNC_INTERVAL 500 /* milliseconds; the journal's promise is a second */

/* ---- the end ---- */

void executor_close(struct executor *executor)
{
    if (executor->has_handles) {
        uv_close((uv_handle_t *)&executor->interrupt, NULL);
        uv_close((uv_handle_t *)&executor->terminate, NULL);
        uv_close((uv_handle_t *)&executor->hangup, NULL);
        uv_close((uv_handle_t *)&executor->sync, NULL);
    }
    work_disconnect(executor->run.work);
    lock_release(executor->lock);
    if (executor->ended)
        step_destroy(executor->ended);
}

static const char *executor_result(const struct error *error)
{
    if (!error)
        return "done";
    if (error->outcome == OUTCOME_INTERRUPTED)
        return "interrupted";
    return error->outcome == OUTCOME_REFUSED ? "refused" : "failed";
}

void executor_write_record(struct executor *executor)
{
    struct arena *arena = executor->arena;
    struct value *drift = NULL;
    struct value *record = record_make(arena, executor->entries, NULL);
    if (executor->run.mode == MODE_PRODUCTION && executor->rehearsal) {
        drift = drift_compare(arena, executor->rehearsal, record);
        value_set(arena, record, "drift", drift);
    }
    struct buffer text = {0};
    json_write(&text, record, JSON_INDENTED);
    const char *path = arena_format(arena, "%s/run.json", executor->run.folder);
    const struct error *error = file_replace(arena, path, text.bytes, text.length, 0644);
    buffer_release(&text);
    if (error)
        executor_stop(executor, error);
}

static void executor_write_end(struct executor *executor, struct value *facts)
{
    struct arena *arena = executor->arena;
    const struct error *error = executor->error;
    struct value *entry = value_object(arena);
    value_set(arena, entry, "event", value_string(arena, "run-ended"));
    value_set(arena, entry, "result", value_string(arena, executor_result(error)));
    value_set(arena, entry, "outcome", value_integer(arena, error ? error->outcome : OUTCOME_DONE));
    if (facts)
        value_set(arena, entry, "work", facts);
    if (error) {
        struct value *described = value_object(arena);
        value_set(arena, described, "message", value_string(arena, error->message));
        if (error->help)
            value_set(arena, described, "help", value_string(arena, error->help));
        value_set(arena, entry, "error", described);
    }
    executor_write(executor, entry, JOURNAL_SYNC_NOW);
    executor_write_record(executor);
    error = journal_close(executor->journal);
    if (error)
        executor_stop(executor, error);
    executor_close(executor);
}

static void executor_facts_found(void *context, struct value *facts, const struct error *error)
{
    struct executor *executor = context;
    if (error)
        executor_warn(
            executor, NULL,
            arena_format(executor->arena, "the result could not be looked at: %s", error->message));
    executor_write_end(executor, facts);
}

/* By publishing the working database got another name. */
static void executor_read_facts(struct executor *executor)
{
    struct database_address work = executor->run.environment->work;
    if (executor->run.published)
        work.url = conninfo_write(executor->arena, &work, executor->run.published);
    facts_read(&executor->run, executor->arena, &work, executor_facts_found, executor);
}

/* What the journal says is done is on disk, or the run says that it cannot tell. */
static void executor_finish(void *context, const struct error *error)
{
    struct executor *executor = context;
    if (error)
        executor_stop(executor, error);
    if (!executor->error && !schedule_is_complete(executor->schedule))
        executor_stop(executor, error_create(executor->arena, OUTCOME_INTERRUPTED, "resume the run",
                                             "it was asked to stop"));
    if (executor->error)
        executor_write_end(executor, NULL);
    else
        executor_read_facts(executor);
}

static void executor_flush_and_finish(struct executor *executor)
{
    if (work_is_dirty(executor->run.work))
        work_flush(executor->run.work, executor_finish, executor);
    else
        executor_finish(executor, NULL);
}

/* Half a publishing is none: what it did is put back. Who interrupted it may want to go on. */
static bool executor_has_to_put_back(struct executor *executor)
{
    const struct error *error = executor->error;
    if (!error || error->outcome == OUTCOME_INTERRUPTED || executor->lock_lost)
        return false;
    return past_rollback(executor->entries) == ROLLBACK_PUTTING_BACK ||
           executor_has_begun_to_publish(executor);
}

static void executor_was_put_back(struct executor *executor, const struct error *error)
{
    if (error)
        executor_warn(executor, NULL,
                      arena_format(executor->arena, "%s%s%s", error->message,
                                   error->help ? ": " : "", error->help ? error->help : ""));
    executor_flush_and_finish(executor);
}

static void executor_put_back(void *context)
{
    struct executor *executor = context;
    if (executor_has_to_put_back(executor))
        executor_undo(executor, "failed", executor_was_put_back);
    else
        executor_flush_and_finish(executor);
}

void executor_end(struct executor *executor)
{
    if (executor->ending)
        return;
    executor->ending = true;
    if (shell_series(executor->run.shell))
        shell_end(executor->run.shell, executor_put_back, executor);
    else
        executor_put_back(executor);
}

/* ---- the beginning ---- */

/* A step may end while it is cancelled, and take itself off the list. */
static void executor_cancel_active(struct executor *executor)
{
    struct active *next;
    for (struct active *active = executor->active; active; active = next) {
        next = active->next;
        if (active->kind->cancel)
            active->kind->cancel(active->step);
    }
    executor_stop_keeping(executor);
}

static void executor_on_signal(uv_signal_t *handle, int number)
{
    struct executor *executor = handle->data;
    (void)number;
    if (executor->interrupted)
        _exit(OUTCOME_INTERRUPTED); /* asked twice: the run is resumable at any moment */
    executor->interrupted = true;
    executor_stop(executor, error_create(executor->arena, OUTCOME_INTERRUPTED,
                                         executor->gives_up ? "`drehbuch rollback` goes on with it"
                                                            : "resume the run to go on",
                                         "it was interrupted"));
    executor_cancel_active(executor);
    if (executor->gives_up && executor->undo_step)
        step_kind_find(executor->undo_step->step->kind)->cancel(executor->undo_step);
}

/* A run in the night goes on being resumable, not unattended; a rollback is better ended than left
 * half way. */
static void executor_on_hangup(uv_signal_t *handle, int number)
{
    const struct executor *executor = handle->data;
    if (!executor->gives_up)
        executor_on_signal(handle, number);
}

/* What runs is stopped: another executor may begin on the same database now. */
void executor_lose_lock(struct executor *executor)
{
    executor_stop(executor,
                  error_create(executor->arena, OUTCOME_FAILED,
                               "see that nobody else works on the database, then resume the run",
                               "the connection that holds the lock was lost"));
    executor->lock_lost = true;
    executor_cancel_active(executor);
}

static void executor_on_sync(uv_timer_t *timer)
{
    struct executor *executor = timer->data;
    const struct error *error = journal_sync(executor->journal);
    if (error)
        executor_stop(executor, error);
}

void executor_open_handles(struct executor *executor)
{
    uv_loop_t *loop = executor->run.loop;
    uv_signal_init(loop, &executor->interrupt);
    uv_signal_init(loop, &executor->terminate);
    uv_signal_init(loop, &executor->hangup);
    uv_timer_init(loop, &executor->sync);
    executor->has_handles = true;
    executor->interrupt.data = executor->terminate.data = executor;
    executor->hangup.data = executor->sync.data = executor;
    uv_signal_start(&executor->interrupt, executor_on_signal, SIGINT);
    uv_signal_start(&executor->terminate, executor_on_signal, SIGTERM);
    uv_signal_start(&executor->hangup, executor_on_hangup, SIGHUP);
    uv_timer_start(&executor->sync, executor_on_sync, SYNC_INTERVAL, SYNC_INTERVAL);
}

/* What makes the place what it is: a run is gone on with only where this is as it was. Limits and
 * secrets may change. */
struct value *executor_describe_place(struct arena *arena, const struct compiled_plan *plan,
                                      const struct environment *environment)
{
    struct value *place = value_object(arena);
    value_set(arena, place, "source", value_string(arena, environment->source.url));
    value_set(arena, place, "work", value_string(arena, environment->work.url));
    if (environment->source_filestore)
        value_set(arena, place, "source filestore",
                  value_string(arena, environment->source_filestore));
    if (environment->work_filestore)
        value_set(arena, place, "work filestore", value_string(arena, environment->work_filestore));
    if (environment->publish)
        value_set(arena, place, "publish", value_copy(arena, environment->publish));
    struct value *bindings = value_object(arena);
    for (const struct map_entry *entry = map_first(environment->bindings); entry;
         entry = map_next(entry)) {
        const char *type =
            value_get_string(value_get(plan->bindings, map_entry_key(entry)), "type");
        if (type && strcmp(type, "secret") != 0)
            value_set(arena, bindings, map_entry_key(entry),
                      value_string(arena, map_entry_value(entry)));
    }
    value_set(arena, place, "bindings", bindings);
    return environment_mask_value(environment, arena, place);
}

struct value *executor_describe_process(struct executor *executor, const char *event)
{
    struct arena *arena = executor->arena;
    char host[256] = "";
    size_t size = sizeof host;
    if (uv_os_gethostname(host, &size) != 0)
        host[0] = '\0';
    struct value *entry = value_object(arena);
    value_set(arena, entry, "event", value_string(arena, event));
    value_set(arena, entry, "run", value_string(arena, executor->run.id));
    value_set(arena, entry, "host", value_string(arena, arena_copy(arena, host)));
    value_set(arena, entry, "process", value_integer(arena, getpid()));
    return entry;
}

/* From here on there is a journal. */
void executor_go(struct executor *executor)
{
    /* The window counts from the run's first beginning, however often it was gone on with. */
    const char *first = value_get_string(value_item(executor->entries, 0), "at");
    if (!first || !clock_read(first, &executor->began))
        executor->began = clock_now();
    executor_open_window(executor);
    executor_open_handles(executor);
    executor_pump(executor);
}

/* Ends before there is anything to write to. */
void executor_refuse(struct executor *executor, const struct error *error)
{
    executor_stop(executor, error);
    executor_close(executor);
}

struct executor *executor_create(struct arena *arena, uv_loop_t *loop,
                                 const struct compiled_plan *plan,
                                 const struct environment *environment,
                                 const struct executor_options *options)
{
    struct executor *executor = arena_allocate(arena, sizeof *executor);
    executor->arena = arena;
    executor->options = options;
    executor->entries = value_array(arena);
    executor->schedule = schedule_create(arena, plan, environment->jobs);
    executor->run = (struct run){.arena = arena,
                                 .loop = loop,
                                 .plan = plan,
                                 .environment = environment,
                                 .mode = environment->mode,
                                 .listener = executor_listener(executor),
                                 .confirm_manual = options->confirm_manual,
                                 .ask = options->ask,
                                 .ask_context = options->ask_context};
    executor->run.work = work_create(&executor->run);
    executor->run.shell = shell_create(&executor->run);
    return executor;
}

void executor_name_run(struct executor *executor, const char *id, const char *folder)
{
    executor->run.id = id;
    executor->run.folder = folder;
    executor->run.application_name = arena_format(executor->arena, "drehbuch %s", id);
}

void executor_use_rehearsal(struct executor *executor, struct value *rehearsal)
{
    executor->rehearsal = rehearsal;
    executor->run.rehearsal = rehearsal;
    if (rehearsal)
        executor->durations = record_durations_create(executor->arena, rehearsal);
}
