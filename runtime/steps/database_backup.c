/* `database.backup`: the source as it was, in pg_dump's directory format, before the first change.
 */
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "runtime/postgres/conninfo.h"
#include "runtime/postgres/conversation.h"
#include "runtime/steps/kinds.h"
#include "runtime/steps/program.h"

struct backup {
    struct program *program;
    const char *final;
    const char *partial;
};

static const char *backup_skip(const struct step_run *step)
{
    return step->run->environment->backup_declined ? "the environment declines a backup" : NULL;
}

/* ---- preflight: is there a place for it? ---- */

static const struct error *backup_check_space(const struct step_run *step, int64_t size)
{
    const struct environment *environment = step->run->environment;
    struct statvfs status;
    if (statvfs(environment->backup_folder, &status) != 0)
        return error_create(step->arena, OUTCOME_FAILED,
                            "make the folder, writable for this account",
                            "the folder for backups, %s, is not there", environment->backup_folder);
    int64_t available = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
    /* A compressed dump is smaller than its database; the database's size is the safe side. */
    if (available - size < environment->free_disk)
        return error_create(
            step->arena, OUTCOME_FAILED, "free space, or name another folder in `backup`",
            "%s has %lld MB free; the backup may need %lld MB, and %lld MB are to stay free",
            environment->backup_folder, (long long)available / 1048576, (long long)size / 1048576,
            (long long)environment->free_disk / 1048576);
    return NULL;
}

static void backup_measured(struct conversation *conversation, const struct session_answer *answer)
{
    int64_t size = strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10);
    conversation_end(conversation, backup_check_space(conversation_step(conversation), size), NULL);
}

static void backup_preflight_opened(struct conversation *conversation,
                                    const struct session_answer *answer)
{
    struct step_run *step = conversation_step(conversation);
    (void)answer;
    conversation_ask(conversation, "SELECT pg_database_size($1::name)", 1,
                     &step->run->environment->source.name, backup_measured);
}

static void backup_preflight(struct step_run *step)
{
    if (step->run->environment->backup_folder) {
        conversation_open(step, &step->run->environment->source, "postgres", NULL,
                          backup_preflight_opened);
        return;
    }
    step_finish(
        step,
        error_create(step->arena, OUTCOME_INVALID,
                     "add `backup: { folder: ... }`, or `backup: false` if it is made elsewhere",
                     "the environment says nothing about a backup"),
        NULL);
}

/* ---- the backup ---- */

static void backup_finish(struct step_run *step, const struct backup *backup)
{
    struct value *effects = value_object(step->arena);
    value_set(step->arena, effects, "folder", value_string(step->arena, backup->final));
    step_finish(step, NULL, effects);
}

static void backup_listed(struct program *program, const struct error *error)
{
    struct backup *backup = program_context(program);
    struct step_run *step = program_step(program);
    backup->program = NULL;
    if (!error)
        error = file_move(step->arena, backup->partial, backup->final);
    if (error)
        step_finish(step, error, NULL);
    else
        backup_finish(step, backup);
}

/* A backup that cannot be read is none. */
static void backup_dumped(struct program *program, const struct error *error)
{
    struct backup *backup = program_context(program);
    struct step_run *step = program_step(program);
    backup->program = NULL;
    if (error) {
        step_finish(step, error, NULL);
        return;
    }
    const char *const arguments[] = {"pg_restore", "--list",        "--file",
                                     "/dev/null",  backup->partial, NULL};
    step_progress(step, "verifying");
    backup->program = program_start(step, arguments, NULL, backup, backup_listed);
}

static void backup_start(struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    struct backup *backup = arena_allocate(step->arena, sizeof *backup);
    step->state = backup;
    backup->final = arena_format(step->arena, "%s/%s-%s", environment->backup_folder,
                                 environment->source.name, step->run->id);
    /* A name of its own: a pg_dump of an executor that was killed may still write to its folder. */
    backup->partial = arena_format(step->arena, "%s.partial-%lld-%d", backup->final,
                                   (long long)clock_now(), (int)getpid());
    if (file_exists(backup->final)) {
        backup_finish(step, backup);
        return;
    }
    const char *const arguments[] = {
        "pg_dump",  "--format=directory",
        "--jobs",   arena_format(step->arena, "%d", environment->jobs),
        "--file",   backup->partial,
        "--dbname", conninfo_write(step->arena, &environment->source, NULL),
        NULL};
    backup->program = program_start(step, arguments, &environment->source, backup, backup_dumped);
}

static void backup_cancel(struct step_run *step)
{
    struct backup *backup = step->state;
    if (backup->program)
        program_stop(backup->program);
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
