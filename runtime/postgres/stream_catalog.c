/* What there is to copy, from the source's catalogue. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "runtime/postgres/stream_work.h"

struct catalog {
    struct session *session;
    struct arena *arena;
    struct stream_work *work;
    struct map *by_oid; /* tables, until their indexes are known */
    void (*ended)(void *context, const struct error *error);
    void *context;
};

/* As pg_dump has it: an extension's objects come with the extension, but for the rows that it
 * declares to be the user's. */
#define IS_EXTENSIONS(class, oid)                                                                  \
    "EXISTS (SELECT FROM pg_depend e WHERE e.classid = '" class "'::regclass AND e.objid = " oid   \
                                                                " AND e.refclassid = "             \
                                                                "'pg_extension'::regclass AND "    \
                                                                "e.deptype = 'e')"
#define IS_USERS                                                                                   \
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_' "               \
    "AND c.relpersistence <> 't'"
#define JOIN_DECLARED                                                                              \
    "LEFT JOIN LATERAL (SELECT x.extcondition[array_position(x.extconfig, c.oid)] AS condition "   \
    "FROM pg_extension x WHERE c.oid = ANY (x.extconfig) LIMIT 1) declared ON true "

/* to_jsonb: the column is there from PostgreSQL 12 on. */
static const char ask_tables[] =
    "SELECT c.oid, format('%I.%I', n.nspname, c.relname), n.nspname || '.' || c.relname, "
    "coalesce((SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) "
    "FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "AND coalesce(to_jsonb(a) ->> 'attgenerated', '') = ''), ''), "
    "declared.condition, "
    "CASE WHEN pg_relation_size(c.oid) = 0 THEN 0 ELSE pg_table_size(c.oid) END AS size, "
    "EXISTS (SELECT FROM pg_statistic_ext s WHERE s.stxrelid = c.oid) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace " JOIN_DECLARED
    "WHERE c.relkind = 'r' AND " IS_USERS
    " AND (declared.condition IS NOT NULL OR NOT " IS_EXTENSIONS("pg_class",
                                                                 "c.oid") ") "
                                                                          "ORDER BY size DESC, 2";

/* Those that nothing of post-data is about but themselves. An expression that calls a function of
 * the user's may look into other tables, which must be there first. */
static const char ask_indexes[] =
    "SELECT i.indrelid, x.relname, k.oid IS NOT NULL, "
    "CASE WHEN k.oid IS NULL THEN '1259 ' || i.indexrelid ELSE '2606 ' || k.oid END, "
    "CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid) "
    "ELSE format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname, "
    "pg_get_constraintdef(k.oid)) END, "
    "i.indisvalid AND i.indisready AND NOT i.indisclustered AND NOT i.indisreplident "
    "AND NOT c.relispartition AND x.reltablespace = 0 AND (k.oid IS NULL OR x.reloptions IS NULL) "
    "AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indexrelid "
    "AND coalesce(a.attstattarget, -1) >= 0) "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass "
    "AND d.objid = i.indexrelid AND d.refclassid = 'pg_proc'::regclass AND d.refobjid >= 16384 "
    "AND NOT " IS_EXTENSIONS(
        "pg_proc",
        "d.refobjid") "), "
                      "i.indexprs IS NOT NULL "
                      "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON "
                      "x.oid = i.indexrelid "
                      "JOIN pg_namespace n ON n.oid = c.relnamespace "
                      "LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = "
                      "i.indrelid "
                      "AND k.contype IN ('p', 'u', 'x') "
                      "WHERE c.relkind = 'r' AND " IS_USERS
                      " AND NOT " IS_EXTENSIONS("pg_class", "c.oid") " AND NOT " IS_EXTENSIONS(
                          "pg_class", "x.oid") " ORDER BY n.nspname, c.relname, x.relname";

