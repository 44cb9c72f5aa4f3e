#include "runtime/dump/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "runtime/dump/entry_name.h"

#define BLOCK ((size_t)256 * 1024)
#define MANIFEST_LIMIT ((int64_t)16 * 1024 * 1024)
#define SQL_MODE 0600
#define FILE_MODE 0644
#define FOLDER_MODE 0755

struct unpacking {
    struct file_work *work;
    const char *path;
    struct archive *archive;
    const char *sql;       /* NULL: not written */
    const char *filestore; /* NULL: not written */
    struct dump_contents *contents;
    bool has_sql;
    const char *folder; /* the last one that was made */
};

/* ---- errors ---- */

static const struct error *unpack_fail(const struct unpacking *unpacking, const char *entry)
{
    const char *reason = archive_error_string(unpacking->archive);
    return error_create(unpacking->work->arena, OUTCOME_INVALID, "get the dump again",
                        "%s is cut off or damaged%s%s: %s", unpacking->path, entry ? ", at " : "",
                        entry ? entry : "", reason ? reason : "unknown reason");
}

static const struct error *unpack_refuse(const struct unpacking *unpacking, const char *name,
                                         const char *why)
{
    return error_create(unpacking->work->arena, OUTCOME_INVALID,
                        "name a backup that was made by Odoo's database manager",
                        "%s is no backup of Odoo: %s \"%.200s\"", unpacking->path, why, name);
}

/* ---- where an entry's bytes go ---- */

struct target {
    int file;              /* -1: nowhere */
    struct sql_text *text; /* looks at SQL; NULL */
    struct buffer *buffer; /* gets the manifest; NULL */
};

static const struct error *target_write(const struct unpacking *unpacking, const char *name,
                                        const struct target *target, const char *bytes,
                                        size_t length)
{
    struct file_work *work = unpacking->work;
    if (target->buffer)
        buffer_append(target->buffer, bytes, length);
    const struct error *error = target->text ? sql_text_take(target->text, bytes, length) : NULL;
    for (size_t done = 0; target->file >= 0 && done < length && !error;) {
        ssize_t count = write(target->file, bytes + done, length - done);
        if (count < 0 && errno != EINTR)
            return error_system(work->arena, errno, "free space", "cannot write %s of %s", name,
                                unpacking->path);
        done += count > 0 ? (size_t)count : 0;
    }
    return error ? error : file_work_advance(work, (int64_t)length);
}

/* Reads the entry to its end, which is where libarchive compares its checksum. */
static const struct error *entry_copy(const struct unpacking *unpacking, const char *name,
                                      int64_t size, const struct target *target)
{
    const void *block;
    size_t length;
    int64_t offset, expected = 0;
    int code;
    while ((code = archive_read_data_block(unpacking->archive, &block, &length, &offset)) ==
           ARCHIVE_OK) {
        if (offset != expected || (size >= 0 && offset + (int64_t)length > size))
            return error_create(unpacking->work->arena, OUTCOME_INVALID, "get the dump again",
                                "%s is damaged: %s is longer than it says", unpacking->path, name);
        expected += (int64_t)length;
        const struct error *error = target_write(unpacking, name, target, block, length);
        if (error)
            return error;
    }
    if (code != ARCHIVE_EOF || (size >= 0 && expected != size))
        return unpack_fail(unpacking, name);
    return NULL;
}

static const struct error *entry_copy_to_file(const struct unpacking *unpacking, const char *name,
                                              int64_t size, const char *path, mode_t mode,
                                              struct sql_text *text)
{
    struct arena *arena = unpacking->work->arena;
    struct target target = {.file = -1, .text = text};
    if (!path)
        return entry_copy(unpacking, name, size, &target);
    target.file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (target.file < 0 && errno == EEXIST)
        return unpack_refuse(unpacking, name, "it has twice an entry of the name");
    if (target.file < 0)
        return error_system(arena, errno, NULL, "cannot make the file %s", path);
    const struct error *error = entry_copy(unpacking, name, size, &target);
    if (close(target.file) != 0 && !error)
        error = error_system(arena, errno, "free space", "cannot write %s", path);
    return error;
}

/* ---- the three kinds of entries ---- */

static const struct error *unpack_sql(struct unpacking *unpacking, const char *name, int64_t size)
{
    struct sql_text text =
        sql_text_create(unpacking->work->arena,
                        arena_format(unpacking->work->arena, "%s in %s", name, unpacking->path));
    const struct error *error =
        entry_copy_to_file(unpacking, name, size, unpacking->sql, SQL_MODE, &text);
    if (!error)
        error = sql_text_end(&text);
    unpacking->contents->major = text.major;
    return error;
}

