/* The names of what Odoo's backup zip holds. */
#ifndef RUNTIME_DUMP_ENTRY_NAME_H
#define RUNTIME_DUMP_ENTRY_NAME_H

#define ENTRY_SQL "dump.sql"
#define ENTRY_MANIFEST "manifest.json"
#define ENTRY_FILESTORE "filestore/"

enum entry_place {
    ENTRY_IS_SQL,
    ENTRY_IS_MANIFEST,
    ENTRY_IS_FILE,   /* of the filestore */
    ENTRY_IS_FOLDER, /* nothing to be written: folders are made for their files */
    ENTRY_IS_FOREIGN,
};

/* ENTRY_IS_FOREIGN for all that Odoo does not write: absolute names, "..", names and paths too
 * long, control characters, backslashes. */
enum entry_place entry_name_place(const char *name);

#endif