/* A materialized view may read another one: those come first that need the fewest. */
#define VIEWS_BY_DEPTH                                                                             \
    "WITH RECURSIVE edge AS (SELECT DISTINCT r.ev_class AS view, d.refobjid AS needs "             \
    "FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass "                    \
    "AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass "                                 \
    "AND d.refobjid <> r.ev_class), "                                                              \
    "reached AS (SELECT oid, 0 AS depth FROM pg_class WHERE relkind = 'm' "                        \
    "UNION SELECT edge.view, reached.depth + 1 FROM edge JOIN reached "                            \
    "ON edge.needs = reached.oid), "                                                               \
    "views AS (SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, "                      \
    "max(reached.depth) AS depth FROM reached JOIN pg_class c ON c.oid = reached.oid "             \
    "JOIN pg_namespace n ON n.oid = c.relnamespace "                                               \
    "WHERE c.relkind = 'm' AND c.relispopulated AND " IS_USERS                                     \
    " AND NOT " IS_EXTENSIONS("pg_class", "c.oid") " GROUP BY 1, 2) "

static const char ask_rest[] = VIEWS_BY_DEPTH
    "SELECT "
    /* sequences; identity columns' too */
    "coalesce((SELECT string_agg(format('SELECT format(''SELECT pg_catalog.setval(%%L, %%s, %%L)'',"
    " %L, last_value, is_called) FROM %I.%I', format('%I.%I', n.nspname, c.relname), n.nspname, "
    "c.relname), '; ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace " JOIN_DECLARED
    "WHERE c.relkind = 'S' AND " IS_USERS
    " AND (declared.condition IS NOT NULL OR NOT " IS_EXTENSIONS(
        "pg_class",
        "c.oid") ")), ''), "
                 /* what comes last */
                 "coalesce((SELECT string_agg(format('REFRESH MATERIALIZED VIEW %s; ANALYZE %s; ', "
                 "name, name), "
                 "'' ORDER BY depth, name) FROM views), '') "
                 "|| coalesce((SELECT string_agg(format('ANALYZE %I.%I; ', n.nspname, c.relname), "
                 "'') "
                 "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = "
                 "'p' "
                 "AND NOT c.relispartition AND " IS_USERS "), ''), "
                 "(SELECT quote_literal(pg_encoding_to_char(encoding)) FROM pg_database WHERE "
                 "datname = "
                 "current_database()), "
                 "EXISTS (SELECT FROM pg_largeobject_metadata), "
                 /* who has rights, other than the owners and everybody */
                 "coalesce((SELECT string_agg(DISTINCT quote_ident(r.rolname), ', ') FROM ("
                 "SELECT relacl AS acl, relowner AS owner FROM pg_class WHERE oid >= 16384 "
                 "UNION ALL SELECT nspacl, nspowner FROM pg_namespace WHERE oid >= 16384 OR "
                 "nspname = 'public' "
                 "UNION ALL SELECT proacl, proowner FROM pg_proc WHERE oid >= 16384) AS o, "
                 "aclexplode(o.acl) AS "
                 "granted JOIN pg_roles r ON r.oid = granted.grantee WHERE granted.grantee <> "
                 "o.owner "
                 "AND r.oid >= 16384), '')";

static void catalog_end(struct catalog *catalog, const struct error *error)
{
    catalog->ended(catalog->context, error);
}

static const char *catalog_copy(const struct catalog *catalog, const PGresult *result, int row,
                                int column)
{
    return arena_copy(catalog->arena, PQgetvalue(result, row, column));
}

static bool is_true(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column)[0] == 't';
}

/* ---- what is one of a kind ---- */

/* Every table that is read, so that its rows and its shape stay until they have been. */
static const char *catalog_write_locks(const struct catalog *catalog)
{
    const struct stream_work *work = catalog->work;
    struct buffer text = {0};
    for (size_t i = 0; i < work->table_count; i++)
        buffer_format(&text, "%s%s", i > 0 ? ", " : "LOCK TABLE ONLY ", work->tables[i].name);
    if (work->table_count > 0)
        buffer_append_string(&text, " IN ACCESS SHARE MODE");
    const char *locks = arena_copy(catalog->arena, buffer_string(&text));
    buffer_release(&text);
    return locks;
}

static const char *catalog_write_last(const struct catalog *catalog, const char *views)
{
    const struct stream_work *work = catalog->work;
    struct buffer text = {0};
    buffer_append_string(&text, views);
    for (size_t i = 0; i < work->table_count; i++)
        if (work->tables[i].analyzed_last)
            buffer_format(&text, "ANALYZE %s; ", work->tables[i].name);
    const char *last = arena_copy(catalog->arena, buffer_string(&text));
    buffer_release(&text);
    return last;
}

