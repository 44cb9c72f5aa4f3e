#include "runtime/postgres/work.h"

#include <string.h>

#include "base/json.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/strangers.h"

struct work_database {
    struct run *run;
    struct session *session; /* NULL while there is none */
    bool dirty;              /* commits may not be on disk */
    void (*ready)(void *context, struct session *session, const struct error *error);
    void *context;
    void (*flushed)(void *context, const struct error *error);
    void *flush_context;
};

/* write_receipt() ends every transactional step:
 * - it refuses where the transaction is not the one that the step began (its SQL ended that one by
 * itself);
 * - it counts rows by table, as PostgreSQL did, for the tables that the transaction has locked for
 * writing: so what triggers and cascades did is in it. These counters also hold what earlier
 * transactions of the session have not yet handed on, so each transaction asks for its own to be
 * handed on at its end (PostgreSQL 15); before 15 the session is renewed instead;
 * - it inserts the receipt and returns the effects. */
static const char work_schema[] =
    "SET client_min_messages = warning;"
    "CREATE SCHEMA IF NOT EXISTS drehbuch;"
    "CREATE TABLE IF NOT EXISTS drehbuch.receipt ("
    " run text NOT NULL, step text NOT NULL, digest text NOT NULL, effects jsonb NOT NULL,"
    " at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (run, step));"
    "CREATE OR REPLACE FUNCTION drehbuch.write_receipt(run text, step text, digest text, effects "
    "jsonb)"
    " RETURNS jsonb LANGUAGE plpgsql AS $function$\n"
    "DECLARE\n"
    "    counted jsonb;\n"
    "BEGIN\n"
    "    IF current_setting('drehbuch.step', true) IS DISTINCT FROM digest THEN\n"
    "        RAISE EXCEPTION 'the transaction was ended by the step itself'\n"
    "            USING HINT = 'take COMMIT and ROLLBACK out of it; what it committed stays';\n"
    "    END IF;\n"
    "    SELECT jsonb_object_agg(n.nspname || '.' || c.relname,\n"
    "            jsonb_build_object('inserted', i, 'updated', u, 'deleted', d))\n"
    "    INTO counted\n"
    "    FROM (SELECT DISTINCT l.relation FROM pg_locks l\n"
    "          WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation'\n"
    "          AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock',\n"
    "                         'AccessExclusiveLock')) locked\n"
    "    JOIN pg_class c ON c.oid = locked.relation AND c.relkind = 'r'\n"
    "    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('drehbuch', "
    "'pg_catalog')\n"
    "    CROSS JOIN LATERAL (SELECT pg_stat_get_xact_tuples_inserted(c.oid) AS i,\n"
    "        pg_stat_get_xact_tuples_updated(c.oid) AS u,\n"
    "        pg_stat_get_xact_tuples_deleted(c.oid) AS d) AS counts\n"
    "    WHERE i + u + d > 0;\n"
    "    IF counted IS NOT NULL THEN\n"
    "        effects := effects || jsonb_build_object('tables', counted);\n"
    "    END IF;\n"
    "    INSERT INTO drehbuch.receipt VALUES (run, step, digest, effects);\n"
    "    IF current_setting('server_version_num')::int >= 150000 THEN\n"
    "        PERFORM pg_stat_force_next_flush();\n"
    "    END IF;\n"
    "    RETURN effects;\n"
    "END $function$;"
    "RESET client_min_messages;"
    "SELECT 1";

/* A commit waits for the disk only where its transaction has written something to the log: a
 * message that nobody reads is the least. With it, all earlier commits are on disk. */
static const char work_flush_text[] =
    "BEGIN; SET LOCAL synchronous_commit = on; "
    "SELECT pg_logical_emit_message(true, 'drehbuch', 'flush'); COMMIT";

struct work_database *work_create(struct run *run)
{
    struct work_database *work = arena_allocate(run->arena, sizeof *work);
    work->run = run;
    return work;
}

static void work_schema_made(void *context, const struct session_answer *answer)
{
    struct work_database *work = context;
    if (!answer->error) {
        work->ready(work->context, work->session, NULL);
        return;
    }
    const struct error *error =
        error_wrap(work->run->arena, answer->error, "cannot make the schema drehbuch for receipts");
    work_disconnect(work);
    work->ready(work->context, NULL, error);
}

static void work_opened(void *context, const struct error *error)
{
    struct work_database *work = context;
    if (!error) {
        session_execute(work->session, work_schema, work_schema_made, work);
        return;
    }
    error = error_wrap(work->run->arena, error, "the working database");
    work_disconnect(work);
    work->ready(work->context, NULL, error);
}

/* A lost session may mean that the server crashed, and took with it what was not yet on disk. */
static const struct error *work_lost(const struct work_database *work)
{
    return error_create(work->run->arena, OUTCOME_FAILED,
                        "resume the run: the receipts tell what is to be done again",
                        "the connection to the working database was lost, and perhaps the last "
                        "commits with it");
}

