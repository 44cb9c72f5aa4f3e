/* Whether there is a place for a backup. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "runtime/steps/backup.h"

static const struct error *backup_check_space(const struct backup *backup)
{
    struct arena *arena = backup->step->arena;
    int64_t free_disk = backup->step->run->environment->free_disk;
    int64_t available;
    if (!file_free_space(backup->parent, &available))
        return error_create(arena, OUTCOME_FAILED, "make the folder, writable for this account",
                            "the folder for backups, %s, is not there", backup->parent);
    /* A compressed dump is smaller than its database; the database's size is the safe side. */
    int64_t size = backup->database_bytes + backup->filestore_bytes;
    if (available - size < free_disk)
        return error_create(
            arena, OUTCOME_FAILED, "free space, or name another folder in `backup`",
            "%s has %lld MB free; the backup may need %lld MB, and %lld MB are to stay free",
            backup->parent, (long long)available / 1048576, (long long)size / 1048576,
            (long long)free_disk / 1048576);
    return NULL;
}

static void backup_measured(struct conversation *conversation, const struct session_answer *answer)
{
    struct backup *backup = conversation_context(conversation);
    if (PQntuples(answer->result) > 0)
        backup->database_bytes = strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10);
    conversation_end(conversation, backup_check_space(backup), NULL);
}

/* In a folder on the same file system its files are links. */
static bool backup_links_files(const struct backup *backup)
{
    struct stat here, there;
    return backup->format == BACKUP_FOLDER && stat(backup->parent, &here) == 0 &&
           stat(backup->filestore, &there) == 0 && here.st_dev == there.st_dev;
}

static const struct error *backup_measure_work(struct file_work *work, void *context)
{
    struct backup *backup = context;
    return file_work_measure(work, backup->filestore, &backup->filestore_bytes, &backup->files);
}

static void backup_ask_size(void *context, const struct error *error)
{
    struct backup *backup = context;
    if (error)
        conversation_end(backup->conversation, error, NULL);
    else
        conversation_ask(backup->conversation,
                         "SELECT pg_database_size(oid) FROM pg_database WHERE datname = $1", 1,
                         &backup->address->name, backup_measured);
}

static void backup_preflight_opened(struct conversation *conversation,
                                    const struct session_answer *answer)
{
    struct backup *backup = conversation_context(conversation);
    (void)answer;
    if (!backup->filestore || backup_links_files(backup))
        backup_ask_size(backup, NULL);
    else
        (void)chore_start(backup->step, "measuring the filestore", backup_measure_work,
                          backup_ask_size, backup);
}

void backup_preflight(struct step_run *step)
{
    struct backup *backup = backup_create(step);
    if (backup->final) {
        backup->conversation =
            conversation_open(step, backup->address, "postgres", backup, backup_preflight_opened);
        return;
    }
    step_finish(
        step,
        error_create(step->arena, OUTCOME_INVALID,
                     "add `backup: { folder: ... }`, or `backup: false` if it is made elsewhere",
                     "the environment says nothing about a backup"),
        NULL);
}
