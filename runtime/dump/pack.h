/* Writing Odoo's backup zip (libarchive). For the thread pool. */
#ifndef RUNTIME_DUMP_PACK_H
#define RUNTIME_DUMP_PACK_H

#include "runtime/dump/file_work.h"

struct dump_packed {
    int64_t bytes;    /* of the zip */
    int64_t files;    /* of the filestore */
    int64_t vanished; /* files that were listed and gone when their turn came */
};

/* Makes the new file `zip` of the SQL in the file `sql`, the text of manifest.json and the folder
 * `filestore` (NULL: none), on disk when it returns. */
const struct error *dump_pack_zip(struct file_work *work, const char *zip, const char *sql,
                                  const char *manifest, const char *filestore,
                                  struct dump_packed *packed);

#endif
