#include "runtime/postgres/stream_hand.h"

#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "runtime/postgres/link.h"

/* Of a table that is smaller all is done in one transaction: what a transaction and the way to the
 * server and back cost is more than what sharing the indexes would gain. */
#define SMALL ((int64_t)8 * 1024 * 1024)

/* As pg_dump and pg_restore set them: nothing of the database's or the role's own settings counts.
 * What is committed here need not wait for the disk; the one who renames the database does. */
#define SETTINGS                                                                                   \
    "SET search_path = ''; SET DateStyle = ISO; SET IntervalStyle = "                              \
    "postgres; SET statement_timeout = 0; SET lock_timeout = 0; "                                  \
    "SET idle_in_transaction_session_timeout = 0; SET row_security = off; "                        \
    "SET client_min_messages = error; SET standard_conforming_strings = on; "
#define SOURCE_SETTINGS                                                                            \
    SETTINGS "SET extra_float_digits = 3; SET bytea_output = hex; SET synchronize_seqscans = "     \
             "off; "
#define TARGET_SETTINGS                                                                            \
    SETTINGS "SET default_transaction_read_only = off; SET synchronous_commit = off; "             \
             "SET check_function_bodies = off; SET xmloption = content; "

struct sides {
    struct link *source, *target;
};

/* Servers complain in the database's encoding. */
static const struct error *hand_describe(const struct hand *hand, const struct error *error,
                                         const char *what, const char *name)
{
    if (!error || error->outcome == OUTCOME_INTERRUPTED)
        return error;
    char *message = arena_copy(hand->arena, error->message);
    size_t length = strlen(message);
    for (size_t at = utf8_valid_length(message, length); at < length;
         at += utf8_valid_length(message + at, length - at))
        message[at++] = '?';
    return error_create(hand->arena, error->outcome, error->help, "%s %s: %s", what, name, message);
}

/* ---- tables ---- */

static const char *hand_list_columns(const struct hand *hand, const struct stream_table *table)
{
    return table->columns[0] ? arena_format(hand->arena, " (%s)", table->columns) : "";
}

static const char *hand_write_reading(const struct hand *hand, const struct stream_table *table)
{
    if (table->condition)
        return arena_format(hand->arena, "COPY (SELECT %s FROM ONLY %s %s) TO STDOUT",
                            table->columns, table->name, table->condition);
    return arena_format(hand->arena, "COPY %s%s TO STDOUT", table->name,
                        hand_list_columns(hand, table));
}

/* Emptied in the same transaction, so that rows can be written as if they had long been there
 * (FREEZE): they need no second writing by vacuum. To what an extension has made itself, rows are
 * added. */
static const char *hand_write_writing(const struct hand *hand, const struct stream_table *table)
{
    const char *columns = hand_list_columns(hand, table);
    if (table->condition)
        return arena_format(hand->arena, "BEGIN; COPY %s%s FROM STDIN", table->name, columns);
    return arena_format(hand->arena,
                        "BEGIN; TRUNCATE TABLE ONLY %s; COPY %s%s FROM STDIN WITH (FREEZE)",
                        table->name, table->name, columns);
}

/* What is done in the transaction that the rows are written in. */
static const char *hand_write_rest(const struct hand *hand, const struct stream_table *table,
                                   bool whole)
{
    const char *sql = table->constraints;
    for (size_t i = 0; whole && i < table->index_count; i++)
        sql = arena_format(hand->arena, "%s%s; ", sql, table->indexes[i].sql);
    if (whole && !table->analyzed_last)
        sql = arena_format(hand->arena, "%sANALYZE %s; ", sql, table->name);
    return sql;
}

static const struct error *hand_move(const struct hand *hand, struct sides sides,
                                     struct stream_table *table)
{
    bool whole = table->size < SMALL || table->index_count == 0;
    const char *rest = hand_write_rest(hand, table, whole);
    const char *side = "writing";
    const struct error *error;
    if (table->size == 0) {
        error = link_execute(sides.target, rest);
    } else {
        error = link_copy(sides.source, hand_write_reading(hand, table), sides.target,
                          hand_write_writing(hand, table), hand->bytes, &side);
        if (!error)
            error = link_execute(sides.target, arena_format(hand->arena, "%sCOMMIT", rest));
    }
    if (!error)
        stream_queue_moved(hand->queue, table, whole);
    return hand_describe(hand, error, arena_format(hand->arena, "%s the table", side),
                         table->shown);
}

static const struct error *hand_build(const struct hand *hand, struct sides sides,
                                      const struct stream_job *job)
{
    const struct error *error = link_execute(sides.target, job->index->sql);
    if (error)
        return hand_describe(hand, error, "building the index", job->index->name);
    if (!stream_queue_built(hand->queue, job->table) || job->table->analyzed_last)
        return NULL;
    error = link_execute(sides.target, arena_format(hand->arena, "ANALYZE %s", job->table->name));
    return hand_describe(hand, error, "collecting statistics of the table", job->table->shown);
}

/* ---- sequences ---- */

static void hand_take_statement(void *context, const PGresult *result, int number)
{
    struct buffer *statements = context;
    buffer_format(statements, "%s; ", PQgetvalue(result, number, 0));
}

static const struct error *hand_set_sequences(const struct hand *hand, struct sides sides)
{
    struct buffer statements = {0};
    const struct error *error =
        link_query(sides.source, hand->work->sequences, hand_take_statement, &statements);
    if (!error)
        error = link_execute(sides.target, buffer_string(&statements));
    buffer_release(&statements);
    return hand_describe(hand, error, "setting", "the sequences");
}

/* ---- the thread ---- */

static const struct error *hand_do(const struct hand *hand, struct sides sides,
                                   const struct stream_job *job)
{
    if (job->sequences)
        return hand_set_sequences(hand, sides);
    return job->index ? hand_build(hand, sides, job) : hand_move(hand, sides, job->table);
}

static const struct error *hand_prepare(const struct hand *hand, struct sides sides)
{
    const struct stream_work *work = hand->work;
    const struct error *error = link_execute(
        sides.source,
        arena_format(hand->arena,
                     SOURCE_SETTINGS "SET client_encoding = %s; BEGIN ISOLATION LEVEL REPEATABLE "
                                     "READ READ ONLY; SET TRANSACTION SNAPSHOT %s",
                     work->encoding, work->snapshot));
    if (error)
        return hand_describe(hand, error, "reading", "the source");
    error = link_execute(
        sides.target,
        arena_format(hand->arena, TARGET_SETTINGS "SET client_encoding = %s", work->encoding));
    return hand_describe(hand, error, "writing", "the copy");
}

static const struct error *hand_work_linked(const struct hand *hand, struct sides sides)
{
    struct stream_job job;
    const struct error *error = hand_prepare(hand, sides);
    while (!error && !atomic_load(hand->stop) && stream_queue_take(hand->queue, &job))
        error = hand_do(hand, sides, &job);
    return error;
}

void hand_work(struct hand *hand)
{
    struct sides sides = {0};
    sides.source = link_open(hand->arena, hand->work->source, hand->stop, &hand->error);
    if (sides.source)
        sides.target = link_open(hand->arena, hand->work->target, hand->stop, &hand->error);
    if (sides.target) {
        hand->connected = true;
        hand->error = hand_work_linked(hand, sides);
        if (hand->error) {
            atomic_store(hand->stop, true);
            stream_queue_end(hand->queue);
        }
    }
    link_close(sides.source);
    link_close(sides.target);
}
