/* `filestore.check`: whether the working filestore has the files that the working database names.
 *
 * The database's copy may be of a later moment than the filestore's, so what is missing is fetched
 * from the source. What is missing or damaged there too is the customer's state, and no failure. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "runtime/filestore/background.h"
#include "runtime/filestore/folder.h"
#include "runtime/filestore/place.h"
#include "runtime/filestore/verify.h"
#include "runtime/postgres/conversation.h"
#include "runtime/steps/filestore_place.h"
#include "runtime/steps/filestore_rsync.h"
#include "runtime/steps/kinds.h"

#define BATCH "5000" /* rows that are in memory at a time */
#define SAMPLE                                                                                     \
    200         /* files whose content is read; the first by name, which is as good as chance      \
                 */
#define SHOWN 5 /* names in a warning */

/* Some names of a kind, and how many there are. */
struct tally {
    int64_t count;
    struct buffer names;
};

struct check {
    struct step_run *step;
    struct conversation *conversation;
    struct verification verification;
    const char *sources[2];
    const char *sizes;  /* in SQL: what the database says of a file's size */
    const char *remote; /* HOST:FOLDER, or NULL */

    struct arena *batch; /* what follows lies in it */
    struct verify_file *files;
    size_t file_count;

    struct background *background; /* under way, or NULL */
    struct filestore_rsync *rsync;
    bool asked_remote; /* what was missing has been asked for there: this is the second look */
    bool cancelled;

    int64_t referenced, present, fetched, verified, elsewhere, counted;
    struct tally missing, damaged, worse;
    struct buffer wanted; /* from the other host: names, one a line */
};

static void tally_add(struct tally *tally, const char *name)
{
    if (tally->count++ < SHOWN)
        buffer_format(&tally->names, "%s%s", tally->names.length > 0 ? ", " : "", name);
}

static const char *tally_describe(struct arena *arena, const struct tally *tally)
{
    return arena_format(arena, "%lld %s (%s%s)", (long long)tally->count,
                        tally->count == 1 ? "file" : "files", buffer_string(&tally->names),
                        tally->count > SHOWN ? ", ..." : "");
}

static void check_release(void *object)
{
    struct check *check = object;
    buffer_release(&check->missing.names);
    buffer_release(&check->damaged.names);
    buffer_release(&check->worse.names);
    buffer_release(&check->wanted);
    arena_destroy(check->batch);
}

/* ---- the end ---- */

