/* `database.backup`: the source as it was before the first change: pg_dump's directory format and
 * the filestore in a folder, or both in Odoo's own zip. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "runtime/filestore/place.h"
#include "runtime/postgres/conninfo.h"
#include "runtime/postgres/marker.h"
#include "runtime/steps/backup.h"

static const char *backup_skip(const struct step_run *step)
{
    return step->run->environment->backup_declined ? "the environment declines a backup" : NULL;
}

/* ---- what is to be done ---- */

static const char *backup_find_filestore(const struct step_run *step, bool of_work)
{
    const struct environment *environment = step->run->environment;
    const char *of_dump = filestore_dump_folder(step->arena, environment->work_filestore);
    if (of_work)
        return environment->work_filestore;
    if (environment->source_filestore)
        return environment->source_filestore;
    return environment->source_dump && of_dump && file_exists(of_dump) ? of_dump : NULL;
}

static bool backup_name_ends(const char *path, const char *ending)
{
    size_t length = strlen(path);
    return length > strlen(ending) && strcmp(path + length - strlen(ending), ending) == 0;
}

/* `drehbuch backup` says what it is told; a plan's step says nothing. */
static enum backup_format backup_find_format(const struct step_run *step)
{
    const char *format = value_get_string(step->spec, "format");
    const char *path = value_get_string(step->spec, "path");
    if (format)
        return strcmp(format, "zip") == 0 ? BACKUP_ZIP : BACKUP_FOLDER;
    if (path && backup_name_ends(path, ".zip"))
        return BACKUP_ZIP;
    return step->run->environment->backup_format;
}

struct backup *backup_create(struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    struct arena *arena = step->arena;
    struct backup *backup = arena_allocate(arena, sizeof *backup);
    const char *path = value_get_string(step->spec, "path");
    const char *of = value_get_string(step->spec, "of");
    bool of_work = of && strcmp(of, "work") == 0;
    const char *filestore = backup_find_filestore(step, of_work);
    bool remote = filestore && filestore_is_remote(filestore);
    *backup = (struct backup){.step = step,
                              .address = of_work ? &environment->work : &environment->source,
                              .filestore = remote ? NULL : filestore,
                              .left_out = remote,
                              .format = backup_find_format(step),
                              .by_hand = path != NULL};
    if (path)
        backup->final = path;
    else if (environment->backup_folder)
        backup->final =
            arena_format(arena, "%s/%s-%s%s", environment->backup_folder, backup->address->name,
                         step->run->id, backup->format == BACKUP_ZIP ? ".zip" : "");
    if (!backup->final)
        return backup;
    backup->parent = file_folder(arena, backup->final);
    /* A name of its own: a pg_dump of an executor that was killed may still write to its folder. */
    backup->partial = arena_format(arena, "%s" MARKER_PARTIAL "%lld-%d", backup->final,
                                   (long long)clock_now(), (int)getpid());
    return backup;
}

/* ---- the end ---- */

static const struct error *backup_clear_work(struct file_work *work, void *context)
{
    const struct backup *backup = context;
    return file_remove_tree(work->arena, backup->partial);
}

/* What cannot be removed now, the next attempt removes: the first error counts. */
static void backup_cleared(void *context, const struct error *error)
{
    const struct backup *backup = context;
    (void)error;
    step_finish(backup->step, backup->failure, NULL);
}

