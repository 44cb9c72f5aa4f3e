#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "runtime/filestore/folder.h"
#include "runtime/leftovers/leftovers.h"
#include "runtime/postgres/marker.h"

/* Calls `take` with each entry of a folder; a folder that is not there has none. */
static const struct error *for_each_entry(struct arena *arena, const char *folder,
                                          void (*take)(void *context, const char *name),
                                          void *context)
{
    DIR *listing = opendir(folder);
    if (!listing && errno == ENOENT)
        return NULL;
    if (!listing)
        return error_system(arena, errno, NULL, "cannot read the folder %s", folder);
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(listing)); errno = 0)
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            take(context, entry->d_name);
    const struct error *error =
        errno ? error_system(arena, errno, NULL, "cannot read the folder %s", folder) : NULL;
    closedir(listing); /* it was only read */
    return error;
}

struct folders {
    struct arena *arena;
    const struct environment *environment;
    const char *parent;
    const char *base; /* the working filestore's own name */
    struct leftovers *found;
};

/* What is behind the name that we gave a folder beside the working filestore: ".source", or
 * ".saved-" and eight digits. `suffix` itself where it begins with neither. */
static const char *folder_name_end(const char *suffix)
{
    size_t source = strlen(MARKER_SOURCE), saved = strlen(MARKER_SAVED);
    if (strncmp(suffix, MARKER_SOURCE, source) == 0)
        return suffix + source;
    if (strncmp(suffix, MARKER_SAVED, saved) == 0 &&
        strspn(suffix + saved, "0123456789abcdef") == 8)
        return suffix + saved + 8;
    return suffix;
}

static bool folder_is(const char *path, const char *other)
{
    return other && strcmp(path, other) == 0;
}

/* ".saved-..." belongs to a checkpoint, and goes with it unless its database is gone. Remains were
 * perhaps not marked yet, or not any more. */
static const char *folder_is_kept(const struct folders *folders, const char *path,
                                  const char *suffix, const char *marker)
{
    if (filestore_is_remains(folder_name_end(suffix)))
        return NULL;
    if (!marker)
        return "drehbuch did not make it";
    if (folder_is(path, folders->environment->publish_filestore) ||
        folder_is(path, folders->environment->publish_replaced_filestore))
        return "it is published, or was";
    if (suffix[0] == '\0' && marker_is_of_production(folders->arena, marker))
        return "the result of a production run";
    const char *database =
        arena_format(folders->arena, "%s%s", folders->environment->work.name, suffix);
    for (size_t i = 0; i < folders->found->count; i++)
        if (folders->found->items[i].kind == LEFTOVER_CHECKPOINT &&
            strcmp(folders->found->items[i].name, database) == 0)
            return "it goes with its checkpoint";
    return NULL;
}

static const char *folder_is_what(const char *suffix)
{
    if (suffix[0] == '\0')
        return "working filestore";
    if (filestore_is_remains(folder_name_end(suffix)))
        return "unfinished copy";
    if (strncmp(suffix, MARKER_SAVED, strlen(MARKER_SAVED)) == 0)
        return "filestore of a checkpoint that is gone";
    return "files of a restored dump";
}

static void folders_take(void *context, const char *name)
{
    const struct folders *folders = context;
    struct arena *arena = folders->arena;
    size_t length = strlen(folders->base);
    if (strncmp(name, folders->base, length) != 0 || (name[length] != '\0' && name[length] != '.'))
        return;
    const char *path = file_join(arena, folders->parent, arena_copy(arena, name));
    const char *suffix = path + strlen(path) - strlen(name) + length;
    const char *marker = filestore_marker(arena, path);
    const char *end = folder_name_end(suffix);
    bool remains = filestore_is_remains(end);
    if (!remains && (end[0] != '\0' || (suffix[0] != '\0' && !marker)))
        return; /* somebody else's, of a name like ours */
    leftovers_add(arena, folders->found,
                  (struct leftover){.kind = LEFTOVER_FOLDER,
                                    .name = path,
                                    .what = folder_is_what(suffix),
                                    .run = marker_run(arena, marker),
                                    .at = marker_member(arena, marker, "at"),
                                    .bytes = -1,
                                    .remains = remains,
                                    .kept = folder_is_kept(folders, path, suffix, marker)});
}

const struct error *leftovers_find_folders(struct arena *arena,
                                           const struct environment *environment,
                                           struct leftovers *found)
{
    const char *work = environment->work_filestore;
    if (!work)
        return NULL;
    const char *slash = strrchr(work, '/');
    struct folders folders = {.arena = arena,
                              .environment = environment,
                              .parent = file_folder(arena, work),
                              .base = slash ? slash + 1 : work,
                              .found = found};
    return for_each_entry(arena, folders.parent, folders_take, &folders);
}

/* ---- runs ---- */

struct runs {
    struct arena *arena;
    const struct environment *environment;
    struct leftovers *found;
};

/* "20261128T015146Z-here-575c" is of the environment "here". */
static bool run_is_of(const char *name, const char *environment)
{
    size_t length = strlen(name), expected = strlen(environment);
    return length == expected + 22 && name[16] == '-' &&
           strncmp(name + 17, environment, expected) == 0 && name[17 + expected] == '-';
}

static const char *run_is_kept(const struct runs *runs, const char *path)
{
    static const char *const links[] = {"latest", "latest-test", "latest-production"};
    struct arena *arena = runs->arena;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        const char *link = file_join(arena, runs->environment->runs, links[i]);
        if (strcmp(file_make_absolute(arena, link), file_make_absolute(arena, path)) == 0)
            return "the latest";
    }
    if (runs->environment->mode == MODE_PRODUCTION)
        return "a production run";
    if (file_exists(file_join(arena, path, "approval.json")))
        return "it was approved";
    return NULL;
}

static void runs_take(void *context, const char *name)
{
    const struct runs *runs = context;
    struct arena *arena = runs->arena;
    const char *path = file_join(arena, runs->environment->runs, arena_copy(arena, name));
    if (!run_is_of(name, runs->environment->name) ||
        !file_exists(file_join(arena, path, "plan.json")))
        return;
    leftovers_add(arena, runs->found,
                  (struct leftover){.kind = LEFTOVER_RUN,
                                    .name = path,
                                    .what = "run",
                                    .run = arena_copy(arena, name),
                                    .bytes = -1,
                                    .kept = run_is_kept(runs, path)});
}

const struct error *leftovers_find_runs(struct arena *arena, const struct environment *environment,
                                        struct leftovers *found)
{
    struct runs runs = {.arena = arena, .environment = environment, .found = found};
    return for_each_entry(arena, environment->runs, runs_take, &runs);
}
