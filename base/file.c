#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buffer.h"

#define REMOVE_TRIES 50

static const struct error *file_read_open(struct arena *arena, int file, const char *path,
                                          size_t limit, struct text *text)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return error_system(arena, errno, NULL, "cannot read %s", path);
    if (S_ISDIR(status.st_mode))
        return error_create(arena, OUTCOME_INVALID, "name a file", "%s is a folder", path);
    if (!S_ISREG(status.st_mode))
        return error_create(arena, OUTCOME_INVALID, "name a file", "%s is not a regular file",
                            path);
    if (status.st_size < 0 || (size_t)status.st_size > limit)
        return error_create(arena, OUTCOME_INVALID, "split it into smaller files",
                            "%s has %lld bytes; at most %zu are read", path,
                            (long long)status.st_size, limit);
    size_t size = (size_t)status.st_size;
    char *bytes = arena_allocate(arena, size + 1);
    size_t length = 0;
    while (length < size) {
        ssize_t count = read(file, bytes + length, size - length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_system(arena, errno, NULL, "cannot read %s", path);
        if (count == 0)
            break; /* it shrank while it was read: what is there is its content */
        length += (size_t)count;
    }
    bytes[length] = '\0';
    *text = (struct text){.bytes = bytes, .length = length};
    return NULL;
}

const struct error *file_read(struct arena *arena, const char *path, size_t limit,
                              struct text *text)
{
    int file = open(path, O_RDONLY | O_CLOEXEC |
                              O_NONBLOCK); /* a pipe must not block us before fstat tells */
    if (file < 0) {
        const struct error *error = error_system(arena, errno, NULL, "cannot open %s", path);
        return error_create(arena, OUTCOME_INVALID, "check the path and its permissions", "%s",
                            error->message);
    }
    const struct error *error = file_read_open(arena, file, path, limit, text);
    close(file); /* nothing was written, so nothing can be lost */
    return error;
}

int file_write_all(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(file, bytes, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        bytes += count;
        length -= (size_t)count;
    }
    return 0;
}

/* There is no way to ask for it but to set it. */
static mode_t file_umask(void)
{
    mode_t mask = umask(S_IRWXG | S_IRWXO);
    umask(mask);
    return mask;
}

/* Everything that has to succeed before the rename; returns an errno. Closes `file` in any case. */
static int file_fill(int file, const char *bytes, size_t length, mode_t mode)
{
    int code = file_write_all(file, bytes, length);
    if (code == 0 && fchmod(file, mode & ~file_umask()) != 0)
        code = errno;
    if (code == 0 && fsync(file) != 0)
        code = errno;
    if (close(file) != 0 && code == 0)
        code = errno;
    return code;
}

/* A whole file of another name beside `path`, on disk. */
static const struct error *file_prepare(struct arena *arena, const char *path, const char *bytes,
                                        size_t length, mode_t mode, const char **prepared)
{
    char *temporary = arena_format(arena, "%s.XXXXXX", path);
    int file = mkstemp(temporary);
    if (file < 0)
        return error_system(arena, errno, "check that the folder exists and can be written to",
                            "cannot write %s", path);
    int code = file_fill(file, bytes, length, mode);
    if (code != 0) {
        unlink(temporary); /* best effort: the failure that counts is the one before */
        return error_system(arena, code, NULL, "cannot write %s", path);
    }
    *prepared = temporary;
    return NULL;
}

const struct error *file_replace(struct arena *arena, const char *path, const char *bytes,
                                 size_t length, mode_t mode)
{
    struct stat status;
    const char *prepared = "";
    /* A rename would put a file in the place of /dev/null. */
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return error_create(arena, OUTCOME_FAILED, "name a file",
                            "cannot write %s: it is not a regular file", path);
    const struct error *error = file_prepare(arena, path, bytes, length, mode, &prepared);
    if (error)
        return error;
    if (rename(prepared, path) != 0) {
        error = error_system(arena, errno, NULL, "cannot write %s", path);
        unlink(prepared); /* best effort: the failure that counts is the one before */
        return error;
    }
    return file_sync_folder(arena, path);
}

const struct error *file_create(struct arena *arena, const char *path, const char *bytes,
                                size_t length, mode_t mode)
{
    const char *prepared = "";
    const struct error *error = file_prepare(arena, path, bytes, length, mode, &prepared);
    if (error)
        return error;
    int code = link(prepared, path) == 0 ? 0 : errno;
    unlink(prepared); /* best effort: its other name is the one that counts */
    if (code == EEXIST)
        return error_create(arena, OUTCOME_REFUSED, "remove it, or name another file",
                            "%s is there already", path);
    return code == 0 ? file_sync_folder(arena, path)
                     : error_system(arena, code, NULL, "cannot write %s", path);
}

const struct error *file_make_folder(struct arena *arena, const char *path, mode_t mode)
{
    char *partial = arena_copy(arena, path);
    for (char *slash = strchr(partial + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        bool made = mkdir(partial, mode) == 0;
        int code = errno;
        struct stat status;
        if (!made && (code != EEXIST || stat(partial, &status) != 0 || !S_ISDIR(status.st_mode)))
            return error_system(arena, code, NULL, "cannot make the folder %s", partial);
        if (made) {
            const struct error *error = file_sync_folder(arena, partial);
            if (error)
                return error;
        }
        if (!slash)
            return NULL;
        *slash = '/';
    }
}

const struct error *file_sync_folder(struct arena *arena, const char *path)
{
    const char *folder = file_folder(arena, path);
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return error_system(arena, errno, NULL, "cannot open the folder %s", folder);
    int code = fsync(file) == 0 ? 0 : errno;
    if (close(file) != 0 && code == 0)
        code = errno;
    return code == 0 ? NULL : error_system(arena, code, NULL, "cannot sync the folder %s", folder);
}

const char *file_folder(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    if (slash == path)
        return "/";
    return arena_copy_bytes(arena, path, (size_t)(slash - path));
}

const char *file_join(struct arena *arena, const char *folder, const char *path)
{
    if (path[0] == '/')
        return path;
    return strcmp(folder, ".") == 0 ? path : arena_format(arena, "%s/%s", folder, path);
}

const char *file_make_absolute(struct arena *arena, const char *path)
{
    char *found = realpath(path, NULL);
    const char *absolute = arena_copy(arena, found ? found : path);
    free(found);
    return absolute;
}

const struct error *file_move(struct arena *arena, const char *from, const char *to)
{
    if (rename(from, to) != 0)
        return error_system(arena, errno, NULL, "cannot rename %s to %s", from, to);
    return file_sync_folder(arena, to);
}

static int file_remove_entry(const char *path, const struct stat *status, int kind,
                             struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

const struct error *file_remove_tree(struct arena *arena, const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0 && errno == ENOENT)
        return NULL;
    /* Somebody may still put files there, a child of a process that was killed: each turn takes
     * those. */
    for (int tries = REMOVE_TRIES; tries > 0; tries--) {
        if (nftw(path, file_remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0)
            return NULL;
        if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
            break;
        if (lstat(path, &status) != 0 && errno == ENOENT)
            return NULL;
    }
    return error_system(arena, errno, "remove it yourself", "cannot remove %s", path);
}

bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

bool file_free_space(const char *folder, int64_t *bytes)
{
    struct statvfs status;
    if (statvfs(folder, &status) != 0)
        return false;
    *bytes = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
    return true;
}