bool backup_is_over(struct backup *backup, const struct error *error)
{
    if (backup->cancelled)
        error =
            error_create(backup->step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    if (!error)
        return false;
    backup->failure = error;
    (void)chore_start(backup->step, "clearing away", backup_clear_work, backup_cleared, backup);
    return true;
}

static void backup_finish(struct backup *backup)
{
    struct step_run *step = backup->step;
    struct arena *arena = step->arena;
    bool zip = backup->format == BACKUP_ZIP;
    int64_t vanished = zip ? backup->packed.vanished : backup->copied.vanished;
    struct value *effects = value_object(arena);
    value_set(arena, effects, "method", value_string(arena, zip ? "zip" : "folder"));
    value_set(arena, effects, zip ? "file" : "folder", value_string(arena, backup->final));
    value_set(arena, effects, "bytes", value_integer(arena, backup->bytes));
    if (backup->filestore && backup->files >= 0)
        value_set(arena, effects, "files", value_integer(arena, backup->files));
    if (vanished > 0)
        step_warn(step, "%lld files of the filestore were removed while it was backed up",
                  (long long)vanished);
    step_finish(step, NULL, effects);
}

/* ---- the dump ---- */

static void backup_listed(struct program *program, const struct error *error)
{
    struct backup *backup = program_context(program);
    backup->program = NULL;
    if (!backup_is_over(backup, error))
        backup_complete(backup, backup_finish);
}

/* A backup that cannot be read is none. */
static void backup_list(struct backup *backup)
{
    struct arena *arena = backup->step->arena;
    const char *const arguments[] = {
        tools_program(arena, backup->tools, "pg_restore"), "--list", "--file", "/dev/null",
        arena_format(arena, "%s/dump", backup->partial),   NULL};
    step_progress(backup->step, "verifying");
    backup->program = program_start(backup->step, arguments, NULL, backup, backup_listed);
}

static void backup_dumped(struct program *program, const struct error *error)
{
    struct backup *backup = program_context(program);
    backup->program = NULL;
    if (backup_is_over(backup, error))
        return;
    if (backup->format == BACKUP_ZIP)
        backup_complete(backup, backup_finish);
    else
        backup_list(backup);
}

static void backup_dump(struct backup *backup)
{
    struct step_run *step = backup->step;
    struct arena *arena = step->arena;
    const char *program = tools_program(arena, backup->tools, "pg_dump");
    const char *conninfo = conninfo_write(arena, backup->address, NULL);
    const char *const to_folder[] = {program,
                                     "--format=directory",
                                     "--no-password",
                                     "--jobs",
                                     arena_format(arena, "%d", step->run->environment->jobs),
                                     "--file",
                                     arena_format(arena, "%s/dump", backup->partial),
                                     "--dbname",
                                     conninfo,
                                     NULL};
    const char *const to_zip[] = {
        program,      "--format=plain", "--no-password",
        "--no-owner", "--file",         arena_format(arena, "%s/dump.sql", backup->partial),
        "--dbname",   conninfo,         NULL};
    step_progress(step, "dumping");
    backup->program = program_start(step, backup->format == BACKUP_ZIP ? to_zip : to_folder,
                                    backup->address, backup, backup_dumped);
}

static void backup_take_tools(void *context, const struct tools *tools, const struct error *error)
{
    struct backup *backup = context;
    backup->tools = tools;
    if (!backup_is_over(backup, error))
        backup_dump(backup);
}

static void backup_find_tools(struct backup *backup)
{
    struct step_run *step = backup->step;
    tools_find(step->run->loop, step->arena, backup->server_version, backup_take_tools, backup);
}

static void backup_described(struct backup *backup)
{
    backup_make_place(backup, backup_find_tools);
}

/* ---- the step ---- */

static const struct error *backup_measure_work(struct file_work *work, void *context)
{
    struct backup *backup = context;
    int64_t files = 0;
    backup->files = backup->format == BACKUP_ZIP ? -1 : 0; /* it would have to be read through */
    const struct error *error =
        backup->format == BACKUP_ZIP
            ? NULL
            : file_work_measure(work, arena_format(work->arena, "%s/filestore", backup->final),
                                &backup->bytes, &backup->files);
    backup->bytes = 0;
    return error ? error : file_work_measure(work, backup->final, &backup->bytes, &files);
}

static void backup_found(void *context, const struct error *error)
{
    struct backup *backup = context;
    backup->chore = NULL;
    if (!backup_is_over(backup, error))
        backup_finish(backup);
}

static void backup_start(struct step_run *step)
{
    struct backup *backup = backup_create(step);
    step->state = backup;
    if (backup->left_out)
        step_warn(step, "the filestore is on another host and is left out of the backup");
    if (file_exists(backup->final) && backup->by_hand)
        step_finish(step,
                    error_create(step->arena, OUTCOME_REFUSED, "name another file or folder",
                                 "%s exists", backup->final),
                    NULL);
    else if (file_exists(backup->final)) /* put in place just before the crash */
        backup->chore = chore_start(step, "measuring", backup_measure_work, backup_found, backup);
    else
        backup_read_manifest(backup, backup_described);
}

static void backup_cancel(struct step_run *step)
{
    struct backup *backup = step->state;
    backup->cancelled = true;
    if (backup->conversation)
        conversation_stop(backup->conversation);
    if (backup->chore)
        chore_stop(backup->chore);
    if (backup->program)
        program_stop(backup->program);
    if (backup->copying)
        filestore_copy_stop(backup->copying);
}

const struct step_kind kind_database_backup = {
    .name = "database.backup",
    .resource = RESOURCE_NOTHING,
    .nature = nature_repeatable,
    .skip = backup_skip,
    .preflight = backup_preflight,
    .start = backup_start,
    .cancel = backup_cancel,
};
