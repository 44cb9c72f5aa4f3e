/* The part of `database.restore` that is about files: reading the dump, unpacking it, and its
 * filestore. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string.h>

#include "base/file.h"
#include "runtime/dump/head.h"
#include "runtime/dump/identity.h"
#include "runtime/filestore/folder.h"
#include "runtime/postgres/marker.h"
#include "runtime/steps/restore.h"

#define SQL_NAME "dump.sql"

static const char *backup_filestore(struct arena *arena, const struct restore *restore)
{
    return arena_format(arena, "%s/filestore", restore->dump);
}

/* ---- what it is ---- */

static const struct error *look_at_contents(struct file_work *work, struct restore *restore)
{
    struct dump_head head;
    if (restore->format == DUMP_SQL || restore->format == DUMP_GZIP)
        return NULL;
    if (restore->format == DUMP_ZIP) {
        const struct error *error = dump_list_zip(work, restore->dump, &restore->contents);
        restore->has_filestore = restore->contents.files > 0;
        return error;
    }
    const char *path = dump_head_path(work->arena, restore->dump, restore->format);
    const struct error *error = dump_read_head(work->arena, path, &head);
    restore->contents.major = head.major;
    if (error || restore->format != DUMP_BACKUP)
        return error;
    const char *filestore = backup_filestore(work->arena, restore);
    restore->has_filestore = file_exists(filestore);
    return file_work_measure(work, filestore, &restore->contents.filestore_bytes,
                             &restore->contents.files);
}

static const struct error *look_work(struct file_work *work, void *context)
{
    struct restore *restore = context;
    const struct error *error = dump_recognize(work->arena, restore->dump, &restore->format);
    if (!error)
        error = look_at_contents(work, restore);
    return error ? error : dump_identify(work, restore->dump, &restore->identity);
}

static void look_ended(void *context, const struct error *error)
{
    struct restore *restore = context;
    restore->chore = NULL;
    if (error) {
        restore_fail(restore, error);
        return;
    }
    step_log(restore->step, "%s is %s, SHA-256 %s", restore->dump,
             dump_format_name(restore->format), restore->identity.hex);
    restore->marker = marker_write_dump(restore->step->arena, restore->step, restore->identity.hex);
    restore_open_server(restore);
}

void restore_look(struct restore *restore)
{
    restore->chore = chore_start(restore->step, "reading the dump", look_work, look_ended, restore);
}

/* ---- what is at the filestore's place ---- */

const struct error *restore_check_folder(struct restore *restore)
{
    struct arena *arena = restore->step->arena;
    if (!restore->folder)
        return NULL;
    bool there = file_exists(restore->folder);
    const char *marker = filestore_marker(arena, restore->folder);
    if (there && (restore->by_hand || !marker))
        return error_create(arena, OUTCOME_REFUSED, "name another folder, or move that one away",
                            restore->by_hand ? "the folder %s exists"
                                             : "the folder %s exists, and drehbuch did not make it",
                            restore->folder);
    const char *identity = marker_dump(arena, marker);
    bool same = identity && strcmp(identity, restore->identity.hex) == 0;
    restore->needs_files = restore->has_filestore && !same;
    restore->stale_files = there && !restore->has_filestore;
    return NULL;
}

/* ---- unpacking ---- */

static bool unpacks_sql(const struct restore *restore)
{
    return (restore->format == DUMP_ZIP || restore->format == DUMP_GZIP) && !restore->same &&
           !restore->whole;
}

static const struct error *unpack_prepare(struct file_work *work, const struct restore *restore,
                                          const char *partial)
{
    int64_t keep = restore->step->run->environment->free_disk;
    const struct error *error = file_remove_tree(work->arena, restore->staging);
    if (!error && unpacks_sql(restore)) {
        if (mkdir(restore->staging, 0700) != 0)
            return error_system(work->arena, errno, NULL, "cannot make the folder %s",
                                restore->staging);
        error = file_work_check_space(work, restore->staging, restore->contents.sql_bytes, keep);
    }
    if (!error && restore->needs_files)
        error = file_work_check_space(work, file_folder(work->arena, restore->folder),
                                      restore->contents.filestore_bytes, keep);
    if (!error && partial)
        error = file_remove_tree(work->arena, partial);
    return error;
}

