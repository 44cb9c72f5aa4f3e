#include "runtime/filestore/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/filestore/background.h"
#include "runtime/filestore/folder.h"
#include "runtime/filestore/transfer.h"
#include "runtime/filestore/tree.h"

struct filestore_copy {
    struct filestore_copy_options options;
    struct background *background;
    struct filestore_copied copied; /* the loop's */

    /* The threads'. */
    const char *place; /* that is filled: `to`, or what is to become it */
    int root;          /* it, open */
    struct transfer transfer;
    atomic_llong files, bytes, linked, reflinked, kept, vanished;
};

const char *filestore_copied_method(const struct filestore_copied *copied)
{
    if (copied->copied > 0)
        return "copy";
    return copied->reflinked > 0 ? "reflink" : "link";
}

/* ---- filling a folder, by several threads ---- */

static bool copy_enter(void *context, struct tree *tree, struct tree_folder *folder,
                       const struct stat *status)
{
    struct filestore_copy *copy = context;
    bool made = mkdirat(copy->root, folder->path, 0700) == 0;
    if (!made && errno != EEXIST)
        return tree_fail(tree, errno, "cannot make the folder", copy->place, folder->path, NULL);
    folder->other = openat(copy->root, folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->other < 0)
        return tree_fail(tree, errno, "cannot open", copy->place, folder->path, NULL);
    /* The root of a copy was made by us too. */
    if (!made && (folder->depth > 0 || copy->options.purpose == FILESTORE_MERGE))
        return true;
    if (geteuid() == 0 && fchown(folder->other, status->st_uid, status->st_gid) != 0)
        return tree_fail(tree, errno, "cannot set the owner of", copy->place, folder->path, NULL);
    if (fchmod(folder->other, (status->st_mode & 07777) | S_IRWXU) != 0)
        return tree_fail(tree, errno, "cannot set the mode of", copy->place, folder->path, NULL);
    return true;
}

static bool copy_file(void *context, struct tree *tree, const struct tree_folder *folder,
                      const char *name, const struct stat *status)
{
    struct filestore_copy *copy = context;
    enum transfer_way way;
    int code = transfer_file(&copy->transfer, folder->file, folder->other, name, status, &way);
    if (code == ECANCELED)
        return true; /* the walk sees it too */
    if (code == ENOENT || code == EEXIST) {
        atomic_fetch_add(code == ENOENT ? &copy->vanished : &copy->kept, 1);
        return true;
    }
    if (code != 0)
        return tree_fail(tree, code, "cannot write", copy->place, folder->path, name);
    atomic_fetch_add(&copy->files, 1);
    atomic_fetch_add(&copy->bytes, status->st_size);
    if (way == TRANSFER_LINK)
        atomic_fetch_add(&copy->linked, 1);
    else if (way == TRANSFER_REFLINK)
        atomic_fetch_add(&copy->reflinked, 1);
    return true;
}

static void copy_vanished(void *context)
{
    struct filestore_copy *copy = context;
    atomic_fetch_add(&copy->vanished, 1);
}

static bool copy_sync_folder(void *context, struct tree *tree, struct tree_folder *folder,
                             const struct stat *status)
{
    const struct filestore_copy *copy = context;
    (void)status;
    if (fsync(folder->file) == 0)
        return true;
    return tree_fail(tree, errno, "cannot sync", copy->place, folder->path, NULL);
}

static bool copy_count_file(void *context, struct tree *tree, const struct tree_folder *folder,
                            const char *name, const struct stat *status)
{
    struct filestore_copy *copy = context;
    (void)tree, (void)folder, (void)name;
    atomic_fetch_add(&copy->files, 1);
    atomic_fetch_add(&copy->bytes, status->st_size);
    return true;
}

static bool copy_pass_file(void *context, struct tree *tree, const struct tree_folder *folder,
                           const char *name, const struct stat *status)
{
    (void)context, (void)tree, (void)folder, (void)name, (void)status;
    return true;
}

/* Links are names only: the folders that got them are synced, as a sync of the whole file system
 * would have to wait for what others write to it (the database's copy). Content was written in
 * thousands of files: there that sync is the cheaper way. */
static const struct error *copy_sync(struct filestore_copy *copy, struct arena *arena,
                                     const atomic_bool *stopped)
{
    const struct tree_visitor folders = {
        .enter = copy_sync_folder, .file = copy_pass_file, .context = copy};
    if (atomic_load(&copy->files) == atomic_load(&copy->linked))
        return tree_walk(arena, copy->place, 1, &folders, stopped);
    int code = transfer_sync(copy->root);
    return code == 0 ? NULL
                     : error_system(arena, code, tree_help(code), "cannot sync %s", copy->place);
}

