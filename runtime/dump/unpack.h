/* Reading what holds a dump: Odoo's backup zip, and gzipped SQL (libarchive). For the thread pool.
 *
 * Archives come from anywhere: names that lead out of the folder, links, entries that Odoo does not
 * write, and wrong checksums are refused. */
#ifndef RUNTIME_DUMP_UNPACK_H
#define RUNTIME_DUMP_UNPACK_H

#include <stdbool.h>

#include "base/value.h"
#include "runtime/dump/file_work.h"
#include "runtime/dump/sql_text.h"

/* What an archive holds, by its own account. */
struct dump_contents {
    int64_t sql_bytes;
    int64_t filestore_bytes;
    int64_t files;                /* in the filestore */
    const struct value *manifest; /* manifest.json, after unpacking; NULL where it has none */
    int major;                    /* of the pg_dump, after unpacking; 0: not told */
};

/* Reads the list of a zip's entries: all names are as they should be, and dump.sql is there. */
const struct error *dump_list_zip(struct file_work *work, const char *path,
                                  struct dump_contents *contents);

/* Writes dump.sql to the new file `sql`, and the filestore below the folder `filestore`, which is
 * made; NULL leaves either out, though it is read through and its checksums compared. */
const struct error *dump_unpack_zip(struct file_work *work, const char *path, const char *sql,
                                    const char *filestore, struct dump_contents *contents);

/* Writes the SQL to the new file `sql`. */
const struct error *dump_unpack_gzip(struct file_work *work, const char *path, const char *sql,
                                     struct dump_contents *contents);

/* Looks through a plain SQL dump; nothing is written. */
const struct error *dump_read_sql(struct file_work *work, const char *path,
                                  struct dump_contents *contents);

#endif
