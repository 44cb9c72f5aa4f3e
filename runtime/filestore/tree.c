#include "runtime/filestore/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "runtime/filestore/background.h"

struct tree {
    const char *root;
    int file; /* the root, open */
    const struct tree_visitor *visitor;
    const atomic_bool *stopped;
    atomic_bool failed;

    uv_mutex_t mutex; /* guards all that follows */
    uv_cond_t change;
    struct arena *arena;
    struct tree_folder *first; /* in line */
    int busy;                  /* folders that are being read: there may be more of them */
    const struct error *error;
};

const char *tree_help(int code)
{
    switch (code) {
    case ENOSPC:
    case EDQUOT:
        return "free space there, or name a folder elsewhere in the environment; what was begun "
               "is removed";
    case EROFS:
        return "name a folder on a file system that can be written to";
    case EACCES:
    case EPERM:
        return "give this account the right to it, or start drehbuch as the account of Odoo";
    default:
        return NULL;
    }
}

bool tree_fail(struct tree *tree, int code, const char *action, const char *root, const char *path,
               const char *name)
{
    uv_mutex_lock(&tree->mutex);
    const char *folder = strcmp(path, ".") == 0 ? "" : arena_format(tree->arena, "/%s", path);
    if (!tree->error)
        tree->error = error_system(tree->arena, code, tree_help(code), "%s %s%s%s%s", action, root,
                                   folder, name ? "/" : "", name ? name : "");
    atomic_store(&tree->failed, true);
    uv_cond_broadcast(&tree->change);
    uv_mutex_unlock(&tree->mutex);
    return false;
}

bool tree_is_over(struct tree *tree)
{
    return atomic_load(&tree->failed) || atomic_load(tree->stopped);
}

static void tree_add(struct tree *tree, const char *path, const char *name, int depth)
{
    uv_mutex_lock(&tree->mutex);
    struct tree_folder *folder = arena_allocate(tree->arena, sizeof *folder);
    *folder = (struct tree_folder){
        .path = arena_format(tree->arena, "%s%s%s", path, path[0] ? "/" : "", name),
        .depth = depth,
        .file = -1,
        .other = -1,
        .next = tree->first};
    tree->first = folder;
    uv_cond_signal(&tree->change);
    uv_mutex_unlock(&tree->mutex);
}

/* The next folder; NULL where there will be none. */
static struct tree_folder *tree_take(struct tree *tree)
{
    struct tree_folder *folder = NULL;
    uv_mutex_lock(&tree->mutex);
    while (!tree->first && tree->busy > 0 && !tree_is_over(tree))
        uv_cond_wait(&tree->change, &tree->mutex);
    if (tree->first && !tree_is_over(tree)) {
        folder = tree->first;
        tree->first = folder->next;
        tree->busy++;
    }
    uv_mutex_unlock(&tree->mutex);
    return folder;
}

static void tree_done(struct tree *tree)
{
    uv_mutex_lock(&tree->mutex);
    tree->busy--;
    uv_cond_broadcast(&tree->change);
    uv_mutex_unlock(&tree->mutex);
}

static bool tree_take_entry(struct tree *tree, const struct tree_folder *folder, const char *name)
{
    const struct tree_visitor *visitor = tree->visitor;
    bool root = folder->depth == 0;
    struct stat status;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        (root && visitor->marker && strcmp(name, visitor->marker) == 0))
        return true;
    if (fstatat(folder->file, name, &status, 0) != 0) {
        if (errno != ENOENT)
            return tree_fail(tree, errno, "cannot read", tree->root, folder->path, name);
        if (visitor->vanished)
            visitor->vanished(visitor->context);
        return true;
    }
    if (S_ISREG(status.st_mode))
        return visitor->file(visitor->context, tree, folder, name, &status);
    if (!S_ISDIR(status.st_mode))
        return tree_fail(tree, EINVAL, "neither a file nor a folder:", tree->root, folder->path,
                         name);
    if (folder->depth >= TREE_DEPTH_LIMIT)
        return tree_fail(tree, ELOOP, "no filestore has folders so deep:", tree->root, folder->path,
                         name);
    tree_add(tree, root ? "" : folder->path, name, folder->depth + 1);
    return true;
}

static void tree_read_entries(struct tree *tree, const struct tree_folder *folder, DIR *listing)
{
    while (!tree_is_over(tree)) {
        errno = 0;
        const struct dirent *entry = readdir(listing);
        if (!entry && errno != 0)
            (void)tree_fail(tree, errno, "cannot list", tree->root, folder->path, NULL);
        if (!entry || !tree_take_entry(tree, folder, entry->d_name))
            return;
    }
}

static void tree_visit(struct tree *tree, struct tree_folder *folder)
{
    const struct tree_visitor *visitor = tree->visitor;
    struct stat status;
    folder->file = openat(tree->file, folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->file < 0 && errno == ENOENT && folder->depth > 0)
        return; /* went away with all that was in it */
    DIR *listing = folder->file < 0 ? NULL : fdopendir(folder->file);
    if (!listing || fstat(folder->file, &status) != 0) {
        (void)tree_fail(tree, errno, "cannot open", tree->root, folder->path, NULL);
    } else if (!visitor->enter || visitor->enter(visitor->context, tree, folder, &status)) {
        tree_read_entries(tree, folder, listing);
    }
    if (listing)
        closedir(listing);
    else if (folder->file >= 0)
        close(folder->file);
    if (folder->other >= 0)
        close(folder->other); /* its entries are synced, by whom they concern */
}

static void tree_work(void *context)
{
    struct tree *tree = context;
    for (struct tree_folder *folder; (folder = tree_take(tree));) {
        tree_visit(tree, folder);
        tree_done(tree);
    }
}

const struct error *tree_walk(struct arena *arena, const char *root, int jobs,
                              const struct tree_visitor *visitor, const atomic_bool *stopped)
{
    struct tree tree = {.root = root, .visitor = visitor, .stopped = stopped, .arena = arena};
    tree.file = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree.file < 0)
        return error_system(arena, errno, tree_help(errno), "cannot open the folder %s", root);
    if (uv_mutex_init(&tree.mutex) != 0 || uv_cond_init(&tree.change) != 0) {
        close(tree.file);
        return error_create(arena, OUTCOME_FAILED, NULL, "cannot make a lock");
    }
    tree_add(&tree, "", ".", 0);
    background_share(jobs, tree_work, &tree);
    uv_cond_destroy(&tree.change);
    uv_mutex_destroy(&tree.mutex);
    close(tree.file);
    if (tree.error)
        return tree.error;
    return atomic_load(stopped) ? background_stopped_error(arena) : NULL;
}
