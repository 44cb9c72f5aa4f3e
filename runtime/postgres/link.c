#include "runtime/postgres/link.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "base/buffer.h"
#include "runtime/postgres/connection.h"
#include "runtime/postgres/session_error.h"

#define PATIENCE 100               /* milliseconds between two looks at the flag */
#define CHUNK ((size_t)256 * 1024) /* bytes of rows that are sent in one message */

#define NO_STATUS PGRES_NONFATAL_ERROR /* no result has it */

struct link {
    struct arena *arena;
    PGconn *connection;
    const atomic_bool *stop;
    struct buffer rows; /* on their way to the server */
};

/* ---- waiting ---- */

static const struct error *link_stopped(struct link *link)
{
    return error_create(link->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
}

static const struct error *link_lost(struct link *link)
{
    return session_error_from_connection(link->arena, link->connection, "lost the connection to");
}

/* Waits until the socket can be read or written, as `events` says. */
static const struct error *link_wait(struct link *link, short events)
{
    for (;;) {
        struct pollfd watched = {.fd = PQsocket(link->connection), .events = events};
        int ready = poll(&watched, 1, PATIENCE);
        if (atomic_load(link->stop))
            return link_stopped(link);
        if (ready > 0)
            return NULL;
        if (ready < 0 && errno != EINTR)
            return error_system(link->arena, errno, NULL, "cannot wait for the server");
    }
}

/* Sends what libpq still holds; takes what comes meanwhile, or both sides might wait for ever. */
static const struct error *link_flush(struct link *link)
{
    int left;
    while ((left = PQflush(link->connection)) == 1) {
        const struct error *error = link_wait(link, POLLIN | POLLOUT);
        if (error)
            return error;
        if (PQconsumeInput(link->connection) != 1)
            return link_lost(link);
    }
    return left == 0 ? NULL : link_lost(link);
}

/* The next result, or NULL after the last one. */
static const struct error *link_next_result(struct link *link, PGresult **result)
{
    while (PQisBusy(link->connection)) {
        const struct error *error = link_wait(link, POLLIN);
        if (error)
            return error;
        if (PQconsumeInput(link->connection) != 1)
            break; /* PQgetResult tells */
    }
    *result = PQgetResult(link->connection);
    return NULL;
}

/* ---- connecting ---- */

static const struct error *link_cannot_connect(struct link *link)
{
    return session_error_from_connection(link->arena, link->connection, "cannot connect to");
}

static const struct error *link_connect(struct link *link)
{
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    for (int patience = CONNECT_TIMEOUT; status != PGRES_POLLING_OK; patience--) {
        if (status == PGRES_POLLING_FAILED || PQstatus(link->connection) == CONNECTION_BAD)
            return link_cannot_connect(link);
        struct pollfd watched = {.fd = PQsocket(link->connection),
                                 .events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        int ready = poll(&watched, 1, 1);
        if (atomic_load(link->stop))
            return link_stopped(link);
        if (patience == 0)
            return error_create(link->arena, OUTCOME_FAILED, "check the address and the network",
                                "cannot connect to the database \"%s\": no answer in %d seconds",
                                PQdb(link->connection), CONNECT_TIMEOUT / 1000);
        if (ready > 0)
            status = PQconnectPoll(link->connection);
    }
    if (PQsetnonblocking(link->connection, 1) != 0)
        return link_cannot_connect(link);
    return NULL;
}

static void link_ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

struct link *link_open(struct arena *arena, struct session_target target, const atomic_bool *stop,
                       const struct error **error)
{
    struct link *link = arena_allocate(arena, sizeof *link);
    *link = (struct link){.arena = arena, .connection = connection_start(target), .stop = stop};
    PQsetNoticeReceiver(link->connection, link_ignore_notice, NULL);
    *error = link_connect(link);
    if (!*error)
        return link;
    link_close(link);
    return NULL;
}

/* What runs is ended: a server notices only late that nobody waits any more. */
static void link_cancel(struct link *link)
{
    PGcancel *cancel = PQgetCancel(link->connection);
    char reason[256];
    if (cancel)
        (void)PQcancel(cancel, reason, sizeof reason); /* best effort: the socket is closed next */
    PQfreeCancel(cancel);
}

void link_close(struct link *link)
{
    if (!link)
        return;
    if (PQtransactionStatus(link->connection) == PQTRANS_ACTIVE)
        link_cancel(link);
    PQfinish(link->connection);
    buffer_release(&link->rows);
}

/* ---- statements ---- */

static const struct error *link_send(struct link *link, const char *sql)
{
    return PQsendQuery(link->connection, sql) == 1 ? link_flush(link) : link_lost(link);
}

static bool result_is_error(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

/* Takes results until the last one, or until one has the status `until`. The first error counts. */
static const struct error *
link_take_results(struct link *link, const char *sql, ExecStatusType until,
                  void (*row)(void *context, const PGresult *result, int number), void *context)
{
    const struct error *first = NULL;
    for (;;) {
        PGresult *result;
        const struct error *error = link_next_result(link, &result);
        if (error)
            return first ? first : error;
        if (!result)
            return first;
        bool reached = PQresultStatus(result) == until;
        if (result_is_error(result) && !first)
            first = session_error_from_result(link->arena, result, sql);
        for (int number = 0; row && !first && number < PQntuples(result); number++)
            row(context, result, number);
        PQclear(result);
        if (reached)
            return first;
        if (PQstatus(link->connection) == CONNECTION_BAD)
            return first ? first : link_lost(link);
    }
}

const struct error *link_query(struct link *link, const char *sql,
                               void (*row)(void *context, const PGresult *result, int number),
                               void *context)
{
    const struct error *error = link_send(link, sql);
    return error ? error : link_take_results(link, sql, NO_STATUS, row, context);
}

const struct error *link_execute(struct link *link, const char *sql)
{
    return link_query(link, sql, NULL, NULL);
}

/* ---- rows ---- */

static const struct error *link_begin_copy(struct link *link, const char *sql,
                                           ExecStatusType status)
{
    const struct error *error = link_send(link, sql);
    return error ? error : link_take_results(link, sql, status, NULL, NULL);
}

/* One message of many rows: the server takes them apart by itself. */
static const struct error *link_send_rows(struct link *link, atomic_llong *bytes)
{
    if (link->rows.length == 0)
        return NULL;
    if (PQputCopyData(link->connection, link->rows.bytes, (int)link->rows.length) != 1)
        return link_lost(link);
    atomic_fetch_add(bytes, (long long)link->rows.length);
    buffer_clear(&link->rows);
    return link_flush(link);
}

/* Takes rows until there are enough for a message. `ended`: there are no more. */
static const struct error *link_take_rows(struct link *from, struct buffer *rows, bool *ended)
{
    while (rows->length < CHUNK) {
        char *row = NULL;
        int length = PQgetCopyData(from->connection, &row, 1);
        if (length > 0) {
            buffer_append(rows, row, (size_t)length);
            PQfreemem(row);
            continue;
        }
        if (length < 0) {
            *ended = true;
            return NULL; /* whether well or badly, the result tells */
        }
        const struct error *error = link_wait(from, POLLIN);
        if (error)
            return error;
        if (PQconsumeInput(from->connection) != 1)
            return link_lost(from);
    }
    return NULL;
}

static const struct error *link_move_rows(struct link *from, struct link *to, atomic_llong *bytes,
                                          const char **side)
{
    buffer_clear(&to->rows);
    for (bool ended = false; !ended;) {
        *side = "reading";
        const struct error *error = link_take_rows(from, &to->rows, &ended);
        if (error)
            return error;
        *side = "writing";
        error = link_send_rows(to, bytes);
        if (error)
            return error;
    }
    *side = "reading";
    return link_take_results(from, NULL, NO_STATUS, NULL, NULL);
}

const struct error *link_copy(struct link *from, const char *from_sql, struct link *to,
                              const char *to_sql, atomic_llong *bytes, const char **side)
{
    *side = "reading";
    const struct error *error = link_begin_copy(from, from_sql, PGRES_COPY_OUT);
    if (error)
        return error;
    *side = "writing";
    error = link_begin_copy(to, to_sql, PGRES_COPY_IN);
    if (!error)
        error = link_move_rows(from, to, bytes, side);
    if (error)
        return error;
    *side = "writing";
    if (PQputCopyEnd(to->connection, NULL) != 1)
        return link_lost(to);
    error = link_flush(to);
    return error ? error : link_take_results(to, to_sql, NO_STATUS, NULL, NULL);
}
