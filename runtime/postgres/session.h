/* A connection to PostgreSQL on the event loop (libpq asynchronous, uv_poll).
 *
 * One query at a time; a further one waits in line. Callbacks come from the loop, never from inside
 * the call that started the work. Connection parameters come from a libpq URI; a password comes
 * beside it and is shown nowhere. */
#ifndef RUNTIME_POSTGRES_SESSION_H
#define RUNTIME_POSTGRES_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <uv.h>

#include "base/error.h"

struct session;

struct session_target {
    const char *url;              /* libpq URI or key=value string, without a password */
    const char *password;         /* NULL: libpq's own ways (PGPASSWORD, PGPASSFILE) */
    const char *database;         /* replaces the URI's database where not NULL */
    const char *application_name; /* seen in pg_stat_activity: "drehbuch RUN" */
};

/* Begins to connect. `opened` gets NULL or why not (message with the server's words, host and
 * database; help). */
struct session *session_open(uv_loop_t *loop, struct session_target target,
                             void (*opened)(void *context, const struct error *error),
                             void *context);

/* The arena that errors of this session live in: until session_close's end. */
struct arena *session_arena(struct session *session);

/* The result belongs to the session and is cleared when the callback returns. For a text of several
 * statements the callback comes once, with the last result that has rows (else the first); `rows`
 * adds up the rows that all of them affected. `error` carries SQLSTATE, message, detail, hint,
 * context and, for a syntax error, the line of the SQL text. */
struct session_answer {
    const struct error *error;
    const char *sqlstate; /* "" where the server sent none (a lost connection) */
    const PGresult *result;
    int64_t rows;
};

typedef void session_callback(void *context, const struct session_answer *answer);

/* Simple protocol: may hold several statements, no parameters. */
void session_execute(struct session *session, const char *sql, session_callback *callback,
                     void *context);

/* Extended protocol: one statement, text parameters (NULL for NULL), copied. */
void session_query(struct session *session, const char *sql, int parameter_count,
                   const char *const *parameters, session_callback *callback, void *context);

/* Asks the server to cancel the running query (PQcancel, off the loop's thread); its callback still
 * comes. */
void session_cancel(struct session *session);

/* Whether the connection was lost; a new session is then needed. */
bool session_is_lost(const struct session *session);

PGconn *session_connection(struct session *session);

/* Quoted by libpq, in `arena`: a text as a literal, a name as an identifier. */
const char *session_quote(struct session *session, struct arena *arena, const char *text);
const char *session_quote_identifier(struct session *session, struct arena *arena,
                                     const char *name);

/* Called with each NOTICE or WARNING of the server. */
void session_on_notice(struct session *session, void (*notice)(void *context, const char *text),
                       void *context);

/* Called when the connection is lost while no query runs that would tell. */
void session_on_loss(struct session *session, void (*lost)(void *context), void *context);

/* Closes once the loop allows. What is running or in line is forgotten: its callbacks do not come.
 * `session` is not to be used afterwards. */
void session_close(struct session *session);

#endif
