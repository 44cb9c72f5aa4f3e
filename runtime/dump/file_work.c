#include "runtime/dump/file_work.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "runtime/filestore/background.h"

#define MEGABYTE 1048576

const struct error *file_work_advance(struct file_work *work, int64_t bytes)
{
    atomic_fetch_add(&work->done, bytes);
    return atomic_load(work->stopped) ? background_stopped_error(work->arena) : NULL;
}

const struct error *file_work_check_space(struct file_work *work, const char *folder, int64_t need,
                                          int64_t keep)
{
    int64_t available;
    if (!file_free_space(folder, &available))
        return error_system(work->arena, errno, "check the path and its permissions",
                            "cannot look at the folder %s", folder);
    if (available - need >= keep)
        return NULL;
    return error_create(work->arena, OUTCOME_FAILED, "free space",
                        "%s has %lld MB free; %lld MB are needed, and %lld MB are to stay free",
                        folder, (long long)available / MEGABYTE,
                        (long long)((need + MEGABYTE - 1) / MEGABYTE), (long long)keep / MEGABYTE);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const struct error *file_work_list(struct file_work *work, const char *folder,
                                   const char *const **names, size_t *count)
{
    static const char *const none[] = {NULL};
    const char **found = NULL;
    size_t length = 0;
    *names = none;
    *count = 0;
    DIR *listing = opendir(folder);
    if (!listing)
        return error_system(work->arena, errno, NULL, "cannot open the folder %s", folder);
    struct dirent *entry;
    /* The listing is this thread's alone. */
    while (errno = 0, (entry = readdir(listing))) { // NOLINT(concurrency-mt-unsafe)
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        found = arena_extend(work->arena, found, length, sizeof *found);
        found[length++] = arena_copy(work->arena, entry->d_name);
    }
    int code = errno;
    if (closedir(listing) != 0 && code == 0)
        code = errno;
    if (code != 0)
        return error_system(work->arena, code, NULL, "cannot read the folder %s", folder);
    if (length == 0)
        return NULL;
    qsort(found, length, sizeof *found, compare_names);
    *names = found;
    *count = length;
    return NULL;
}

const struct error *file_work_measure(struct file_work *work, const char *folder, int64_t *bytes,
                                      int64_t *files)
{
    const char *const *names;
    size_t count;
    struct stat status;
    if (stat(folder, &status) != 0)
        return errno == ENOENT
                   ? NULL
                   : error_system(work->arena, errno, NULL, "cannot look at %s", folder);
    if (S_ISREG(status.st_mode)) {
        *bytes += (int64_t)status.st_size;
        ++*files;
        return NULL;
    }
    const struct error *error = file_work_list(work, folder, &names, &count);
    for (size_t i = 0; i < count && !error; i++) {
        const char *path = arena_format(work->arena, "%s/%s", folder, names[i]);
        error = file_work_measure(work, path, bytes, files);
        if (!error)
            error = file_work_advance(work, 0);
    }
    return error;
}
