#include "runtime/dump/format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define START_LENGTH 4096                                  /* bytes that tell what a file is */
#define CLUSTER_DUMP "-- PostgreSQL database cluster dump" /* of pg_dumpall */
#define HELP                                                                                       \
    "name a dump made by pg_dump (plain SQL, also gzipped; custom or directory format), Odoo's "   \
    "backup zip, or a backup made by drehbuch"

const char *dump_format_name(enum dump_format format)
{
    static const char *const names[] = {
        [DUMP_SQL] = "plain SQL",
        [DUMP_GZIP] = "gzipped SQL",
        [DUMP_CUSTOM] = "pg_dump's custom format",
        [DUMP_DIRECTORY] = "pg_dump's directory format",
        [DUMP_ZIP] = "Odoo's zip",
        [DUMP_BACKUP] = "drehbuch's backup folder",
    };
    return names[format];
}

const char *dump_archive_path(struct arena *arena, const char *path, enum dump_format format)
{
    return format == DUMP_BACKUP ? arena_format(arena, "%s/dump", path) : path;
}

const char *dump_head_path(struct arena *arena, const char *path, enum dump_format format)
{
    const char *archive = dump_archive_path(arena, path, format);
    return format == DUMP_CUSTOM ? archive : arena_format(arena, "%s/toc.dat", archive);
}

static const struct error *recognize_folder(struct arena *arena, const char *path,
                                            enum dump_format *format)
{
    *format = DUMP_DIRECTORY;
    if (file_exists(arena_format(arena, "%s/toc.dat", path)))
        return NULL;
    *format = DUMP_BACKUP;
    if (file_exists(arena_format(arena, "%s/dump/toc.dat", path)) &&
        file_exists(arena_format(arena, "%s/manifest.json", path)))
        return NULL;
    return error_create(arena, OUTCOME_INVALID, HELP,
                        "%s is no dump: the folder has neither toc.dat nor dump/toc.dat with a "
                        "manifest.json",
                        path);
}

static bool starts_with(const char *bytes, size_t length, const char *magic, size_t magic_length)
{
    return length >= magic_length && memcmp(bytes, magic, magic_length) == 0;
}

/* What is known, and yet no dump that can be restored. */
static const char *recognize_other(const char *bytes, size_t length)
{
    if (length == 0)
        return "the file is empty";
    if (strstr(bytes, CLUSTER_DUMP))
        return "it was made by pg_dumpall, and holds more than one database";
    if (length > 262 && memcmp(bytes + 257, "ustar", 5) == 0)
        return "it is a tar file";
    if (starts_with(bytes, length, "BZh", 3) ||
        starts_with(bytes, length,
                    "\xfd"
                    "7zXZ",
                    5) ||
        starts_with(bytes, length, "\x28\xb5\x2f\xfd", 4))
        return "it is compressed by something else than gzip";
    return "it does not begin like one";
}

static const struct error *recognize_bytes(struct arena *arena, const char *path, const char *bytes,
                                           size_t length, enum dump_format *format)
{
    if (starts_with(bytes, length, "PGDMP", 5))
        *format = DUMP_CUSTOM;
    else if (starts_with(bytes, length, "PK\3\4", 4) || starts_with(bytes, length, "PK\5\6", 4))
        *format = DUMP_ZIP;
    else if (starts_with(bytes, length, "\x1f\x8b", 2))
        *format = DUMP_GZIP;
    else if (!strstr(bytes, CLUSTER_DUMP) && (strstr(bytes, "-- PostgreSQL database dump\n") ||
                                              strstr(bytes, "-- PostgreSQL database dump\r\n")))
        *format = DUMP_SQL;
    else
        return error_create(arena, OUTCOME_INVALID, HELP, "%s is no dump: %s", path,
                            recognize_other(bytes, length));
    return NULL;
}

static const struct error *recognize_file(struct arena *arena, const char *path,
                                          enum dump_format *format)
{
    char bytes[START_LENGTH + 1];
    size_t length = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return error_system(arena, errno, NULL, "cannot read the dump %s", path);
    ssize_t count;
    while ((count = read(file, bytes + length, START_LENGTH - length)) > 0 ||
           (count < 0 && errno == EINTR))
        length += count > 0 ? (size_t)count : 0;
    int code = count < 0 ? errno : 0;
    if (close(file) != 0 && code == 0)
        code = errno;
    if (code != 0)
        return error_system(arena, code, NULL, "cannot read the dump %s", path);
    bytes[length] = '\0';
    return recognize_bytes(arena, path, bytes, length, format);
}

const struct error *dump_recognize(struct arena *arena, const char *path, enum dump_format *format)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_create(arena, OUTCOME_INVALID, "check the path", "there is no dump %s: %s",
                            path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return recognize_folder(arena, path, format);
    if (!S_ISREG(status.st_mode))
        return error_create(arena, OUTCOME_INVALID, HELP,
                            "%s is no dump: it is neither a file nor a folder", path);
    return recognize_file(arena, path, format);
}
