/* The part of `database.backup` that is about files. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/dump/unpack.h"
#include "runtime/filestore/folder.h"
#include "runtime/postgres/marker.h"
#include "runtime/steps/backup.h"

#define ZIP_NAME "backup.zip"

/* What goes on after a chore; it belongs to it alone. */
struct backup_part {
    struct backup *backup;
    void (*next)(struct backup *backup);
};

static struct backup_part *part_create(struct backup *backup, void (*next)(struct backup *backup))
{
    struct backup_part *part = arena_allocate(backup->step->arena, sizeof *part);
    *part = (struct backup_part){.backup = backup, .next = next};
    return part;
}

static void part_ended(void *context, const struct error *error)
{
    const struct backup_part *part = context;
    part->backup->chore = NULL;
    if (!backup_is_over(part->backup, error))
        part->next(part->backup);
}

/* ---- the folder to work in ---- */

/* Of attempts that were killed. A pg_dump of theirs that still writes there then fails. */
static const struct error *place_remove_remains(struct file_work *work, const struct backup *backup)
{
    const char *const *names;
    size_t count = 0;
    const char *slash = strrchr(backup->final, '/');
    const char *start =
        arena_format(work->arena, "%s" MARKER_PARTIAL, slash ? slash + 1 : backup->final);
    const struct error *error = file_work_list(work, backup->parent, &names, &count);
    for (size_t i = 0; i < count && !error; i++)
        if (strncmp(names[i], start, strlen(start)) == 0)
            error = file_remove_tree(work->arena,
                                     arena_format(work->arena, "%s/%s", backup->parent, names[i]));
    return error;
}

static const struct error *place_work(struct file_work *work, void *context)
{
    const struct backup_part *part = context;
    const struct backup *backup = part->backup;
    const struct error *error = place_remove_remains(work, backup);
    if (!error && mkdir(backup->partial, 0700) != 0)
        error = error_system(work->arena, errno, "make the folder, writable for this account",
                             "cannot make the folder %s", backup->partial);
    return error;
}

void backup_make_place(struct backup *backup, void (*next)(struct backup *backup))
{
    backup->chore =
        chore_start(backup->step, "making room", place_work, part_ended, part_create(backup, next));
}

/* ---- a zip ---- */

/* A backup that cannot be read is none. */
static const struct error *zip_verify(struct file_work *work, const struct backup *backup,
                                      const char *zip)
{
    struct dump_contents contents;
    const struct error *error = dump_unpack_zip(work, zip, NULL, NULL, &contents);
    if (!error && contents.files != backup->packed.files)
        error = error_create(work->arena, OUTCOME_FAILED, "make it again",
                             "%s has %lld files of the filestore, %lld were written to it", zip,
                             (long long)contents.files, (long long)backup->packed.files);
    return error;
}

static const struct error *zip_work(struct file_work *work, void *context)
{
    const struct backup_part *part = context;
    struct backup *backup = part->backup;
    const char *zip = arena_format(work->arena, "%s/" ZIP_NAME, backup->partial);
    const char *sql = arena_format(work->arena, "%s/dump.sql", backup->partial);
    const struct error *error =
        dump_pack_zip(work, zip, sql, backup->manifest, backup->filestore, &backup->packed);
    if (!error)
        error = zip_verify(work, backup, zip);
    if (!error)
        error = file_move(work->arena, zip, backup->final);
    backup->files = backup->packed.files;
    backup->bytes = backup->packed.bytes;
    return error ? error : file_remove_tree(work->arena, backup->partial);
}

/* ---- a folder ---- */

/* In a backup nothing may be taken for a working copy of drehbuch's. */
static const struct error *folder_unmark(struct file_work *work, const char *filestore)
{
    const char *marker = arena_format(work->arena, "%s/" FILESTORE_MARKER, filestore);
    if (unlink(marker) != 0)
        return error_system(work->arena, errno, NULL, "cannot remove %s", marker);
    return file_sync_folder(work->arena, marker);
}

static const struct error *folder_verify(struct file_work *work, struct backup *backup,
                                         const char *filestore)
{
    int64_t bytes = 0, files = 0;
    const struct error *error = file_work_measure(work, filestore, &bytes, &backup->files);
    if (!error && backup->files != backup->copied.files)
        error = error_create(work->arena, OUTCOME_FAILED, "make it again",
                             "%s has %lld files, %lld were copied to it", filestore,
                             (long long)backup->files, (long long)backup->copied.files);
    return error ? error : file_work_measure(work, backup->partial, &backup->bytes, &files);
}

static const struct error *folder_work(struct file_work *work, void *context)
{
    const struct backup_part *part = context;
    struct backup *backup = part->backup;
    const char *filestore = arena_format(work->arena, "%s/filestore", backup->partial);
    const char *manifest = arena_format(work->arena, "%s/manifest.json", backup->partial);
    const struct error *error = backup->filestore ? folder_unmark(work, filestore) : NULL;
    if (!error)
        error =
            file_replace(work->arena, manifest, backup->manifest, strlen(backup->manifest), 0600);
    if (!error)
        error = folder_verify(work, backup, filestore);
    return error ? error : file_move(work->arena, backup->partial, backup->final);
}

static void folder_end(struct backup_part *part)
{
    part->backup->chore =
        chore_start(part->backup->step, "verifying", folder_work, part_ended, part);
}

static void folder_progress(void *context, const struct filestore_copied *so_far)
{
    const struct backup_part *part = context;
    step_progress(part->backup->step, "filestore: %lld files", (long long)so_far->files);
}

static void folder_copied(void *context, const struct error *error,
                          const struct filestore_copied *copied)
{
    struct backup_part *part = context;
    struct backup *backup = part->backup;
    backup->copying = NULL;
    backup->copied = *copied;
    if (!backup_is_over(backup, error))
        folder_end(part);
}

static void folder_copy(struct backup_part *part)
{
    struct backup *backup = part->backup;
    struct step_run *step = backup->step;
    backup->copying =
        filestore_copy_start(step->run->loop, step->arena,
                             (struct filestore_copy_options){
                                 .from = backup->filestore,
                                 .to = arena_format(step->arena, "%s/filestore", backup->partial),
                                 .purpose = FILESTORE_MAKE,
                                 .marker = marker_write(step->arena, step),
                                 .jobs = step->run->environment->jobs,
                                 .progress = folder_progress,
                                 .ended = folder_copied,
                                 .context = part});
}

void backup_complete(struct backup *backup, void (*next)(struct backup *backup))
{
    struct backup_part *part = part_create(backup, next);
    if (backup->format == BACKUP_ZIP)
        backup->chore = chore_start(backup->step, "packing", zip_work, part_ended, part);
    else if (backup->filestore)
        folder_copy(part);
    else
        folder_end(part);
}
