#include "runtime/dump/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/dump/entry_name.h"
#include "runtime/filestore/folder.h"

#define BLOCK ((size_t)256 * 1024)
#define MODE 0600

struct packing {
    struct file_work *work;
    const char *zip;
    struct archive *archive;
    struct archive_entry *entry;
    struct dump_packed *packed;
    char *block;
};

static const struct error *pack_fail(const struct packing *packing)
{
    int code = archive_errno(packing->archive);
    return error_create(packing->work->arena, OUTCOME_FAILED,
                        code == ENOSPC ? "free space, or name another folder" : NULL,
                        "cannot write %s: %s", packing->zip,
                        archive_error_string(packing->archive));
}

static const struct error *pack_begin(const struct packing *packing, const char *name, int64_t size,
                                      time_t modified)
{
    archive_entry_clear(packing->entry);
    archive_entry_set_pathname(packing->entry, name);
    archive_entry_set_filetype(packing->entry, AE_IFREG);
    archive_entry_set_perm(packing->entry, 0644);
    archive_entry_set_size(packing->entry, size);
    archive_entry_set_mtime(packing->entry, modified, 0);
    return archive_write_header(packing->archive, packing->entry) == ARCHIVE_OK
               ? NULL
               : pack_fail(packing);
}

static const struct error *pack_bytes(const struct packing *packing, const char *bytes,
                                      size_t length)
{
    for (size_t done = 0; done < length;) {
        la_ssize_t count = archive_write_data(packing->archive, bytes + done, length - done);
        if (count <= 0)
            return pack_fail(packing);
        done += (size_t)count;
    }
    return file_work_advance(packing->work, (int64_t)length);
}

static const struct error *pack_open_file(const struct packing *packing, const char *path,
                                          const char *name, int file)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return error_system(packing->work->arena, errno, NULL, "cannot read %s", path);
    if (!S_ISREG(status.st_mode))
        return error_create(packing->work->arena, OUTCOME_FAILED, "move it out of the filestore",
                            "%s is neither a file nor a folder", path);
    const struct error *error =
        pack_begin(packing, name, (int64_t)status.st_size, status.st_mtim.tv_sec);
    int64_t left = (int64_t)status.st_size;
    while (left > 0 && !error) {
        ssize_t count = read(file, packing->block, (size_t)left < BLOCK ? (size_t)left : BLOCK);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_system(packing->work->arena, errno, NULL, "cannot read %s", path);
        if (count == 0)
            return error_create(packing->work->arena, OUTCOME_FAILED, "try again",
                                "%s became shorter while it was read", path);
        left -= count;
        error = pack_bytes(packing, packing->block, (size_t)count);
    }
    return error;
}

/* A file that Odoo's garbage collection has removed meanwhile is of no use to anybody. */
static const struct error *pack_file(const struct packing *packing, const char *path,
                                     const char *name, bool may_vanish)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT && may_vanish) {
        packing->packed->vanished++;
        return NULL;
    }
    if (file < 0)
        return error_system(packing->work->arena, errno, NULL, "cannot read %s", path);
    const struct error *error = pack_open_file(packing, path, name, file);
    close(file); /* nothing was written, so nothing can be lost */
    packing->packed->files += may_vanish ? 1 : 0;
    return error;
}

static const struct error *pack_folder(const struct packing *packing, const char *folder,
                                       const char *inside)
{
    struct arena *arena = packing->work->arena;
    const char *const *names;
    size_t count = 0;
    const struct error *error = file_work_list(packing->work, folder, &names, &count);
    for (size_t i = 0; i < count && !error; i++) {
        const char *path = arena_format(arena, "%s/%s", folder, names[i]);
        const char *name = arena_format(arena, "%s%s", inside, names[i]);
        struct stat status;
        if (strcmp(name, ENTRY_FILESTORE FILESTORE_MARKER) == 0)
            continue;
        if (entry_name_place(name) != ENTRY_IS_FILE)
            error = error_create(arena, OUTCOME_FAILED, "move it out of the filestore",
                                 "%s has a name that Odoo does not give", path);
        else if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
            error = pack_folder(packing, path, arena_format(arena, "%s/", name));
        else
            error = pack_file(packing, path, name, true);
    }
    return error;
}

static const struct error *pack_all(const struct packing *packing, const char *sql,
                                    const char *manifest, const char *filestore)
{
    struct stat status;
    const struct error *error = NULL;
    if (stat(sql, &status) != 0)
        return error_system(packing->work->arena, errno, NULL, "cannot read %s", sql);
    if (filestore)
        error = pack_folder(packing, filestore, ENTRY_FILESTORE);
    if (!error)
        error =
            pack_begin(packing, ENTRY_MANIFEST, (int64_t)strlen(manifest), status.st_mtim.tv_sec);
    if (!error)
        error = pack_bytes(packing, manifest, strlen(manifest));
    if (!error)
        error = pack_file(packing, sql, ENTRY_SQL, false);
    if (!error && archive_write_close(packing->archive) != ARCHIVE_OK)
        error = pack_fail(packing);
    return error;
}

static const struct error *pack_into(struct packing *packing, int file, const char *sql,
                                     const char *manifest, const char *filestore)
{
    struct archive *archive = archive_write_new();
    packing->archive = archive;
    packing->entry = archive_entry_new();
    const struct error *error = NULL;
    if (!archive || !packing->entry)
        error = error_create(packing->work->arena, OUTCOME_FAILED, NULL,
                             "libarchive has no memory for %s", packing->zip);
    else if (archive_write_set_format_zip(archive) != ARCHIVE_OK ||
             archive_write_open_fd(archive, file) != ARCHIVE_OK)
        error = pack_fail(packing);
    else
        error = pack_all(packing, sql, manifest, filestore);
    archive_entry_free(packing->entry);
    if (archive_write_free(archive) != ARCHIVE_OK && !error)
        error = error_create(packing->work->arena, OUTCOME_FAILED, NULL, "cannot close %s",
                             packing->zip);
    return error;
}

const struct error *dump_pack_zip(struct file_work *work, const char *zip, const char *sql,
                                  const char *manifest, const char *filestore,
                                  struct dump_packed *packed)
{
    struct packing packing = {
        .work = work, .zip = zip, .packed = packed, .block = arena_allocate(work->arena, BLOCK)};
    struct stat status = {0};
    *packed = (struct dump_packed){0};
    int file = open(zip, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (file < 0)
        return error_system(work->arena, errno, "check the folder and its permissions",
                            "cannot make the file %s", zip);
    const struct error *error = pack_into(&packing, file, sql, manifest, filestore);
    if (!error && (fsync(file) != 0 || fstat(file, &status) != 0))
        error = error_system(work->arena, errno, "free space", "cannot write %s", zip);
    if (close(file) != 0 && !error)
        error = error_system(work->arena, errno, "free space", "cannot write %s", zip);
    packed->bytes = (int64_t)status.st_size;
    return error;
}
