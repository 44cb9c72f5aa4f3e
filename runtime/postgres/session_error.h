/* PostgreSQL's errors in one sentence. Private to session.c. */
#ifndef RUNTIME_POSTGRES_SESSION_ERROR_H
#define RUNTIME_POSTGRES_SESSION_ERROR_H

#include <libpq-fe.h>

#include "base/error.h"

/* What `result` complains of: message, SQLSTATE, detail, context, the line of `sql` that it points
 * to; the server's hint becomes the help. */
const struct error *session_error_from_result(struct arena *arena, const PGresult *result,
                                              const char *sql);

/* What the connection complains of, for "cannot connect" or "lost the connection". */
const struct error *session_error_from_connection(struct arena *arena, PGconn *connection,
                                                  const char *what);

#endif
