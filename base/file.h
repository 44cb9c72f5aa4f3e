/* Whole files: read within a limit, replaced so that a reader (or a crash) sees the old or the new
 * one, never half. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* A file's bytes, with a NUL behind the last. */
struct text {
    const char *bytes;
    size_t length;
};

/* Reads the file into the arena. Fails where it is not a regular file (a folder, a device, a pipe),
 * cannot be read, or has more than `limit` bytes, before more than `limit` bytes were read. */
const struct error *file_read(struct arena *arena, const char *path, size_t limit,
                              struct text *text);

/* Writes to a temporary file beside `path`, fsyncs it, renames it to `path` and fsyncs the folder.
 * `mode` is the new file's permissions, less what the umask takes. Fails where `path` is there and
 * is no regular file; a failure leaves `path` as it was and no temporary file. */
const struct error *file_replace(struct arena *arena, const char *path, const char *bytes,
                                 size_t length, mode_t mode);

/* The same for a file that must not be there yet: what is there already stays, and is an error. */
const struct error *file_create(struct arena *arena, const char *path, const char *bytes,
                                size_t length, mode_t mode);

/* Writes all of the bytes to an open file. Returns 0, or the errno of what went wrong. */
int file_write_all(int file, const char *bytes, size_t length);

/* Makes the folder and those above it that are missing, with `mode`; one that exists is fine. */
const struct error *file_make_folder(struct arena *arena, const char *path, mode_t mode);

/* Fsyncs the folder that holds `path`, so that a new or renamed name in it survives a power loss.
 */
const struct error *file_sync_folder(struct arena *arena, const char *path);

/* The folder part of `path`: "a/b" gives "a", "b" gives ".", "/b" gives "/". */
const char *file_folder(struct arena *arena, const char *path);

/* `path` seen from `folder`: itself where it is absolute, else "folder/path". */
const char *file_join(struct arena *arena, const char *folder, const char *path);

/* `path` from the root, without links; itself where it cannot be told (it does not exist). */
const char *file_make_absolute(struct arena *arena, const char *path);

/* Renames a file or folder within one file system and fsyncs the folder it then lies in. */
const struct error *file_move(struct arena *arena, const char *from, const char *to);

/* Removes a file, or a folder with all that is in it (links are removed, not followed); fine where
 * there is none. */
const struct error *file_remove_tree(struct arena *arena, const char *path);

bool file_exists(const char *path);

/* How many bytes this account may still write where the folder lies; false, with errno set, where
 * that cannot be told. */
bool file_free_space(const char *folder, int64_t *bytes);

#endif
