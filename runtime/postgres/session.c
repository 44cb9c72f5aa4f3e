#include "runtime/postgres/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/postgres/connection.h"
#include "runtime/postgres/session_error.h"

struct query {
    struct query *next;
    const char *sql;
    bool parameterised;
    int parameter_count;
    const char **parameters;
    session_callback *callback;
    void *context;
    struct arena *arena; /* the query's own memory: released with it */
};

enum session_state { SESSION_CONNECTING, SESSION_READY, SESSION_LOST, SESSION_CLOSING };

struct cancellation;

struct session {
    struct arena *arena;
    uv_loop_t *loop;
    PGconn *connection;
    enum session_state state;
    uv_poll_t *poll; /* watches the socket; NULL while there is none */
    uv_timer_t
        timer; /* the patience while connecting; later the call that begins what is in line */
    int open_handles; /* handles of the loop that are not yet closed */

    void (*opened)(void *context, const struct error *error);
    void *opened_context;
    void (*notice)(void *context, const char *text);
    void *notice_context;
    void (*lost)(void *context);
    void *lost_context;

    struct query *first; /* the running one, if `running` */
    struct query *last;
    bool running;
    struct cancellation *cancellation; /* on its way, or NULL: no query begins that it could hit */
    bool pumping;                      /* inside of session_pump, which begins what is in line */
    PGresult *result; /* of the running query: the last with rows, else the first good one */
    const struct error *error; /* the first one of the running query */
    char sqlstate[6];
    int64_t rows;
};

struct arena *session_arena(struct session *session)
{
    return session->arena;
}

PGconn *session_connection(struct session *session)
{
    return session->connection;
}

/* Only a lost connection or a text that is no text in its encoding cannot be quoted: the server
 * then refuses the statement. */
static const char *session_keep(struct arena *arena, char *quoted)
{
    const char *kept = quoted ? arena_copy(arena, quoted) : "NULL";
    PQfreemem(quoted);
    return kept;
}

const char *session_quote(struct session *session, struct arena *arena, const char *text)
{
    return session_keep(arena, PQescapeLiteral(session->connection, text, strlen(text)));
}

const char *session_quote_identifier(struct session *session, struct arena *arena, const char *name)
{
    return session_keep(arena, PQescapeIdentifier(session->connection, name, strlen(name)));
}

bool session_is_lost(const struct session *session)
{
    return session->state == SESSION_LOST;
}

void session_on_notice(struct session *session, void (*notice)(void *context, const char *text),
                       void *context)
{
    session->notice = notice;
    session->notice_context = context;
}

void session_on_loss(struct session *session, void (*lost)(void *context), void *context)
{
    session->lost = lost;
    session->lost_context = context;
}

static void session_take_notice(void *context, const PGresult *result)
{
    struct session *session = context;
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (session->notice && text)
        session->notice(session->notice_context, text);
}

static struct query *session_take_query(struct session *session)
{
    struct query *query = session->first;
    session->first = query->next;
    if (!session->first)
        session->last = NULL;
    session->running = false;
    return query;
}

/* Ends when the loop has let go of the last handle. */
static void session_release(struct session *session)
{
    if (session->state != SESSION_CLOSING || session->open_handles > 0)
        return;
    while (session->first)
        arena_destroy(session_take_query(session)->arena);
    PQclear(session->result);
    PQfinish(session->connection);
    arena_destroy(session->arena);
}

static void session_timer_closed(uv_handle_t *handle)
{
    struct session *session = handle->data;
    session->open_handles--;
    session_release(session);
}

static void session_poll_closed(uv_handle_t *handle)
{
    struct session *session = handle->data;
    memory_release(handle);
    session->open_handles--;
    session_release(session);
}

static void session_unwatch(struct session *session)
{
    if (!session->poll)
        return;
    uv_close((uv_handle_t *)session->poll, session_poll_closed);
    session->poll = NULL;
}

static void session_on_socket(uv_poll_t *poll, int status, int events);

/* Watches the connection's present socket for `events`; connecting may change the socket. */
static void session_watch(struct session *session, int events)
{
    int socket = PQsocket(session->connection);
    uv_os_fd_t watched = -1;
    if (session->poll && uv_fileno((uv_handle_t *)session->poll, &watched) == 0 &&
        watched != socket)
        session_unwatch(session);
    if (!session->poll) {
        session->poll = memory_allocate(sizeof *session->poll);
        if (uv_poll_init(session->loop, session->poll, socket) != 0) {
            memory_release(session->poll);
            session->poll = NULL;
            return; /* the timer tells that nothing comes */
        }
        session->poll->data = session;
        session->open_handles++;
    }
    uv_poll_start(session->poll, events, session_on_socket);
}

/* ---- queries ---- */