static const struct error *unpack_manifest(struct unpacking *unpacking, const char *name,
                                           int64_t size)
{
    struct arena *arena = unpacking->work->arena;
    struct buffer buffer = {0};
    struct value *manifest = NULL;
    if (size > MANIFEST_LIMIT)
        return unpack_refuse(unpacking, name, "it has too large an entry");
    const struct error *error =
        entry_copy(unpacking, name, size, &(struct target){.file = -1, .buffer = &buffer});
    struct text text = {.bytes = arena_copy(arena, buffer_string(&buffer)),
                        .length = buffer.length};
    buffer_release(&buffer);
    if (!error)
        error = json_read(arena, text, arena_format(arena, "%s in %s", name, unpacking->path),
                          &manifest);
    unpacking->contents->manifest = manifest;
    return error;
}

/* Odoo's folders have two letters: one is made for many files. */
static const struct error *unpack_make_folder(struct unpacking *unpacking, const char *path)
{
    struct arena *arena = unpacking->work->arena;
    const char *folder = file_folder(arena, path);
    if (unpacking->folder && strcmp(unpacking->folder, folder) == 0)
        return NULL;
    unpacking->folder = folder;
    char *partial = arena_copy(arena, folder);
    for (char *slash = partial + strlen(unpacking->filestore);; *slash = '/', slash++) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(partial, FOLDER_MODE) != 0 && errno != EEXIST)
            return error_system(arena, errno, NULL, "cannot make the folder %s", partial);
        if (!slash)
            return NULL;
    }
}

static const struct error *unpack_file(struct unpacking *unpacking, const char *name, int64_t size)
{
    struct arena *arena = unpacking->work->arena;
    const char *path = NULL;
    const struct error *error = NULL;
    if (unpacking->filestore) {
        path = arena_format(arena, "%s/%s", unpacking->filestore, name + strlen(ENTRY_FILESTORE));
        error = unpack_make_folder(unpacking, path);
    }
    return error ? error : entry_copy_to_file(unpacking, name, size, path, FILE_MODE, NULL);
}

/* ---- a zip ---- */

static const struct error *unpack_check_entry(const struct unpacking *unpacking,
                                              struct archive_entry *entry, enum entry_place *place)
{
    const char *name = archive_entry_pathname(entry);
    if (!name)
        return unpack_refuse(unpacking, "?", "it has an entry with the unreadable name");
    *place = entry_name_place(name);
    if (*place == ENTRY_IS_FOREIGN)
        return unpack_refuse(unpacking, name, "it has an entry of the name");
    bool folder = archive_entry_filetype(entry) == AE_IFDIR;
    if (archive_entry_filetype(entry) != AE_IFREG && !folder)
        return unpack_refuse(unpacking, name, "it has a link or a device of the name");
    if (folder != (*place == ENTRY_IS_FOLDER))
        return unpack_refuse(unpacking, name, "it has an entry of the name");
    if (archive_entry_is_encrypted(entry))
        return unpack_refuse(unpacking, name, "it needs a password for");
    if (!folder && (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0))
        return unpack_refuse(unpacking, name, "it does not say how long this is:");
    return NULL;
}

static const struct error *unpack_count_entry(struct unpacking *unpacking, enum entry_place place,
                                              const char *name, int64_t size)
{
    struct dump_contents *contents = unpacking->contents;
    if (place == ENTRY_IS_SQL) {
        if (unpacking->has_sql)
            return unpack_refuse(unpacking, name, "it has twice an entry of the name");
        unpacking->has_sql = true;
        contents->sql_bytes = size;
    } else if (place == ENTRY_IS_FILE) {
        contents->filestore_bytes += size;
        contents->files++;
    }
    return NULL;
}

static const struct error *unpack_data(struct unpacking *unpacking, enum entry_place place,
                                       const char *name, int64_t size)
{
    if (place == ENTRY_IS_SQL)
        return unpack_sql(unpacking, name, size);
    if (place == ENTRY_IS_MANIFEST)
        return unpack_manifest(unpacking, name, size);
    return place == ENTRY_IS_FILE ? unpack_file(unpacking, name, size) : NULL;
}