static const struct error *copy_walk(struct filestore_copy *copy, struct arena *arena,
                                     const atomic_bool *stopped)
{
    const struct filestore_copy_options *options = &copy->options;
    const struct tree_visitor copying = {.enter = copy_enter,
                                         .file = copy_file,
                                         .vanished = copy_vanished,
                                         .context = copy,
                                         .marker = FILESTORE_MARKER};
    const struct tree_visitor counting = {
        .file = copy_count_file, .context = copy, .marker = FILESTORE_MARKER};
    const struct error *error =
        options->from ? tree_walk(arena, options->from, options->jobs, &copying, stopped)
                      : tree_walk(arena, copy->place, options->jobs, &counting, stopped);
    return error ? error : copy_sync(copy, arena, stopped);
}

static const struct error *copy_fill(struct filestore_copy *copy, struct arena *arena,
                                     const atomic_bool *stopped)
{
    copy->transfer.stopped = stopped;
    copy->root = open(copy->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy->root < 0)
        return error_system(arena, errno, tree_help(errno), "cannot open the folder %s",
                            copy->place);
    const struct error *error = copy_walk(copy, arena, stopped);
    close(copy->root); /* was only read */
    return error;
}

/* ---- beside its place, then into it ---- */

static const struct error *copy_make_folder(const struct filestore_copy *copy, struct arena *arena)
{
    const struct error *error = file_remove_tree(arena, copy->place); /* a crash left it */
    if (error)
        return error;
    if (mkdir(copy->place, 0700) != 0)
        return error_system(arena, errno, tree_help(errno), "cannot make the folder %s",
                            copy->place);
    return filestore_mark(arena, copy->place, copy->options.marker);
}

static const struct error *copy_put_in_place(const struct filestore_copy *copy, struct arena *arena)
{
    const struct filestore_copy_options *options = &copy->options;
    const struct error *error = NULL;
    if (options->purpose == FILESTORE_REPLACE)
        error = filestore_remove(arena, options->to);
    if (!error && file_exists(options->to))
        error = error_create(arena, OUTCOME_REFUSED,
                             "move it away, or name another folder in the environment",
                             "the folder %s has appeared meanwhile", options->to);
    return error ? error : file_move(arena, copy->place, options->to);
}

static const struct error *copy_make(struct filestore_copy *copy, struct arena *arena,
                                     const atomic_bool *stopped)
{
    const struct filestore_copy_options *options = &copy->options;
    copy->place = filestore_partial(arena, options->to, options->marker);
    const struct error *error = options->from ? copy_make_folder(copy, arena)
                                              : filestore_mark(arena, copy->place, options->marker);
    if (!error)
        error = copy_fill(copy, arena, stopped);
    if (!error)
        error = copy_put_in_place(copy, arena);
    if (error && options->from)                     /* what came from far away is gone on with */
        (void)file_remove_tree(arena, copy->place); /* best effort: the next attempt does it too */
    return error;
}

static const struct error *copy_merge(struct filestore_copy *copy, struct arena *arena,
                                      const atomic_bool *stopped)
{
    copy->place = copy->options.to;
    if (!filestore_marker(arena, copy->place))
        return error_create(arena, OUTCOME_REFUSED,
                            "name a folder of drehbuch's own as the environment's `work`",
                            "the folder %s was not made by drehbuch", copy->place);
    return copy_fill(copy, arena, stopped);
}

static const struct error *copy_work(void *context, struct arena *arena, const atomic_bool *stopped)
{
    struct filestore_copy *copy = context;
    return copy->options.purpose == FILESTORE_MERGE ? copy_merge(copy, arena, stopped)
                                                    : copy_make(copy, arena, stopped);
}

/* ---- on the loop ---- */

static void copy_read_counters(struct filestore_copy *copy)
{
    struct filestore_copied *copied = &copy->copied;
    copied->files = atomic_load(&copy->files);
    copied->bytes = atomic_load(&copy->bytes);
    copied->linked = atomic_load(&copy->linked);
    copied->reflinked = atomic_load(&copy->reflinked);
    copied->copied = copied->files - copied->linked - copied->reflinked;
    copied->kept = atomic_load(&copy->kept);
    copied->vanished = atomic_load(&copy->vanished);
}

static void copy_progress(void *context)
{
    struct filestore_copy *copy = context;
    copy_read_counters(copy);
    copy->options.progress(copy->options.context, &copy->copied);
}

static void copy_ended(void *context, const struct error *error)
{
    struct filestore_copy *copy = context;
    copy_read_counters(copy);
    copy->options.ended(copy->options.context, error, &copy->copied);
}

struct filestore_copy *filestore_copy_start(uv_loop_t *loop, struct arena *arena,
                                            struct filestore_copy_options options)
{
    struct filestore_copy *copy = arena_allocate(arena, sizeof *copy);
    copy->options = options;
    copy->background = background_start(
        loop, arena,
        (struct background_options){.work = copy_work,
                                    .progress = options.progress ? copy_progress : NULL,
                                    .ended = copy_ended,
                                    .context = copy});
    return copy;
}

void filestore_copy_stop(struct filestore_copy *copy)
{
    background_stop(copy->background);
}
