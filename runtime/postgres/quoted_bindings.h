/* `${name}` in SQL: an SQL literal, never text that SQL would read as something else. */
#ifndef RUNTIME_POSTGRES_QUOTED_BINDINGS_H
#define RUNTIME_POSTGRES_QUOTED_BINDINGS_H

#include <libpq-fe.h>

#include "runtime/run.h"

/* `sql` with its bindings as literals quoted by libpq. */
const char *quoted_bindings_expand(const struct run *run, struct arena *arena, PGconn *connection,
                                   const char *sql);

#endif
