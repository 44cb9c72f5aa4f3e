#include "runtime/filestore/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "runtime/filestore/transfer.h"
#include "runtime/postgres/marker.h"

#define MARKER_SIZE_LIMIT ((size_t)64 * 1024)
#define REMOVED ".removed-" /* behind the name of a folder that is being removed */
#define DIGITS 8            /* hexadecimal ones behind both */

const char *filestore_marker(struct arena *arena, const char *folder)
{
    struct text text;
    const char *path = file_join(arena, folder, FILESTORE_MARKER);
    if (file_read(arena, path, MARKER_SIZE_LIMIT, &text))
        return NULL;
    return marker_run(arena, text.bytes) ? text.bytes : NULL;
}

static int folder_write_marker(int file, const char *marker)
{
    size_t length = strlen(marker);
    ssize_t count = write(file, marker, length);
    if (count != (ssize_t)length)
        return count < 0 ? errno : ENOSPC;
    return fsync(file) == 0 ? 0 : errno;
}

const struct error *filestore_mark(struct arena *arena, const char *folder, const char *marker)
{
    const char *path = arena_format(arena, "%s/%s", folder, FILESTORE_MARKER);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    int code = file < 0 ? errno : folder_write_marker(file, marker);
    if (file >= 0 && close(file) != 0 && code == 0)
        code = errno;
    return code == 0 ? file_sync_folder(arena, path)
                     : error_system(arena, code, NULL, "cannot write %s", path);
}

const struct error *filestore_sync(struct arena *arena, const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = file < 0 ? errno : transfer_sync(file);
    if (file >= 0)
        close(file); /* was only read */
    return code == 0 ? NULL : error_system(arena, code, NULL, "cannot sync %s", folder);
}

static const char *folder_beside(struct arena *arena, const char *folder, const char *infix,
                                 const char *marker)
{
    struct digest digest = digest_bytes(marker, strlen(marker));
    return arena_format(arena, "%s%s%.*s", folder, infix, DIGITS, digest.hex);
}

const char *filestore_partial(struct arena *arena, const char *folder, const char *marker)
{
    return folder_beside(arena, folder, MARKER_PARTIAL, marker);
}

const struct error *filestore_remove(struct arena *arena, const char *folder)
{
    const char *marker = filestore_marker(arena, folder);
    if (!marker && !file_exists(folder))
        return NULL;
    if (!marker)
        return error_create(arena, OUTCOME_REFUSED,
                            "move it away yourself, or name another folder in the environment",
                            "the folder %s was not made by drehbuch", folder);
    const char *doomed = folder_beside(arena, folder, REMOVED, marker);
    const struct error *error = file_remove_tree(arena, doomed);
    if (!error)
        error = file_move(arena, folder, doomed);
    return error ? error : file_remove_tree(arena, doomed);
}

bool filestore_is_remains(const char *suffix)
{
    static const char *const infixes[] = {MARKER_PARTIAL, REMOVED};
    for (size_t i = 0; i < sizeof infixes / sizeof infixes[0]; i++) {
        size_t length = strlen(infixes[i]);
        if (strncmp(suffix, infixes[i], length) == 0 && strlen(suffix + length) == DIGITS &&
            strspn(suffix + length, "0123456789abcdef") == DIGITS)
            return true;
    }
    return false;
}

/* Of the folder `base`. */
static bool folder_is_remains(const char *name, const char *base)
{
    size_t length = strlen(base);
    return strncmp(name, base, length) == 0 && filestore_is_remains(name + length);
}

const struct error *filestore_remove_remains(struct arena *arena, const char *folder,
                                             const char *spared)
{
    const char *slash = strrchr(folder, '/');
    const char *base = slash ? slash + 1 : folder;
    const char *parent = file_folder(arena, folder);
    const struct error *error = NULL;
    DIR *listing = opendir(parent);
    if (!listing && errno == ENOENT)
        return NULL;
    if (!listing)
        return error_system(arena, errno, NULL, "cannot list the folder %s", parent);
    for (const struct dirent *entry; !error && (entry = readdir(listing));) {
        const char *path =
            arena_format(arena, "%.*s%s", (int)(base - folder), folder, entry->d_name);
        if (folder_is_remains(entry->d_name, base) && (!spared || strcmp(path, spared) != 0))
            error = file_remove_tree(arena, path);
    }
    closedir(listing);
    return error;
}