static struct value *check_effects(const struct check *check)
{
    struct arena *arena = check->step->arena;
    struct value *effects = value_object(arena);
    int64_t extra = check->counted - check->present - check->fetched;
    const struct {
        const char *name;
        int64_t count;
    } counts[] = {
        {"files", check->referenced},     {"missing", check->missing.count},
        {"extra", extra > 0 ? extra : 0}, {"fetched", check->fetched},
        {"verified", check->verified},    {"damaged", check->damaged.count + check->worse.count}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        value_set(arena, effects, counts[i].name, value_integer(arena, counts[i].count));
    if (check->elsewhere > 0)
        value_set(arena, effects, "elsewhere", value_integer(arena, check->elsewhere));
    return effects;
}

static const struct error *check_judge_files(const struct check *check)
{
    struct step_run *step = check->step;
    if (check->missing.count > 0)
        step_warn(step, "the database names %s that the source's filestore does not have either",
                  tally_describe(step->arena, &check->missing));
    if (check->damaged.count > 0)
        step_warn(step, "%s of the filestore are not what their names say, in the source too",
                  tally_describe(step->arena, &check->damaged));
    if (check->worse.count == 0)
        return NULL;
    return error_create(step->arena, OUTCOME_FAILED,
                        "look for a broken disk, remove the working filestore, and run again",
                        "%s of the working filestore are damaged; the source's are good",
                        tally_describe(step->arena, &check->worse));
}

static const struct error *check_count(void *context, struct arena *arena,
                                       const atomic_bool *stopped)
{
    struct check *check = context;
    const struct error *error =
        check->asked_remote ? filestore_sync(arena, check->verification.folder) : NULL;
    if (error)
        return error;
    return filestore_count(arena, check->verification.folder, check->verification.jobs, stopped,
                           &check->counted);
}

static void check_counted(void *context, const struct error *error)
{
    struct check *check = context;
    check->background = NULL;
    if (!error)
        error = check_judge_files(check);
    conversation_end(check->conversation, error, error ? NULL : check_effects(check));
}

static void check_count_files(struct check *check)
{
    check->background = background_start(
        check->step->run->loop, check->step->arena,
        (struct background_options){.work = check_count, .ended = check_counted, .context = check});
}

/* ---- what only the other host can have ---- */

static void check_begin(struct check *check);

static void check_asked_remote(void *context, const struct error *error, int64_t vanished)
{
    struct check *check = context;
    (void)vanished; /* found missing by the second look */
    check->rsync = NULL;
    if (error) {
        conversation_end(check->conversation, error, NULL);
        return;
    }
    int64_t before = check->present + check->fetched;
    check->asked_remote = true;
    check->missing.count = check->damaged.count = check->worse.count = 0;
    buffer_clear(&check->missing.names);
    buffer_clear(&check->damaged.names);
    buffer_clear(&check->worse.names);
    check->referenced = check->present = check->fetched = check->verified = check->elsewhere = 0;
    check->counted = before; /* to tell afterwards what the host has given */
    check_begin(check);
}

static void check_ask_remote(struct check *check)
{
    struct step_run *step = check->step;
    const char *list = arena_format(step->arena, "%s/files-wanted", step->run->folder);
    const struct error *error =
        file_replace(step->arena, list, check->wanted.bytes, check->wanted.length, 0644);
    if (error)
        conversation_end(check->conversation, error, NULL);
    else
        check->rsync = filestore_rsync_fetch(step, check->remote, check->verification.folder, list,
                                             check_asked_remote, check);
}

static void check_all_seen(struct check *check)
{
    if (check->remote && !check->asked_remote && check->missing.count > 0 && !check->cancelled) {
        check_ask_remote(check);
        return;
    }
    if (check->asked_remote) {
        int64_t brought = check->present + check->fetched - check->counted;
        check->fetched += brought;
        check->present -= brought;
    }
    check_count_files(check);
}

/* ---- batch by batch ---- */

static void check_take_file(struct check *check, const struct verify_file *file)
{
    check->referenced++;
    check->verified += file->hashed;
    check->present += file->state == VERIFY_PRESENT || file->state == VERIFY_DAMAGED ||
                      file->state == VERIFY_WORSE;
    check->fetched += file->state == VERIFY_FETCHED;
    check->elsewhere += file->state == VERIFY_ELSEWHERE;
    if (file->state == VERIFY_DAMAGED)
        tally_add(&check->damaged, file->name);
    if (file->state == VERIFY_WORSE)
        tally_add(&check->worse, file->name);
    if (file->state != VERIFY_MISSING)
        return;
    tally_add(&check->missing, file->name);
    if (check->remote && !check->asked_remote)
        buffer_format(&check->wanted, "%s\n", file->name);
}

static const struct error *check_verify(void *context, struct arena *arena,
                                        const atomic_bool *stopped)
{
    const struct check *check = context;
    return filestore_verify(arena, &check->verification, check->files, check->file_count, stopped);
}

static void check_fetch_rows(struct check *check);

static void check_verified(void *context, const struct error *error)
{
    struct check *check = context;
    check->background = NULL;
    if (error) {
        conversation_end(check->conversation, error, NULL);
        return;
    }
    for (size_t i = 0; i < check->file_count; i++)
        check_take_file(check, &check->files[i]);
    step_progress(check->step, "%lld files", (long long)check->referenced);
    check_fetch_rows(check);
}

static void check_take_rows(struct check *check, const PGresult *result)
{
    bool deep = check->step->run->deep;
    arena_destroy(check->batch);
    check->batch = arena_create();
    check->file_count = (size_t)PQntuples(result);
    check->files = arena_allocate(check->batch, (check->file_count + 1) * sizeof *check->files);
    for (size_t i = 0; i < check->file_count; i++) {
        int row = (int)i;
        check->files[i] = (struct verify_file){
            .name = arena_copy(check->batch, PQgetvalue(result, row, 0)),
            .size =
                PQgetisnull(result, row, 1) ? -1 : strtoll(PQgetvalue(result, row, 1), NULL, 10),
            .hash = deep || check->referenced + row < SAMPLE};
    }
}

static void check_rows_fetched(struct conversation *conversation,
                               const struct session_answer *answer)
{
    struct check *check = conversation_context(conversation);
    check_take_rows(check, answer->result);
    if (check->file_count == 0) {
        check_all_seen(check);
        return;
    }
    check->background =
        background_start(check->step->run->loop, check->step->arena,
                         (struct background_options){
                             .work = check_verify, .ended = check_verified, .context = check});
}

static void check_fetch_rows(struct check *check)
{
    conversation_execute(check->conversation, "FETCH " BATCH " FROM files", check_rows_fetched);
}

static void check_declared(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    check_fetch_rows(conversation_context(conversation));
}

/* Attachments of one content share the file. */
static void check_begin(struct check *check)
{
    conversation_execute(
        check->conversation,
        arena_format(check->step->arena,
                     "ROLLBACK; BEGIN READ ONLY; DECLARE files NO SCROLL CURSOR FOR SELECT "
                     "store_fname, max(%s::bigint) FROM ir_attachment WHERE store_fname IS NOT "
                     "NULL GROUP BY store_fname ORDER BY store_fname COLLATE \"C\"",
                     check->sizes),
        check_declared);
}

static void check_table_known(struct conversation *conversation,
                              const struct session_answer *answer)
{
    struct check *check = conversation_context(conversation);
    if (strcmp(PQgetvalue(answer->result, 0, 0), "t") == 0) {
        check->sizes = strcmp(PQgetvalue(answer->result, 0, 1), "t") == 0 ? "file_size" : "NULL";
        check_begin(check);
        return;
    }
    step_log(check->step, "the database has no table ir_attachment: nothing to compare with");
    conversation_end(conversation, NULL, NULL);
}

static void check_opened(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, FILESTORE_TABLE_KNOWN, check_table_known);
}

static void check_start(struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    struct check *check = arena_allocate(step->arena, sizeof *check);
    const char *candidates[] = {environment->source_filestore, filestore_of_dump(step)};
    check->step = step;
    check->batch = arena_create();
    arena_on_destroy(step->arena, check_release, check);
    check->verification = (struct verification){.folder = environment->work_filestore,
                                                .sources = check->sources,
                                                .jobs = environment->jobs};
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        if (candidates[i] && filestore_is_remote(candidates[i]))
            check->remote = candidates[i];
        else if (candidates[i])
            check->sources[check->verification.source_count++] = candidates[i];
    }
    check->conversation = conversation_open(step, &environment->work, NULL, check, check_opened);
}

static void check_cancel(struct step_run *step)
{
    struct check *check = conversation_context(step->state);
    check->cancelled = true;
    if (check->background)
        background_stop(check->background);
    if (check->rsync)
        filestore_rsync_stop(check->rsync);
    conversation_cancel(step);
}

const struct step_kind kind_filestore_check = {
    .name = "filestore.check",
    .resource = RESOURCE_FILESTORE,
    .nature = nature_repeatable,
    .skip = filestore_reason_to_skip,
    .start = check_start,
    .cancel = check_cancel,
};