static void work_is_open(void *context, const struct session_answer *answer)
{
    struct work_database *work = context;
    if (!answer->error) {
        work->ready(work->context, work->session, NULL);
        return;
    }
    work_disconnect(work); /* it was lost between two steps: a new one */
    if (work->dirty) {
        work->ready(work->context, NULL, work_lost(work));
        return;
    }
    work_use(work, work->ready, work->context);
}

void work_use(struct work_database *work,
              void (*ready)(void *context, struct session *session, const struct error *error),
              void *context)
{
    work->ready = ready;
    work->context = context;
    if (work->dirty && (!work->session || session_is_lost(work->session))) {
        work->ready(work->context, NULL, work_lost(work));
        return;
    }
    bool counts_linger =
        work->session && PQserverVersion(session_connection(work->session)) < 150000;
    if (work->session && (session_is_lost(work->session) || counts_linger))
        work_disconnect(work);
    if (!work->session)
        work->session = session_open(work->run->loop,
                                     run_target(work->run, &work->run->environment->work, NULL),
                                     work_opened, work);
    else if (PQtransactionStatus(session_connection(work->session)) == PQTRANS_IDLE)
        work->ready(work->context, work->session, NULL);
    else
        session_execute(work->session, "ROLLBACK", work_is_open, work);
}

bool work_is_dirty(const struct work_database *work)
{
    return work->dirty;
}

void work_note_commit(struct work_database *work)
{
    work->dirty = true;
}

static void work_was_flushed(void *context, const struct session_answer *answer)
{
    struct work_database *work = context;
    if (answer->error) {
        work->flushed(work->flush_context, work_lost(work));
        return;
    }
    work->dirty = false;
    work->flushed(work->flush_context, NULL);
}

static void work_flush_ready(void *context, struct session *session, const struct error *error)
{
    struct work_database *work = context;
    if (error)
        work->flushed(work->flush_context, error);
    else
        session_execute(session, work_flush_text, work_was_flushed, work);
}

void work_flush(struct work_database *work,
                void (*flushed)(void *context, const struct error *error), void *context)
{
    work->flushed = flushed;
    work->flush_context = context;
    work_use(work, work_flush_ready, work);
}

void work_disconnect(struct work_database *work)
{
    session_close(work->session);
    work->session = NULL;
}

/* ---- reading ---- */

struct receipt_reader {
    struct run *run;
    struct arena *arena;
    struct session *session;
    int patience; /* how often it still looks whether earlier sessions are gone */
    void (*found)(void *context, struct value *receipts, const struct error *error);
    void *context;
};

#define ORPHAN_PATIENCE 300 /* tenths of a second */

static void receipts_end(struct receipt_reader *reader, struct value *receipts,
                         const struct error *error)
{
    if (error)
        error = error_wrap(reader->arena, error, "cannot read the receipts");
    session_close(reader->session);
    reader->found(reader->context, receipts, error);
}

static void receipts_answered(void *context, const struct session_answer *answer)
{
    struct receipt_reader *reader = context;
    struct value *receipts = value_object(reader->arena);
    const char *state = answer->sqlstate;
    bool none =
        strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0; /* no table, no schema */
    if (answer->error && !none) {
        receipts_end(reader, NULL, answer->error);
        return;
    }
    for (int row = 0; !none && row < PQntuples(answer->result); row++) {
        const char *effects = PQgetvalue(answer->result, row, 2);
        struct value *receipt = value_object(reader->arena);
        struct value *parsed = NULL;
        struct text text = {.bytes = effects, .length = strlen(effects)};
        const struct error *error = json_read(reader->arena, text, "a receipt", &parsed);
        if (error) {
            receipts_end(reader, NULL, error);
            return;
        }
        value_set(reader->arena, receipt, "digest",
                  value_string(reader->arena,
                               arena_copy(reader->arena, PQgetvalue(answer->result, row, 1))));
        value_set(reader->arena, receipt, "effects", parsed);
        value_set(reader->arena, receipts,
                  arena_copy(reader->arena, PQgetvalue(answer->result, row, 0)), receipt);
    }
    receipts_end(reader, receipts, NULL);
}

/* What is read must not be lost afterwards. */
static void receipts_flushed(void *context, const struct session_answer *answer)
{
    struct receipt_reader *reader = context;
    if (answer->error)
        receipts_end(reader, NULL, answer->error);
    else
        session_query(reader->session,
                      "SELECT step, digest, effects FROM drehbuch.receipt WHERE run = $1", 1,
                      &reader->run->id, receipts_answered, reader);
}

static void receipts_opened(void *context, const struct error *error)
{
    struct receipt_reader *reader = context;
    if (error)
        receipts_end(reader, NULL, error);
    else
        session_execute(reader->session, work_flush_text, receipts_flushed, reader);
}