static const struct error *unpack_entries(struct unpacking *unpacking, bool data)
{
    struct archive_entry *entry;
    const struct error *error = NULL;
    int code = ARCHIVE_OK;
    while (!error && (code = archive_read_next_header(unpacking->archive, &entry)) == ARCHIVE_OK) {
        enum entry_place place = ENTRY_IS_FOREIGN;
        error = unpack_check_entry(unpacking, entry, &place);
        if (error)
            break;
        const char *name = arena_copy(unpacking->work->arena, archive_entry_pathname(entry));
        int64_t size = place == ENTRY_IS_FOLDER ? 0 : archive_entry_size(entry);
        error = unpack_count_entry(unpacking, place, name, size);
        if (!error && data)
            error = unpack_data(unpacking, place, name, size);
        if (!error)
            error = file_work_advance(unpacking->work, 0);
    }
    if (!error && code != ARCHIVE_EOF)
        error = unpack_fail(unpacking, NULL);
    if (!error && !unpacking->has_sql)
        error = error_create(unpacking->work->arena, OUTCOME_INVALID,
                             "make the backup with Odoo's database manager, in its format zip",
                             "%s has no dump.sql in it: it is no backup of Odoo", unpacking->path);
    return error;
}

/* Opens, walks and closes; `walk` reads. */
static const struct error *unpack_open(struct unpacking *unpacking, bool zip,
                                       const struct error *(*walk)(struct unpacking *unpacking))
{
    struct archive *archive = archive_read_new();
    if (!archive)
        return error_create(unpacking->work->arena, OUTCOME_FAILED, NULL,
                            "libarchive has no memory for %s", unpacking->path);
    unpacking->archive = archive;
    bool ready = zip ? archive_read_support_format_zip_seekable(archive) == ARCHIVE_OK
                     : archive_read_support_filter_gzip(archive) == ARCHIVE_OK &&
                           archive_read_support_format_raw(archive) == ARCHIVE_OK;
    const struct error *error = NULL;
    if (!ready || archive_read_open_filename(archive, unpacking->path, BLOCK) != ARCHIVE_OK)
        error = unpack_fail(unpacking, NULL);
    else
        error = walk(unpacking);
    if (archive_read_free(archive) != ARCHIVE_OK && !error)
        error = error_create(unpacking->work->arena, OUTCOME_FAILED, NULL, "cannot close %s",
                             unpacking->path);
    return error;
}

static const struct error *walk_list(struct unpacking *unpacking)
{
    return unpack_entries(unpacking, false);
}

static const struct error *walk_data(struct unpacking *unpacking)
{
    return unpack_entries(unpacking, true);
}

const struct error *dump_list_zip(struct file_work *work, const char *path,
                                  struct dump_contents *contents)
{
    struct unpacking unpacking = {.work = work, .path = path, .contents = contents};
    *contents = (struct dump_contents){0};
    return unpack_open(&unpacking, true, walk_list);
}

const struct error *dump_unpack_zip(struct file_work *work, const char *path, const char *sql,
                                    const char *filestore, struct dump_contents *contents)
{
    struct unpacking unpacking = {
        .work = work, .path = path, .sql = sql, .filestore = filestore, .contents = contents};
    *contents = (struct dump_contents){0};
    if (filestore && mkdir(filestore, FOLDER_MODE) != 0)
        return error_system(work->arena, errno, "check the path and its permissions",
                            "cannot make the folder %s", filestore);
    return unpack_open(&unpacking, true, walk_data);
}

/* ---- SQL ---- */

static const struct error *walk_gzip(struct unpacking *unpacking)
{
    struct archive_entry *entry;
    if (archive_read_next_header(unpacking->archive, &entry) != ARCHIVE_OK)
        return unpack_fail(unpacking, NULL);
    return unpack_sql(unpacking, "the SQL", -1);
}

const struct error *dump_unpack_gzip(struct file_work *work, const char *path, const char *sql,
                                     struct dump_contents *contents)
{
    struct unpacking unpacking = {.work = work, .path = path, .sql = sql, .contents = contents};
    *contents = (struct dump_contents){0};
    return unpack_open(&unpacking, false, walk_gzip);
}

static const struct error *read_sql(struct file_work *work, const char *path, int file,
                                    struct sql_text *text)
{
    char *block = arena_allocate(work->arena, BLOCK);
    const struct error *error = NULL;
    while (!error) {
        ssize_t count = read(file, block, BLOCK);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_system(work->arena, errno, NULL, "cannot read the dump %s", path);
        if (count == 0)
            return sql_text_end(text);
        error = sql_text_take(text, block, (size_t)count);
        if (!error)
            error = file_work_advance(work, count);
    }
    return error;
}

const struct error *dump_read_sql(struct file_work *work, const char *path,
                                  struct dump_contents *contents)
{
    struct sql_text text = sql_text_create(work->arena, path);
    *contents = (struct dump_contents){0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_system(work->arena, errno, NULL, "cannot read the dump %s", path);
    const struct error *error = read_sql(work, path, file, &text);
    close(file); /* nothing was written, so nothing can be lost */
    contents->major = text.major;
    return error;
}
