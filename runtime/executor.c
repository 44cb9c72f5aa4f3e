#include "runtime/executor.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "runtime/approval.h"
#include "runtime/drift.h"
#include "runtime/executor_private.h"
#include "runtime/facts.h"
#include "runtime/postgres/work.h"
#include "runtime/run_folder.h"

#define SYNC_INTERVAL 500 /* milliseconds; the journal's promise is a second */

/* What is gathered before anything is begun. */
struct beginning {
    struct text plan_text;
    struct value *approval;
    struct digest approval_digest;
    const char *approval_path; /* NULL: none */
    const char *rehearsal_path;
    struct digest rehearsal_digest;
};

struct start {
    struct executor *executor;
    struct beginning *beginning;
};

/* ---- the end ---- */

static void executor_close_handles(struct executor *executor)
{
    if (executor->has_handles) {
        uv_close((uv_handle_t *)&executor->interrupt, NULL);
        uv_close((uv_handle_t *)&executor->terminate, NULL);
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

static void executor_write_record(struct executor *executor)
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
    executor_close_handles(executor);
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
        facts_read(&executor->run, executor->arena, &executor->run.environment->work,
                   executor_facts_found, executor);
}

void executor_end(struct executor *executor)
{
    if (executor->ending)
        return;
    executor->ending = true;
    if (work_is_dirty(executor->run.work))
        work_flush(executor->run.work, executor_finish, executor);
    else
        executor_finish(executor, NULL);
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
}

static void executor_on_signal(uv_signal_t *handle, int number)
{
    struct executor *executor = handle->data;
    (void)number;
    if (executor->interrupted)
        _exit(OUTCOME_INTERRUPTED); /* asked twice: the run is resumable at any moment */
    executor->interrupted = true;
    executor_stop(executor, error_create(executor->arena, OUTCOME_INTERRUPTED,
                                         "resume the run to go on", "it was interrupted"));
    executor_cancel_active(executor);
}

/* What runs is stopped: another executor may begin on the same database now. */
static void executor_lose_lock(struct executor *executor)
{
    executor_stop(executor,
                  error_create(executor->arena, OUTCOME_FAILED,
                               "see that nobody else works on the database, then resume the run",
                               "the connection that holds the lock was lost"));
    executor->lock_lost = true;
    executor_cancel_active(executor);
}

static void executor_lock_lost_in_run(void *context)
{
    const struct start *start = context;
    executor_lose_lock(start->executor);
}

static void executor_lock_lost_in_resume(void *context)
{
    executor_lose_lock(context);
}

static void executor_on_sync(uv_timer_t *timer)
{
    struct executor *executor = timer->data;
    const struct error *error = journal_sync(executor->journal);
    if (error)
        executor_stop(executor, error);
}

static void executor_open_handles(struct executor *executor)
{
    uv_loop_t *loop = executor->run.loop;
    uv_signal_init(loop, &executor->interrupt);
    uv_signal_init(loop, &executor->terminate);
    uv_timer_init(loop, &executor->sync);
    executor->has_handles = true;
    executor->interrupt.data = executor->terminate.data = executor->sync.data = executor;
    uv_signal_start(&executor->interrupt, executor_on_signal, SIGINT);
    uv_signal_start(&executor->terminate, executor_on_signal, SIGTERM);
    uv_timer_start(&executor->sync, executor_on_sync, SYNC_INTERVAL, SYNC_INTERVAL);
}

/* What makes the place what it is: a run is gone on with only where this is as it was. Limits and
 * secrets may change. */
static struct value *executor_describe_place(struct arena *arena, const struct compiled_plan *plan,
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

static struct value *executor_describe_process(struct executor *executor, const char *event)
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
static void executor_go(struct executor *executor)
{
    /* The window counts from the run's first beginning, however often it was gone on with. */
    const char *first = value_get_string(value_item(executor->entries, 0), "at");
    if (!first || !clock_read(first, &executor->began))
        executor->began = clock_now();
    executor_open_handles(executor);
    executor_pump(executor);
}

/* Ends before there is anything to write to. */
static void executor_refuse(struct executor *executor, const struct error *error)
{
    executor_stop(executor, error);
    executor_close_handles(executor);
}

/* Copies a file that the run was begun with into its folder, as it was when it was checked. */
static const struct error *executor_keep_file(struct executor *executor, const char *path,
                                              struct digest digest, const char *name)
{
    struct arena *arena = executor->arena;
    struct text text;
    const struct error *error = file_read(arena, path, RECORD_SIZE_LIMIT, &text);
    if (!error && strcmp(digest_bytes(text.bytes, text.length).hex, digest.hex) != 0)
        error = error_create(arena, OUTCOME_REFUSED, "begin again",
                             "%s was changed while the run began", path);
    if (error)
        return error;
    return file_replace(arena, file_join(arena, executor->run.folder, name), text.bytes,
                        text.length, 0644);
}

static const struct error *executor_make_folder(struct executor *executor,
                                                const struct beginning *beginning)
{
    struct arena *arena = executor->arena;
    struct run *run = &executor->run;
    const struct error *error = run_folder_create(arena, run->folder, beginning->plan_text);
    if (!error && beginning->approval)
        error = executor_keep_file(executor, beginning->approval_path, beginning->approval_digest,
                                   "approval.json");
    if (!error && executor->rehearsal)
        error = executor_keep_file(executor, beginning->rehearsal_path, beginning->rehearsal_digest,
                                   "rehearsal.json");
    if (!error)
        error = journal_create(arena, file_join(arena, run->folder, "journal.jsonl"),
                               &executor->journal);
    if (!error)
        error = run_folder_link_latest(arena, run->environment->runs, run->id, run->mode);
    return error;
}

static void executor_write_run_started(struct executor *executor, const struct beginning *beginning)
{
    struct arena *arena = executor->arena;
    const struct run *run = &executor->run;
    struct value *entry = executor_describe_process(executor, "run-started");
    value_set(arena, entry, "program", value_string(arena, "drehbuch " DREHBUCH_VERSION));
    value_set(arena, entry, "plan", value_string(arena, run->plan->digest));
    value_set(arena, entry, "customer", value_string(arena, run->plan->customer));
    value_set(arena, entry, "title", value_string(arena, run->plan->title));
    value_set(arena, entry, "environment", value_string(arena, run->environment->name));
    char *absolute = realpath(run->environment->path, NULL);
    value_set(arena, entry, "environment_file",
              value_string(arena, arena_copy(arena, absolute ? absolute : run->environment->path)));
    free(absolute);
    value_set(arena, entry, "mode", value_string(arena, mode_name(run->mode)));
    value_set(arena, entry, "place", executor_describe_place(arena, run->plan, run->environment));
    if (executor->options->unapproved)
        value_set(arena, entry, "unapproved", value_string(arena, executor->options->unapproved));
    if (beginning->approval)
        value_set(arena, entry, "approval", value_string(arena, beginning->approval_digest.hex));
    if (executor->rehearsal)
        value_set(arena, entry, "rehearsal", value_string(arena, beginning->rehearsal_digest.hex));
    if (value_count(run->plan->acceptance) > 0)
        value_set(arena, entry, "acceptance", value_copy(arena, run->plan->acceptance));
    executor_write(executor, entry, JOURNAL_SYNC_NOW);
}

static void executor_locked_to_run(void *context, const struct error *error)
{
    struct start *start = context;
    struct executor *executor = start->executor;
    if (!error)
        error = executor_make_folder(executor, start->beginning);
    if (error) {
        executor_refuse(executor, error);
        return;
    }
    if (executor->options->begun)
        executor->options->begun(executor->options->listen_context, &executor->run,
                                 executor->rehearsal);
    executor_write_run_started(executor, start->beginning);
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
    error = executor_take_up(executor, receipts);
    if (error)
        executor_stop(executor, error);
    executor_go(executor);
}

static void executor_locked_to_resume(void *context, const struct error *error)
{
    struct executor *executor = context;
    if (!error) /* only under the lock, as it cuts off what a crash left unfinished */
        error =
            journal_open(executor->arena,
                         arena_format(executor->arena, "%s/journal.jsonl", executor->run.folder),
                         &executor->journal, &executor->entries);
    if (error)
        executor_refuse(executor, error);
    else
        work_read_receipts(&executor->run, executor->arena, executor_receipts_found, executor);
}

static struct executor *executor_create(struct arena *arena, uv_loop_t *loop,
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
                                 .executor = executor,
                                 .confirm_manual = options->confirm_manual,
                                 .ask = options->ask,
                                 .ask_context = options->ask_context};
    executor->run.work = work_create(&executor->run);
    return executor;
}

static void executor_name_run(struct executor *executor, const char *id, const char *folder)
{
    executor->run.id = id;
    executor->run.folder = folder;
    executor->run.application_name = arena_format(executor->arena, "drehbuch %s", id);
}

static void executor_use_rehearsal(struct executor *executor, struct value *rehearsal)
{
    executor->rehearsal = rehearsal;
    if (rehearsal)
        executor->durations = record_durations_create(executor->arena, rehearsal);
}

/* ---- approval ---- */

static const struct error *load_rehearsal(struct arena *arena, const char *path,
                                          const char *plan_digest, struct value **rehearsal,
                                          struct digest *digest)
{
    const struct error *error = record_load(arena, path, rehearsal, digest);
    if (!error && strcmp(value_get_string(*rehearsal, "plan"), plan_digest) != 0)
        error = error_create(arena, OUTCOME_REFUSED, "name the rehearsal of this plan",
                             "%s is the record of another plan", path);
    return error;
}

/* In production: an approval and its record, or a stated reason for going without. */
static const struct error *executor_check_approval(
    struct arena *arena, const struct compiled_plan *plan, const struct environment *environment,
    const struct executor_options *options, struct beginning *beginning, struct value **rehearsal)
{
    beginning->rehearsal_path = options->rehearsal;
    beginning->approval_path = options->approval;
    if (!options->approval && options->rehearsal)
        beginning->approval_path =
            file_join(arena, file_folder(arena, options->rehearsal), "approval.json");
    if (environment->mode == MODE_TEST || options->unapproved) {
        beginning->approval_path = NULL;
        return options->rehearsal ? load_rehearsal(arena, options->rehearsal, plan->digest,
                                                   rehearsal, &beginning->rehearsal_digest)
                                  : NULL;
    }
    const char *help = "approve its rehearsal with `drehbuch approve` and name the approval with "
                       "--approval, or say with --unapproved why it has to go without";
    if (!beginning->approval_path)
        return error_create(arena, OUTCOME_REFUSED, help,
                            "production runs only what was rehearsed and approved");
    if (!file_exists(beginning->approval_path))
        return error_create(arena, OUTCOME_REFUSED, help, "there is no approval %s",
                            beginning->approval_path);
    if (!beginning->rehearsal_path)
        beginning->rehearsal_path =
            file_join(arena, file_folder(arena, beginning->approval_path), "run.json");
    const struct error *error = approval_load(arena, beginning->approval_path, &beginning->approval,
                                              &beginning->approval_digest);
    if (!error)
        error =
            record_load(arena, beginning->rehearsal_path, rehearsal, &beginning->rehearsal_digest);
    if (!error)
        error = approval_verify_signature(arena, beginning->approval, environment->approval_keys,
                                          environment->approval_key_count);
    if (!error)
        error = approval_verify(arena, beginning->approval, plan->digest, *rehearsal,
                                beginning->rehearsal_digest.hex);
    return error;
}

/* ---- what the header offers ---- */

const struct error *executor_run(struct arena *arena, uv_loop_t *loop, const char *plan_path,
                                 const char *environment_path,
                                 const struct executor_options *options, const char **folder)
{
    struct beginning beginning = {0};
    struct compiled_plan *plan;
    struct environment *environment;
    struct value *rehearsal = NULL;
    const struct error *error =
        file_read(arena, plan_path, COMPILED_SIZE_LIMIT, &beginning.plan_text);
    if (!error)
        error = compiled_parse(arena, beginning.plan_text, plan_path, &plan);
    if (!error)
        error = environment_load(arena, environment_path, plan, options->diagnostics, &environment);
    if (!error)
        error = executor_check_approval(arena, plan, environment, options, &beginning, &rehearsal);
    if (error)
        return error;
    struct executor *executor = executor_create(arena, loop, plan, environment, options);
    const char *id = run_folder_make_id(arena, environment->name);
    executor_name_run(executor, id, arena_format(arena, "%s/%s", environment->runs, id));
    executor_use_rehearsal(executor, rehearsal);
    *folder = executor->run.folder;
    struct start start = {.executor = executor, .beginning = &beginning};
    executor->lock =
        lock_take(&executor->run, executor_locked_to_run, executor_lock_lost_in_run, &start);
    uv_run(loop, UV_RUN_DEFAULT);
    return executor->error;
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

const struct error *executor_resume(struct arena *arena, uv_loop_t *loop, const char *folder,
                                    const struct executor_options *options)
{
    const char *journal_path = arena_format(arena, "%s/journal.jsonl", folder);
    struct compiled_plan *plan;
    struct environment *environment;
    struct value *entries, *rehearsal = NULL;
    const struct error *error =
        compiled_load(arena, arena_format(arena, "%s/plan.json", folder), &plan);
    if (!error)
        error = journal_read(arena, journal_path, &entries);
    if (!error)
        error = resume_check_start(arena, folder, entries, plan);
    const struct value *first = error ? NULL : value_item(entries, 0);
    if (!error)
        error = environment_load(arena, value_get_string(first, "environment_file"), plan,
                                 options->diagnostics, &environment);
    if (!error && strcmp(mode_name(environment->mode), value_get_string(first, "mode")) != 0)
        error = error_create(arena, OUTCOME_REFUSED, "begin a new run",
                             "%s has another mode now than when the run began", environment->path);
    if (!error)
        error = resume_check_place(arena, value_get(first, "place"), plan, environment);
    if (!error)
        error = resume_check_answers(arena, plan, options);
    if (!error)
        error = resume_load_rehearsal(arena, folder, first, &rehearsal);
    if (error)
        return error;
    struct executor *executor = executor_create(arena, loop, plan, environment, options);
    executor_name_run(executor, value_get_string(first, "run"), folder);
    executor_use_rehearsal(executor, rehearsal);
    if (journal_ended_well(entries)) {
        executor->entries = entries;
        executor_write_record(
            executor); /* a crash may have come between the journal's end and the record */
        return executor->error;
    }
    executor->lock = lock_take(&executor->run, executor_locked_to_resume,
                               executor_lock_lost_in_resume, executor);
    uv_run(loop, UV_RUN_DEFAULT);
    return executor->error;
}