/* An Odoo that the killed executor had started may have gone on without it. */
static void receipts_strangers_ended(void *context, const struct error *error)
{
    struct receipt_reader *reader = context;
    if (error)
        receipts_end(reader, NULL, error);
    else
        reader->session = session_open(
            reader->run->loop,
            run_target(reader->run, &reader->run->environment->work, reader->run->published),
            receipts_opened, reader);
}

static void receipts_database_known(void *context, const struct session_answer *answer);

static void receipts_look(struct receipt_reader *reader)
{
    const struct environment *environment = reader->run->environment;
    const char *names[] = {environment->work.name,
                           value_get_string(environment->publish, "database")};
    session_query(reader->session,
                  "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), ''), "
                  "datallowconn FROM pg_database WHERE datname IN ($1, $2)",
                  2, names, receipts_database_known, reader);
}

static void receipts_database_opened(void *context, const struct session_answer *answer)
{
    struct receipt_reader *reader = context;
    if (answer->error)
        receipts_end(reader, NULL, answer->error);
    else
        receipts_look(reader);
}

/* A crash has left it closed to connections, just before it got another name (renaming.h). */
static void receipts_open_database(struct receipt_reader *reader, const char *name)
{
    const char *sql = arena_format(reader->arena, "ALTER DATABASE %s ALLOW_CONNECTIONS true",
                                   session_quote_identifier(reader->session, reader->arena, name));
    session_execute(reader->session, sql, receipts_database_opened, reader);
}

/* It has its own name, or the published one. */
static void receipts_database_known(void *context, const struct session_answer *answer)
{
    struct receipt_reader *reader = context;
    const char *name = NULL;
    bool closed = false;
    if (answer->error) {
        receipts_end(reader, NULL, answer->error);
        return;
    }
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *run = marker_run(reader->arena, PQgetvalue(answer->result, row, 1));
        if (!run || strcmp(run, reader->run->id) != 0)
            continue;
        name = arena_copy(reader->arena, PQgetvalue(answer->result, row, 0));
        closed = strcmp(PQgetvalue(answer->result, row, 2), "f") == 0;
    }
    if (name && closed) {
        receipts_open_database(reader, name);
        return;
    }
    if (!name) {
        receipts_end(reader, NULL, NULL); /* not there, or not this run's */
        return;
    }
    if (strcmp(name, reader->run->environment->work.name) != 0) {
        reader->run->published = name;
        session_close(reader->session);
        reader->session = NULL;
        receipts_strangers_ended(reader, NULL); /* the service may work on it: those are none */
        return;
    }
    session_close(reader->session);
    reader->session = NULL;
    strangers_end(reader->run, receipts_strangers_ended, reader);
}

/* An executor that was killed leaves sessions that go on with their statement, and may commit it
 * yet. All that bear the run's name are ended but those of this process: the one that holds the
 * lock, and the one that asks. */
static void receipts_end_orphans(struct receipt_reader *reader);

static void receipts_orphans_ended(void *context, const struct session_answer *answer)
{
    struct receipt_reader *reader = context;
    if (answer->error)
        receipts_end(reader, NULL, answer->error);
    else if (strcmp(PQgetvalue(answer->result, 0, 0), "0") == 0)
        receipts_look(reader);
    else if (reader->patience-- > 0)
        receipts_end_orphans(reader);
    else
        receipts_end(reader, NULL,
                     error_create(reader->arena, OUTCOME_REFUSED,
                                  "see in pg_stat_activity what they do, then resume again",
                                  "sessions of the killed executor do not end"));
}

static void receipts_end_orphans(struct receipt_reader *reader)
{
    const char *names[] = {reader->run->application_name, reader->run->environment->work.name};
    session_query(
        reader->session,
        "SELECT count(*), count(pg_terminate_backend(pid)), pg_sleep(CASE count(*) WHEN 0 THEN 0 "
        "ELSE 0.1 END) FROM pg_stat_activity WHERE application_name = left($1, 63) "
        "AND pid <> pg_backend_pid() AND pid NOT IN (SELECT l.pid FROM pg_locks l "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
        "AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('drehbuch:' || $2, 0))",
        2, names, receipts_orphans_ended, reader);
}

static void receipts_server_opened(void *context, const struct error *error)
{
    struct receipt_reader *reader = context;
    if (error)
        receipts_end(reader, NULL, error);
    else
        receipts_end_orphans(reader);
}

void work_read_receipts(struct run *run, struct arena *arena,
                        void (*found)(void *context, struct value *receipts,
                                      const struct error *error),
                        void *context)
{
    struct receipt_reader *reader = arena_allocate(arena, sizeof *reader);
    *reader = (struct receipt_reader){.run = run,
                                      .arena = arena,
                                      .patience = ORPHAN_PATIENCE,
                                      .found = found,
                                      .context = context};
    reader->session = session_open(run->loop, run_target(run, &run->environment->work, "postgres"),
                                   receipts_server_opened, reader);
}
