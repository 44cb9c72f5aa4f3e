/* What a dump is, found out from what is in it, whatever its name says. */
#ifndef RUNTIME_DUMP_FORMAT_H
#define RUNTIME_DUMP_FORMAT_H

#include "base/error.h"

enum dump_format {
    DUMP_SQL,       /* pg_dump's plain SQL */
    DUMP_GZIP,      /* the same, compressed */
    DUMP_CUSTOM,    /* pg_dump -Fc */
    DUMP_DIRECTORY, /* pg_dump -Fd */
    DUMP_ZIP,       /* Odoo's backup: dump.sql, filestore, manifest.json */
    DUMP_BACKUP,    /* drehbuch's backup folder: dump in directory format, filestore, manifest */
};

/* "plain SQL", "Odoo's zip": for messages and effects. */
const char *dump_format_name(enum dump_format format);

/* Looks at the first bytes, or at which files a folder has. Anything else than the above is
 * OUTCOME_INVALID, with what it looks like. */
const struct error *dump_recognize(struct arena *arena, const char *path, enum dump_format *format);

/* The dump that pg_restore is given: of a backup folder the folder in it, else the path itself. */
const char *dump_archive_path(struct arena *arena, const char *path, enum dump_format format);

/* The file that pg_dump's header is at the beginning of (head.h): of a folder its toc.dat. */
const char *dump_head_path(struct arena *arena, const char *path, enum dump_format format);

#endif
