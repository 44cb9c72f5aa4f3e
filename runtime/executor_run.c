/* Beginning a new run: approval, lock, run folder, first entry of the journal. */
#include <string.h>

#include "base/file.h"
#include "runtime/approval.h"
#include "runtime/executor_private.h"
#include "runtime/run_folder.h"

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

static void executor_lock_lost_in_run(void *context)
{
    const struct start *start = context;
    executor_lose_lock(start->executor);
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
    value_set(arena, entry, "environment_file",
              value_string(arena, file_make_absolute(arena, run->environment->path)));
    value_set(arena, entry, "mode", value_string(arena, mode_name(run->mode)));
    value_set(arena, entry, "place", executor_describe_place(arena, run->plan, run->environment));
    if (executor->options->unapproved)
        value_set(arena, entry, "unapproved", value_string(arena, executor->options->unapproved));
    if (run->changed_addons)
        value_set(arena, entry, "changed_addons", value_string(arena, run->changed_addons));
    if (run->deep)
        value_set(arena, entry, "deep", value_boolean(arena, true));
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
    executor->run.changed_addons = options->changed_addons;
    executor->run.deep = options->deep;
    *folder = executor->run.folder;
    struct start start = {.executor = executor, .beginning = &beginning};
    executor->lock =
        lock_take(&executor->run, executor_locked_to_run, executor_lock_lost_in_run, &start);
    uv_run(loop, UV_RUN_DEFAULT);
    return executor->error;
}
