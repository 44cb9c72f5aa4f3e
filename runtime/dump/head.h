/* The header of pg_dump's custom and directory formats: which version made the dump, known without
 * a pg_restore, which refuses dumps of newer versions than its own. */
#ifndef RUNTIME_DUMP_HEAD_H
#define RUNTIME_DUMP_HEAD_H

#include "base/error.h"

struct dump_head {
    const char *server;  /* version of the server that was dumped: "15.14 (Debian ...)" */
    const char *program; /* version of the pg_dump */
    int major;           /* of the latter: 15 */
};

/* `path` is of the custom dump, or of toc.dat. OUTCOME_INVALID where the file ends within the
 * header, or is none. */
const struct error *dump_read_head(struct arena *arena, const char *path, struct dump_head *head);

#endif
