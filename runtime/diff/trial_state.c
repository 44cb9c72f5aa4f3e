/* What there is, and what the counters say: runtime/diff/trial.h. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "runtime/diff/trial.h"

#define SEEN_NAMESPACES                                                                            \
    "n.nspname NOT IN ('pg_catalog', 'information_schema', 'drehbuch', 'pg_toast') AND n.nspname " \
    "NOT LIKE 'pg\\_temp\\_%'"

static const char tables_query[] =
    "SELECT c.oid, n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname), "
    "coalesce((SELECT rn.nspname || '.' || r.relname FROM pg_class r JOIN pg_namespace rn ON "
    "rn.oid = r.relnamespace WHERE c.relispartition AND r.oid = pg_partition_root(c.oid)), "
    "n.nspname || '.' || c.relname), c.relname, k.keys::text, k.texts, k.ordered "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN (SELECT i.indrelid, "
    "json_agg(a.attname ORDER BY p.at) AS keys, 'jsonb_build_array(' || string_agg('t.' || "
    "quote_ident(a.attname), ', ' ORDER BY p.at) || ')::text' AS texts, string_agg('t.' || "
    "quote_ident(a.attname), ', ' ORDER BY p.at) AS ordered FROM pg_index i CROSS JOIN LATERAL "
    "unnest(i.indkey) WITH ORDINALITY AS p(number, at) JOIN pg_attribute a ON a.attrelid = "
    "i.indrelid AND a.attnum = p.number WHERE i.indisprimary AND p.at <= i.indnkeyatts GROUP BY "
    "i.indrelid) k ON k.indrelid = c.oid "
    "WHERE c.relkind = 'r' AND " SEEN_NAMESPACES " AND has_table_privilege(c.oid, 'SELECT')";

const struct error *trial_read_tables(struct trial *trial)
{
    struct arena *arena = trial->arena;
    const PGresult *result;
    const struct error *error = dialogue_ask(trial->dialogue, tables_query, 0, NULL, &result);
    if (error)
        return error;
    trial->tables = map_create(arena);
    for (int row = 0; row < PQntuples(result) && !error; row++) {
        struct trial_table *table = arena_allocate(arena, sizeof *table);
        struct value *keys = NULL;
        const char *names = PQgetvalue(result, row, 5);
        if (!PQgetisnull(result, row, 5))
            error = json_read(arena, (struct text){.bytes = names, .length = strlen(names)},
                              "a key", &keys);
        *table = (struct trial_table){.oid = dialogue_text(arena, result, row, 0),
                                      .name = dialogue_text(arena, result, row, 1),
                                      .quoted = dialogue_text(arena, result, row, 2),
                                      .root = dialogue_text(arena, result, row, 3),
                                      .short_name = dialogue_text(arena, result, row, 4),
                                      .keys = keys,
                                      .key_names = dialogue_text(arena, result, row, 6),
                                      .order = dialogue_text(arena, result, row, 7)};
        map_set(trial->tables, table->oid, table);
    }
    return error;
}

/* Locks and relations are listed once each, and not where the planner would ask for them again and
 * again: of a database that was just restored it knows nothing. */
static const char state_query[] =
    "WITH held AS MATERIALIZED (SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' "
    "AND "
    "pid = pg_backend_pid() AND mode IN ('AccessExclusiveLock', 'ExclusiveLock', "
    "'ShareRowExclusiveLock', 'ShareLock')), "
    "seen AS MATERIALIZED (SELECT c.oid, c.relkind, n.nspname || '.' || c.relname AS name FROM "
    "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND " SEEN_NAMESPACES
    " WHERE c.relkind IN ('r', 'p', 'm', 'v', 'S')), "
    "sequences AS MATERIALIZED (SELECT oid, name FROM seen WHERE relkind = 'S') "
    "SELECT (SELECT coalesce(json_object_agg(oid, json_build_array(i, u, d)), '{}') FROM (SELECT "
    "oid, pg_stat_get_xact_tuples_inserted(oid) AS i, pg_stat_get_xact_tuples_updated(oid) AS u, "
    "pg_stat_get_xact_tuples_deleted(oid) AS d FROM seen WHERE relkind = 'r') AS counted WHERE "
    "i + u + d > 0), "
    "(SELECT coalesce(json_object_agg(relation, mode), '{}') FROM (SELECT relation, min(mode) AS "
    "mode FROM held WHERE relation IN (SELECT oid FROM seen) GROUP BY relation) AS locked), "
    "(SELECT coalesce(json_object_agg(name, pg_sequence_last_value(oid) ORDER BY name), "
    "'{}') FROM sequences "
    "WHERE has_sequence_privilege(oid, 'SELECT,USAGE')), "
    "(SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) + "
    "pg_stat_get_xact_tuples_deleted(oid)) FROM pg_class WHERE oid IN ('pg_class'::regclass, "
    "'pg_attribute'::regclass, 'pg_proc'::regclass, 'pg_trigger'::regclass, "
    "'pg_constraint'::regclass, 'pg_attrdef'::regclass, 'pg_type'::regclass, 'pg_enum'::regclass, "
    "'pg_policy'::regclass, "
    "'pg_rewrite'::regclass))";

const struct error *trial_read_state(struct trial *trial, struct trial_state *state)
{
    const PGresult *result;
    const struct error *error = dialogue_ask(trial->dialogue, state_query, 0, NULL, &result);
    struct value **parts[] = {&state->counts, &state->locks, &state->sequences};
    for (int i = 0; i < 3 && !error; i++) {
        const char *json = PQgetvalue(result, 0, i);
        error = json_read(trial->arena, (struct text){.bytes = json, .length = strlen(json)},
                          "PostgreSQL's counters", parts[i]);
    }
    if (!error)
        state->catalogue = dialogue_text(trial->arena, result, 0, 3);
    return error;
}

static int64_t state_count(const struct value *counts, const char *oid, int which)
{
    const struct value *item = value_item(value_get(counts, oid), (size_t)which);
    return item && item->kind == VALUE_INTEGER ? item->as.integer : 0;
}

int64_t attempt_count(const struct attempt *attempt, const char *oid, int which)
{
    int64_t more = state_count(attempt->after.counts, oid, which) -
                   state_count(attempt->before.counts, oid, which);
    return more > 0 ? more : 0;
}

const char *trial_select(struct arena *arena, const struct trial_table *table)
{
    return arena_format(arena,
                        "SELECT t.ctid, %s, (SELECT jsonb_object_agg(e.key, e.value) FROM "
                        "jsonb_each_text(to_jsonb(t.*)) AS e) FROM ONLY %s AS t",
                        table->key_names ? table->key_names : "NULL", table->quoted);
}