static const struct error *unpack_work(struct file_work *work, void *context)
{
    struct restore *restore = context;
    const char *partial = restore->needs_files && restore->format == DUMP_ZIP
                              ? filestore_partial(work->arena, restore->folder, restore->marker)
                              : NULL;
    const struct error *error = unpack_prepare(work, restore, partial);
    const char *sql = unpacks_sql(restore) ? restore->sql : NULL;
    struct dump_contents *contents = &restore->contents;
    atomic_store(&work->total, (long long)(contents->sql_bytes + contents->filestore_bytes));
    if (error)
        return error;
    if (restore->format == DUMP_ZIP)
        error = dump_unpack_zip(work, restore->dump, sql, partial, contents);
    else if (restore->format == DUMP_GZIP && sql)
        error = dump_unpack_gzip(work, restore->dump, sql, contents);
    else if (restore->format == DUMP_SQL && !restore->same && !restore->whole)
        error = dump_read_sql(work, restore->dump, contents);
    return error;
}

/* What was unpacked goes before the step ends. */
static const struct error *clear_work(struct file_work *work, void *context)
{
    const struct restore *restore = context;
    return file_remove_tree(work->arena,
                            filestore_partial(work->arena, restore->folder, restore->marker));
}

/* What cannot be removed now, the next attempt removes: the first error counts. */
static void clear_ended(void *context, const struct error *error)
{
    (void)error;
    restore_give_up(context);
}

void restore_clear_files(struct restore *restore)
{
    if (restore->needs_files && restore->format == DUMP_ZIP)
        (void)chore_start(restore->step, "clearing away", clear_work, clear_ended, restore);
    else
        restore_give_up(restore);
}

static void unpack_ended(void *context, const struct error *error)
{
    struct restore *restore = context;
    restore->chore = NULL;
    if (error)
        restore_fail(restore, error);
    else
        restore_make_database(restore);
}

void restore_unpack(struct restore *restore)
{
    struct arena *arena = restore->step->arena;
    restore->sql = restore->format == DUMP_SQL
                       ? restore->dump
                       : arena_format(arena, "%s/" SQL_NAME, restore->staging);
    restore->chore = chore_start(restore->step, "unpacking", unpack_work, unpack_ended, restore);
}

/* ---- the filestore ---- */

static void files_progress(void *context, const struct filestore_copied *so_far)
{
    struct restore *restore = context;
    step_progress(restore->step, "filestore: %lld files", (long long)so_far->files);
}

/* Who restores by hand gets a folder of his own: what is drehbuch's may be removed by it. */
static const struct error *files_unmark(const struct restore *restore)
{
    struct arena *arena = restore->step->arena;
    const char *marker = arena_format(arena, "%s/" FILESTORE_MARKER, restore->folder);
    if (unlink(marker) != 0)
        return error_system(arena, errno, NULL, "cannot remove %s", marker);
    return file_sync_folder(arena, marker);
}

static void files_placed(void *context, const struct error *error,
                         const struct filestore_copied *copied)
{
    struct restore *restore = context;
    restore->copying = NULL;
    restore->copied = *copied;
    if (!error && restore->by_hand)
        error = files_unmark(restore);
    if (error)
        restore_fail(restore, error);
    else
        restore_put_in_place(restore);
}

static void files_removed(void *context, const struct error *error)
{
    struct restore *restore = context;
    if (error)
        restore_fail(restore, error);
    else
        restore_put_in_place(restore);
}

void restore_place_files(struct restore *restore)
{
    struct step_run *step = restore->step;
    if (restore->stale_files) {
        step_log(step, "removing the filestore of an earlier dump, %s", restore->folder);
        filestore_remove_start(step->run->loop, step->arena, restore->folder, files_removed,
                               restore);
        return;
    }
    if (!restore->needs_files) {
        restore_put_in_place(restore);
        return;
    }
    restore->copying = filestore_copy_start(
        step->run->loop, step->arena,
        (struct filestore_copy_options){
            .from = restore->format == DUMP_ZIP ? NULL : backup_filestore(step->arena, restore),
            .to = restore->folder,
            .purpose = restore->by_hand ? FILESTORE_MAKE : FILESTORE_REPLACE,
            .marker = restore->marker,
            .jobs = step->run->environment->jobs,
            .progress = files_progress,
            .ended = files_placed,
            .context = restore});
}