/* Hands the answer over. The callback may add queries or close the session. */
static void session_answer(struct session *session)
{
    struct query *query = session_take_query(session);
    struct session_answer answer = {.error = session->error,
                                    .sqlstate = session->sqlstate,
                                    .result = session->result,
                                    .rows = session->rows};
    query->callback(query->context, &answer);
    PQclear(session->result);
    session->result = NULL;
    session->error = NULL;
    session->sqlstate[0] = '\0';
    session->rows = 0;
    arena_destroy(query->arena);
}

/* The connection is gone: everything in line ends with that. */
static void session_lose(struct session *session)
{
    if (session->state == SESSION_CLOSING)
        return;
    session->state = SESSION_LOST;
    session_unwatch(session);
    if (!session->first && session->lost)
        session->lost(session->lost_context);
    while (session->first && session->state == SESSION_LOST) {
        if (!session->error || session->sqlstate[0] == '\0')
            session->error = session_error_from_connection(session->arena, session->connection,
                                                           "lost the connection to");
        session->sqlstate[0] = '\0';
        session_answer(session);
    }
}

static bool session_send(struct session *session, const struct query *query)
{
    if (query->parameterised)
        return PQsendQueryParams(session->connection, query->sql, query->parameter_count, NULL,
                                 query->parameters, NULL, NULL, 0) == 1;
    return PQsendQuery(session->connection, query->sql) == 1;
}

static void session_begin_next(struct session *session)
{
    if (session->running || session->cancellation || !session->first ||
        session->state != SESSION_READY)
        return;
    session->running = true;
    if (!session_send(session, session->first)) {
        session_lose(session);
        return;
    }
    int unsent = PQflush(session->connection);
    session_watch(session, unsent > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

/* COPY to or from us is not a way of a plan: it is ended, and the server then says so. */
static void session_refuse_copy(struct session *session, ExecStatusType status)
{
    if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH)
        (void)PQputCopyEnd(session->connection, "COPY from standard input is not possible here");
    char *row = NULL;
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
        while (PQgetCopyData(session->connection, &row, 0) > 0)
            PQfreemem(row);
}

static void session_count_rows(struct session *session, PGresult *result)
{
    static const char *const writing[] = {"INSERT", "UPDATE", "DELETE", "MERGE"};
    const char *tag = PQcmdStatus(result);
    for (size_t i = 0; i < sizeof writing / sizeof writing[0]; i++)
        if (strncmp(tag, writing[i], strlen(writing[i])) == 0)
            session->rows += strtoll(PQcmdTuples(result), NULL, 10);
}

static void session_take_result(struct session *session, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
        session_refuse_copy(session, status);
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
        if (!session->error) {
            session->error = session_error_from_result(session->arena, result, session->first->sql);
            const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
            strncpy(session->sqlstate, state ? state : "", sizeof session->sqlstate - 1);
        }
        PQclear(result);
        return;
    }
    session_count_rows(session, result);
    if (session->result && status != PGRES_TUPLES_OK) {
        PQclear(result);
        return;
    }
    PQclear(session->result);
    session->result = result;
}

/* Takes what has arrived, and begins what is in line. */
static void session_pump(struct session *session)
{
    session->pumping = true;
    while (session->state == SESSION_READY && session->running && !PQisBusy(session->connection)) {
        PGresult *result = PQgetResult(session->connection);
        if (result)
            session_take_result(session, result);
        else if (PQstatus(session->connection) == CONNECTION_BAD)
            session_lose(session);
        else
            session_answer(session);
        session_begin_next(session);
    }
    session->pumping = false;
}

/* ---- connecting ---- */

static void session_end_connecting(struct session *session, const struct error *error)
{
    uv_timer_stop(&session->timer);
    session->state = error ? SESSION_LOST : SESSION_READY;
    if (error) {
        session_unwatch(session);
    } else {
        PQsetnonblocking(session->connection, 1);
        session_watch(session, UV_READABLE);
    }
    session->opened(session->opened_context, error);
    if (session->state == SESSION_READY)
        session_begin_next(session);
    else if (session->state == SESSION_LOST)
        session_lose(session);
}

static void session_connect_step(struct session *session)
{
    switch (PQconnectPoll(session->connection)) {
    case PGRES_POLLING_READING:
        session_watch(session, UV_READABLE);
        break;
    case PGRES_POLLING_WRITING:
        session_watch(session, UV_WRITABLE);
        break;
    case PGRES_POLLING_OK:
        session_end_connecting(session, NULL);
        break;
    default:
        session_end_connecting(session,
                               session_error_from_connection(session->arena, session->connection,
                                                             "cannot connect to"));
    }
}

static void session_on_socket(uv_poll_t *poll, int status, int events)
{
    struct session *session = poll->data;
    if (session->state == SESSION_CONNECTING) {
        session_connect_step(session);
        return;
    }
    if (session->state != SESSION_READY)
        return;
    if (events & UV_WRITABLE && PQflush(session->connection) == 0)
        session_watch(session, UV_READABLE);
    if (status != 0 || PQconsumeInput(session->connection) != 1) {
        session_lose(session);
        return;
    }
    session_pump(session);
}

