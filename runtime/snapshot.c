#include "runtime/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/postgres/session.h"

/* How many rows were ever changed in it; in one digest what is in its schema (a new file node tells
 * of TRUNCATE and the like) and where its sequences stand; and which database of which cluster it
 * is. */
const char snapshot_query[] =
    "SELECT concat((SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)"
    "  FROM pg_stat_user_tables), ' ', md5(concat_ws(' ',"
    " (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()),"
    " (SELECT concat(count(*), ' ', sum(hashtextextended("
    "   concat(oid, relname, relfilenode, relnatts), 0)::numeric))"
    "  FROM pg_class WHERE relpersistence <> 't'),"
    " (SELECT sum(hashtextextended("
    "   concat(schemaname, '.', sequencename, ' ', last_value), 0)::numeric) FROM pg_sequences))),"
    " ' ', (SELECT oid FROM pg_database WHERE datname = current_database()), '@',"
    " (SELECT system_identifier FROM pg_control_system()))";

bool snapshot_is_of_same(const char *one, const char *other)
{
    const char *left = strrchr(one, ' '), *right = strrchr(other, ' ');
    return left && right && strcmp(left, right) == 0;
}

enum snapshot_difference snapshot_compare(const char *then, const char *now)
{
    if (strcmp(then, now) == 0)
        return SNAPSHOT_SAME;
    return strtoll(now, NULL, 10) < strtoll(then, NULL, 10) ? SNAPSHOT_UNKNOWN : SNAPSHOT_CHANGED;
}

/* A session hands over what it has counted when it has been idle for ten seconds, or ends
 * (PostgreSQL 15 and later; before, sooner). */
static const char settle_sql[] =
    "SELECT CASE WHEN EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid()) THEN pg_sleep(11) END";

struct snapshot {
    bool settled;
    struct arena *arena;
    struct session *session;
    void (*found)(void *context, const char *snapshot, const struct error *error);
    void *context;
};

static void snapshot_end(struct snapshot *snapshot, const char *text, const struct error *error)
{
    if (error)
        error = error_wrap(snapshot->arena, error, "cannot tell whether the source has changed");
    session_close(snapshot->session);
    snapshot->found(snapshot->context, text, error);
}

static void snapshot_answered(void *context, const struct session_answer *answer)
{
    struct snapshot *snapshot = context;
    const char *text =
        answer->error ? NULL : arena_copy(snapshot->arena, PQgetvalue(answer->result, 0, 0));
    snapshot_end(snapshot, text, answer->error);
}

static void snapshot_settled(void *context, const struct session_answer *answer)
{
    struct snapshot *snapshot = context;
    if (answer->error)
        snapshot_end(snapshot, NULL, answer->error);
    else
        session_execute(snapshot->session, snapshot_query, snapshot_answered, snapshot);
}

static void snapshot_opened(void *context, const struct error *error)
{
    struct snapshot *snapshot = context;
    if (error)
        snapshot_end(snapshot, NULL, error);
    else if (snapshot->settled)
        session_execute(snapshot->session, settle_sql, snapshot_settled, snapshot);
    else
        session_execute(snapshot->session, snapshot_query, snapshot_answered, snapshot);
}

void snapshot_read(struct run *run, struct arena *arena, const struct database_address *address,
                   bool settled,
                   void (*found)(void *context, const char *snapshot, const struct error *error),
                   void *context)
{
    struct snapshot *snapshot = arena_allocate(arena, sizeof *snapshot);
    *snapshot =
        (struct snapshot){.settled = settled, .arena = arena, .found = found, .context = context};
    snapshot->session =
        session_open(run->loop, run_target(run, address, NULL), snapshot_opened, snapshot);
}