static void catalog_take_rest(void *context, const struct session_answer *answer)
{
    struct catalog *catalog = context;
    struct stream_work *work = catalog->work;
    if (answer->error) {
        catalog_end(catalog, answer->error);
        return;
    }
    work->sequences = catalog_copy(catalog, answer->result, 0, 0);
    work->last = catalog_write_last(catalog, PQgetvalue(answer->result, 0, 1));
    work->encoding = catalog_copy(catalog, answer->result, 0, 2);
    work->large_objects = is_true(answer->result, 0, 3);
    work->grantees = catalog_copy(catalog, answer->result, 0, 4);
    work->locks = catalog_write_locks(catalog);
    catalog_end(catalog, NULL);
}

/* ---- indexes ---- */

static void catalog_add_index(const struct catalog *catalog, struct stream_table *table,
                              const PGresult *result, int row)
{
    const char *sql = catalog_copy(catalog, result, row, 4);
    bool constraint = is_true(result, row, 2), early = is_true(result, row, 5);
    if (!early) {
        table->analyzed_last = table->analyzed_last || is_true(result, row, 6);
        return;
    }
    map_add(catalog->work->built, catalog_copy(catalog, result, row, 3), table);
    if (constraint) {
        table->constraints = arena_format(catalog->arena, "%s%s; ", table->constraints, sql);
        return;
    }
    table->indexes =
        arena_extend(catalog->arena, table->indexes, table->index_count, sizeof *table->indexes);
    table->indexes[table->index_count++] =
        (struct stream_index){.name = catalog_copy(catalog, result, row, 1), .sql = sql};
}

static void catalog_take_indexes(void *context, const struct session_answer *answer)
{
    struct catalog *catalog = context;
    if (answer->error) {
        catalog_end(catalog, answer->error);
        return;
    }
    for (int row = 0; row < PQntuples(answer->result); row++) {
        struct stream_table *table = map_get(catalog->by_oid, PQgetvalue(answer->result, row, 0));
        if (table)
            catalog_add_index(catalog, table, answer->result, row);
    }
    session_execute(catalog->session, ask_rest, catalog_take_rest, catalog);
}

/* ---- tables ---- */

static void catalog_add_table(const struct catalog *catalog, struct stream_table *table,
                              const PGresult *result, int row)
{
    *table = (struct stream_table){
        .name = catalog_copy(catalog, result, row, 1),
        .shown = catalog_copy(catalog, result, row, 2),
        .columns = catalog_copy(catalog, result, row, 3),
        .condition = PQgetisnull(result, row, 4) ? NULL : catalog_copy(catalog, result, row, 4),
        .size = strtoll(PQgetvalue(result, row, 5), NULL, 10),
        .analyzed_last = is_true(result, row, 6),
        .constraints = ""};
    map_add(catalog->by_oid, catalog_copy(catalog, result, row, 0), table);
}

static void catalog_take_tables(void *context, const struct session_answer *answer)
{
    struct catalog *catalog = context;
    struct stream_work *work = catalog->work;
    if (answer->error) {
        catalog_end(catalog, answer->error);
        return;
    }
    work->table_count = (size_t)PQntuples(answer->result);
    work->tables = arena_allocate(catalog->arena, work->table_count * sizeof *work->tables);
    for (size_t i = 0; i < work->table_count; i++)
        catalog_add_table(catalog, &work->tables[i], answer->result, (int)i);
    session_execute(catalog->session, ask_indexes, catalog_take_indexes, catalog);
}

void stream_catalog_read(struct session *session, struct arena *arena, struct stream_work *work,
                         void (*ended)(void *context, const struct error *error), void *context)
{
    struct catalog *catalog = arena_allocate(arena, sizeof *catalog);
    *catalog = (struct catalog){.session = session,
                                .arena = arena,
                                .work = work,
                                .by_oid = map_create(arena),
                                .ended = ended,
                                .context = context};
    work->built = map_create(arena);
    session_execute(session, ask_tables, catalog_take_tables, catalog);
}