static void session_on_timer(uv_timer_t *timer)
{
    struct session *session = timer->data;
    if (session->state == SESSION_READY) {
        session_begin_next(session);
    } else if (session->state == SESSION_LOST) {
        session_lose(session);
    } else if (PQstatus(session->connection) == CONNECTION_BAD) {
        session_end_connecting(session,
                               session_error_from_connection(session->arena, session->connection,
                                                             "cannot connect to"));
    } else if (!session->poll) { /* the first turn of the loop */
        uv_timer_start(&session->timer, session_on_timer, CONNECT_TIMEOUT, 0);
        session_watch(session, UV_WRITABLE);
    } else {
        session_end_connecting(
            session,
            error_create(session->arena, OUTCOME_FAILED, "check the address and the network",
                         "cannot connect to the database \"%s\": no answer in %d seconds",
                         PQdb(session->connection), CONNECT_TIMEOUT / 1000));
    }
}

struct session *session_open(uv_loop_t *loop, struct session_target target,
                             void (*opened)(void *context, const struct error *error),
                             void *context)
{
    struct arena *arena = arena_create();
    struct session *session = arena_allocate(arena, sizeof *session);
    session->arena = arena;
    session->loop = loop;
    session->opened = opened;
    session->opened_context = context;
    session->connection = connection_start(target);
    PQsetNoticeReceiver(session->connection, session_take_notice, session);
    uv_timer_init(loop, &session->timer);
    session->timer.data = session;
    session->open_handles = 1;
    uv_timer_start(&session->timer, session_on_timer, 0, 0);
    return session;
}

/* ---- what the header offers ---- */

static void session_enqueue(struct session *session, struct query *query)
{
    if (session->last)
        session->last->next = query;
    else
        session->first = query;
    session->last = query;
    /* From the loop, so that no callback comes before this call has returned. While one runs or we
     * connect, what ends that begins the next. */
    if (!session->running && !session->pumping && session->state != SESSION_CONNECTING)
        uv_timer_start(&session->timer, session_on_timer, 0, 0);
}

static struct query *session_make_query(const char *sql, session_callback *callback, void *context)
{
    struct arena *arena = arena_create();
    struct query *query = arena_allocate(arena, sizeof *query);
    query->arena = arena;
    query->sql = arena_copy(arena, sql);
    query->callback = callback;
    query->context = context;
    return query;
}

void session_execute(struct session *session, const char *sql, session_callback *callback,
                     void *context)
{
    session_enqueue(session, session_make_query(sql, callback, context));
}

void session_query(struct session *session, const char *sql, int parameter_count,
                   const char *const *parameters, session_callback *callback, void *context)
{
    struct query *query = session_make_query(sql, callback, context);
    query->parameterised = true;
    query->parameter_count = parameter_count;
    query->parameters =
        arena_allocate(query->arena, (size_t)parameter_count * sizeof *query->parameters);
    for (int i = 0; i < parameter_count; i++)
        query->parameters[i] = parameters[i] ? arena_copy(query->arena, parameters[i]) : NULL;
    session_enqueue(session, query);
}

struct cancellation {
    uv_work_t work;
    struct session *session; /* NULL once that is closed */
    PGcancel *cancel;
};

static void session_cancel_work(uv_work_t *work)
{
    struct cancellation *cancellation = work->data;
    char reason[256];
    /* Best effort: a query that goes on all the same is met by the step's timeout and by closing
     * the session. */
    (void)PQcancel(cancellation->cancel, reason, sizeof reason);
}

static void session_cancel_done(uv_work_t *work, int status)
{
    struct cancellation *cancellation = work->data;
    (void)status;
    struct session *session = cancellation->session;
    PQfreeCancel(cancellation->cancel);
    memory_release(cancellation);
    if (session) {
        session->cancellation = NULL;
        session_begin_next(session);
    }
}

void session_cancel(struct session *session)
{
    bool useful = session->running && !session->cancellation;
    PGcancel *cancel = useful ? PQgetCancel(session->connection) : NULL;
    if (!cancel)
        return;
    struct cancellation *cancellation = memory_allocate(sizeof *cancellation);
    cancellation->cancel = cancel;
    cancellation->work.data = cancellation;
    cancellation->session = session;
    session->cancellation = cancellation;
    if (uv_queue_work(session->loop, &cancellation->work, session_cancel_work,
                      session_cancel_done) != 0)
        session_cancel_done(&cancellation->work, 0);
}

void session_close(struct session *session)
{
    if (!session || session->state == SESSION_CLOSING)
        return;
    session->state = SESSION_CLOSING;
    if (session->cancellation)
        session->cancellation->session = NULL;
    session_unwatch(session);
    uv_close((uv_handle_t *)&session->timer, session_timer_closed);
}
