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

/* Whether `suffix` is what drehbuch puts behind the working filestore's name: nothing, ".source",
 * or one of the others with eight digits. Anything else is somebody's own name that begins like
 * ours. */
static bool folder_is_named_by_us(const char *suffix)
{
    static const char *const starts[] = {MARKER_SAVED, MARKER_PARTIAL,
                                         MARKER_SOURCE MARKER_PARTIAL};
    if (suffix[0] == '\0' || strcmp(suffix, MARKER_SOURCE) == 0)
        return true;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        size_t length = strlen(starts[i]);
        if (strncmp(suffix, starts[i], length) == 0 &&
            strspn(suffix + length, "0123456789abcdef") == 8 && suffix[length + 8] == '\0')
            return true;
    }
    return false;
}

static bool folder_is(const char *path, const char *other)
{
    return other && strcmp(path, other) == 0;
}

/* ".saved-..." belongs to a checkpoint, and goes with it unless its database is gone. */
static const char *folder_is_kept(const struct folders *folders, const char *path,
                                  const char *suffix, const char *marker)
{
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
    if (strncmp(suffix, MARKER_SAVED, strlen(MARKER_SAVED)) == 0)
        return "filestore of a checkpoint that is gone";
    return strcmp(suffix, ".source") == 0 ? "files of a restored dump" : "unfinished copy";
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
    if (!folder_is_named_by_us(suffix) || (suffix[0] != '\0' && !marker))
        return; /* somebody else's, of a name like ours */
    leftovers_add(arena, folders->found,
                  (struct leftover){.kind = LEFTOVER_FOLDER,
                                    .name = path,
                                    .what = folder_is_what(suffix),
                                    .run = marker_run(arena, marker),
                                    .at = marker_member(arena, marker, "at"),
                                    .bytes = -1,
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
