/* A connection to PostgreSQL for a thread of its own: its calls wait, and give up soon after
 * somebody has set the flag that was handed over. Nothing here belongs to the event loop. */
#ifndef RUNTIME_POSTGRES_LINK_H
#define RUNTIME_POSTGRES_LINK_H

#include <stdatomic.h>

#include "runtime/postgres/session.h"

struct link;

/* Connects. NULL and the error where that fails. The link and its errors live in `arena`, which is
 * the thread's own; link_close is still to be called. */
struct link *link_open(struct arena *arena, struct session_target target, const atomic_bool *stop,
                       const struct error **error);
void link_close(struct link *link);

/* Several statements, no parameters. */
const struct error *link_execute(struct link *link, const char *sql);

/* The same for queries: calls `row` with each row of each of them. */
const struct error *link_query(struct link *link, const char *sql,
                               void (*row)(void *context, const PGresult *result, int number),
                               void *context);

/* Moves rows from the one to the other. `from_sql` ends with COPY TO STDOUT, `to_sql` with COPY
 * FROM STDIN; there may be statements before. Adds to `bytes` what has been moved. `side` says
 * whose the error is: "reading" or "writing". */
const struct error *link_copy(struct link *from, const char *from_sql, struct link *to,
                              const char *to_sql, atomic_llong *bytes, const char **side);

#endif
