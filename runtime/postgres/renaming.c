#include "runtime/postgres/renaming.h"

#include <string.h>

#define PATIENCE 300 /* tenths of a second that sessions get to end */

/* One renaming under way: the conversation's context while it lasts. */
struct renaming_work {
    const struct renaming *renaming;
    void *context;     /* the conversation's own */
    const char *names; /* of the databases, as an array in SQL */
    int patience;
    const struct error *error;
};

const char *renaming_write(struct conversation *conversation, const struct database_move *moves,
                           size_t count, bool back)
{
    struct arena *arena = conversation_step(conversation)->arena;
    const char *sql = "";
    for (size_t i = 0; i < count; i++) {
        const struct database_move *move = &moves[back ? count - 1 - i : i];
        sql =
            arena_format(arena, "%s%sALTER DATABASE %s RENAME TO %s;", sql, i > 0 ? " " : "",
                         conversation_quote_identifier(conversation, back ? move->to : move->from),
                         conversation_quote_identifier(conversation, back ? move->from : move->to));
    }
    return sql;
}

static const char *write_allow(struct conversation *conversation, const char *name, bool allowed)
{
    return arena_format(
        conversation_step(conversation)->arena, "ALTER DATABASE %s ALLOW_CONNECTIONS %s; ",
        conversation_quote_identifier(conversation, name), allowed ? "true" : "false");
}

void renaming_open(struct conversation *conversation, const char *const *names, size_t count,
                   conversation_next *next)
{
    const char *sql = "";
    for (size_t i = 0; i < count; i++)
        if (names[i])
            sql = arena_format(conversation_step(conversation)->arena, "%s%s", sql,
                               write_allow(conversation, names[i], true));
    conversation_execute(conversation, sql[0] ? sql : "SELECT 1", next);
}

static void renaming_end(struct conversation *conversation)
{
    const struct renaming_work *work = conversation_context(conversation);
    conversation_set_context(conversation, work->context);
    conversation_keep_whole(conversation, false);
    work->renaming->done(conversation, work->error);
}

static void renaming_opened_again(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    (void)answer; /* the error that led here is the one to tell */
    renaming_end(conversation);
}

/* The names are as they were: everybody may connect again. */
static void renaming_fail(struct conversation *conversation, const struct error *error)
{
    struct renaming_work *work = conversation_context(conversation);
    const struct renaming *renaming = work->renaming;
    struct arena *arena = conversation_step(conversation)->arena;
    const char *sql = "";
    work->error =
        error_create(arena, error->outcome, error->help ? arena_copy(arena, error->help) : NULL,
                     "%s", error->message);
    for (size_t i = 0; i < renaming->count; i++)
        sql = arena_format(arena, "%s%s", sql,
                           write_allow(conversation, renaming->moves[i].from, true));
    conversation_try(conversation, sql, renaming_opened_again);
}

static void renaming_performed(struct conversation *conversation,
                               const struct session_answer *answer)
{
    if (answer->error)
        renaming_fail(conversation, answer->error);
    else
        renaming_end(conversation);
}

static void renaming_perform(struct conversation *conversation)
{
    const struct renaming *renaming =
        ((const struct renaming_work *)conversation_context(conversation))->renaming;
    struct arena *arena = conversation_step(conversation)->arena;
    const char *sql = arena_format(
        arena, "%s %s;", renaming_write(conversation, renaming->moves, renaming->count, false),
        renaming->more);
    for (size_t i = 0; i < renaming->count; i++)
        sql = arena_format(arena, "%s%s", sql,
                           write_allow(conversation, renaming->moves[i].to, true));
    conversation_try(conversation, sql, renaming_performed);
}

/* ---- nobody may be connected ----
 *
 * But for those without a role: autovacuum, which the server ends by itself when a database gets
 * another name, and which a role that is no superuser may not end. */

static void renaming_name_stranger(struct conversation *conversation,
                                   const struct session_answer *answer)
{
    struct arena *arena = conversation_step(conversation)->arena;
    if (answer->error) {
        renaming_fail(conversation, answer->error);
        return;
    }
    const PGresult *result = answer->result;
    const char *who = PQntuples(result) == 0
                          ? "somebody"
                          : arena_format(arena, "%s (role %s, server process %s, %s)",
                                         PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1),
                                         PQgetvalue(result, 0, 2), PQgetvalue(result, 0, 3));
    const char *which = PQntuples(result) == 0 ? "" : PQgetvalue(result, 0, 4);
    renaming_fail(conversation,
                  error_create(arena, OUTCOME_FAILED,
                               "end that session, or have it ended by a role that may; the names "
                               "are as they were",
                               "%s stays connected to the database \"%s\"", who, which));
}

static void renaming_tell_stranger(struct conversation *conversation)
{
    const struct renaming_work *work = conversation_context(conversation);
    conversation_try(
        conversation,
        arena_format(conversation_step(conversation)->arena,
                     "SELECT coalesce(nullif(application_name, ''), 'a client'), usename, pid, "
                     "coalesce('from ' || host(client_addr), 'on this host'), datname "
                     "FROM pg_stat_activity WHERE datname IN (%s) AND pid <> pg_backend_pid() "
                     "AND usesysid IS NOT NULL ORDER BY backend_start, pid LIMIT 1",
                     work->names),
        renaming_name_stranger);
}

static void renaming_empty(struct conversation *conversation);

static void renaming_emptied(struct conversation *conversation, const struct session_answer *answer)
{
    struct renaming_work *work = conversation_context(conversation);
    bool refused = strcmp(answer->sqlstate, "42501") == 0; /* somebody is not ours to end */
    if (answer->error && !refused)
        renaming_fail(conversation, answer->error);
    else if (!refused && strcmp(PQgetvalue(answer->result, 0, 0), "0") == 0)
        renaming_perform(conversation);
    else if (!refused && work->patience-- > 0)
        renaming_empty(conversation);
    else
        renaming_tell_stranger(conversation);
}

static void renaming_empty(struct conversation *conversation)
{
    const struct renaming_work *work = conversation_context(conversation);
    conversation_try(
        conversation,
        arena_format(conversation_step(conversation)->arena,
                     "SELECT count(*), count(pg_terminate_backend(pid)), pg_sleep(CASE count(*) "
                     "WHEN 0 THEN 0 ELSE 0.1 END) FROM pg_stat_activity WHERE datname IN (%s) AND "
                     "usesysid IS NOT NULL",
                     work->names),
        renaming_emptied);
}

static void renaming_closed(struct conversation *conversation, const struct session_answer *answer)
{
    if (answer->error)
        renaming_fail(conversation, answer->error);
    else
        renaming_empty(conversation);
}

void renaming_start(struct conversation *conversation, const struct renaming *renaming)
{
    struct arena *arena = conversation_step(conversation)->arena;
    struct renaming_work *work = arena_allocate(arena, sizeof *work);
    *work = (struct renaming_work){.renaming = renaming,
                                   .context = conversation_context(conversation),
                                   .names = "",
                                   .patience = PATIENCE};
    const char *sql = "";
    for (size_t i = 0; i < renaming->count; i++) {
        const char *name = renaming->moves[i].from;
        work->names = arena_format(arena, "%s%s%s", work->names, i > 0 ? ", " : "",
                                   conversation_quote(conversation, name));
        sql = arena_format(arena, "%s%s", sql, write_allow(conversation, name, false));
    }
    conversation_set_context(conversation, work);
    conversation_keep_whole(conversation, true); /* nobody could connect afterwards */
    conversation_try(conversation, sql, renaming_closed);
}
