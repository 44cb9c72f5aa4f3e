#include "runtime/compare/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "runtime/compare/hash.h"

#define HASH_RECORD_VERSION                                                                        \
    140000 /* from there on rows can be hashed without making texts of them */

static const char ask_relations[] =
    "SELECT n.nspname || '.' || c.relname, n.nspname, c.relname, c.relkind = 'p', "
    "c.relkind = 'm', "
    "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), "
    "CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) / "
    "current_setting('block_size')::bigint ELSE 0 END, "
    "coalesce((SELECT json_agg(json_build_array(a.attname, a.atttypid::bigint) "
    "ORDER BY a.attname COLLATE \"C\") FROM pg_attribute a WHERE a.attrelid = c.oid "
    "AND a.attnum > 0 AND NOT a.attisdropped), '[]'), "
    "coalesce((SELECT json_agg(a.attname ORDER BY k.place) "
    "FROM unnest(key.columns) WITH ORDINALITY AS k(number, place) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number), '[]') "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN LATERAL ("
    "SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] AS columns FROM pg_index i "
    "JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique "
    "AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS ("
    "SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attnotnull "
    "AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])) "
    "ORDER BY i.indisprimary DESC, x.relname COLLATE \"C\" LIMIT 1) key ON true "
    "WHERE c.relkind IN ('r', 'p', 'm') AND c.relispopulated AND NOT c.relispartition AND "
    "c.relpersistence <> 't' "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_' "
    "AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass "
    "AND e.objid = c.oid AND e.deptype = 'e')";

static const char ask_parents[] =
    "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = "
    "c.relnamespace WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v') AND c.relpersistence <> 't' AND "
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'";

struct catalog {
    struct comparison *comparison;
    struct crew *crew;
    const struct error *error;
};

static struct value *catalog_json(struct catalog *catalog, const char *text)
{
    struct value *value = NULL;
    struct text json = {.bytes = text, .length = strlen(text)};
    const struct error *error =
        json_read(catalog->comparison->arena, json, "the catalogue", &value);
    if (error && !catalog->error)
        catalog->error = error;
    return value;
}

static void relation_read_columns(struct arena *arena, struct compare_relation *relation,
                                  const struct value *columns)
{
    relation->column_count = value_count(columns);
    relation->columns =
        arena_allocate(arena, (relation->column_count + 1) * sizeof *relation->columns);
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct value *column = value_item(columns, i);
        relation->columns[i] =
            (struct compare_column){.name = value_as_string(value_item(column, 0)),
                                    .type = value_item(column, 1)->as.integer};
    }
}

static void relation_read_key(struct arena *arena, struct compare_relation *relation,
                              const struct value *key)
{
    relation->key_count = value_count(key);
    relation->key = arena_allocate(arena, (relation->key_count + 1) * sizeof *relation->key);
    for (size_t i = 0; i < relation->key_count; i++)
        relation->key[i] = value_as_string(value_item(key, i));
}

static void catalog_take_relations(void *context, enum side side,
                                   const struct session_answer *answer)
{
    struct catalog *catalog = context;
    struct arena *arena = catalog->comparison->arena;
    if (answer->error && !catalog->error)
        catalog->error = error_wrap(arena, answer->error, "cannot read the catalogue of %s",
                                    side == SIDE_X ? "X" : "Y");
    for (int row = 0; !catalog->error && row < PQntuples(answer->result); row++) {
        const PGresult *result = answer->result;
        struct compare_relation *relation = arena_allocate(arena, sizeof *relation);
        relation->name = arena_copy(arena, PQgetvalue(result, row, 0));
        relation->schema = arena_copy(arena, PQgetvalue(result, row, 1));
        relation->relation = arena_copy(arena, PQgetvalue(result, row, 2));
        relation->partitioned = PQgetvalue(result, row, 3)[0] == 't';
        relation->derived = PQgetvalue(result, row, 4)[0] == 't';
        relation->readable = PQgetvalue(result, row, 5)[0] == 't';
        relation->pages = strtoll(PQgetvalue(result, row, 6), NULL, 10);
        const struct value *columns = catalog_json(catalog, PQgetvalue(result, row, 7));
        const struct value *key = catalog_json(catalog, PQgetvalue(result, row, 8));
        relation_read_columns(arena, relation, columns);
        relation_read_key(arena, relation, key);
        map_add(catalog->comparison->sides[side].relations, relation->name, relation);
    }
}

static void catalog_take_parents(void *context, enum side side, const struct session_answer *answer)
{
    struct catalog *catalog = context;
    struct arena *arena = catalog->comparison->arena;
    if (answer->error && !catalog->error)
        catalog->error = error_wrap(arena, answer->error, "cannot read the catalogue of %s",
                                    side == SIDE_X ? "X" : "Y");
    for (int row = 0; !catalog->error && row < PQntuples(answer->result); row++)
        map_add(catalog->comparison->sides[side].parents,
                arena_copy(arena, PQgetvalue(answer->result, row, 0)), catalog);
}

/* A character that the encoding does not have is no error: rows are then hashed otherwise. */
static void catalog_take_probe(void *context, enum side side, const struct session_answer *answer)
{
    struct catalog *catalog = context;
    if (!answer->error)
        catalog->comparison->sides[side].probe =
            arena_copy(catalog->comparison->arena, PQgetvalue(answer->result, 0, 0));
}

static void catalog_take_version(void *context, enum side side, const struct session_answer *answer)
{
    struct catalog *catalog = context;
    if (!answer->error)
        catalog->comparison->sides[side].version =
            (int)strtol(PQgetvalue(answer->result, 0, 0), NULL, 10);
}

const struct error *catalog_read(struct comparison *comparison, struct crew *crew)
{
    struct catalog catalog = {.comparison = comparison, .crew = crew};
    for (int side = 0; side < SIDE_COUNT; side++) {
        comparison->sides[side].relations = map_create(comparison->arena);
        comparison->sides[side].parents = map_create(comparison->arena);
        comparison->sides[side].probe = "";
        crew_add(crew, (enum side)side, "SELECT current_setting('server_version_num')",
                 catalog_take_version, &catalog);
        crew_add(crew, (enum side)side, hash_probe, catalog_take_probe, &catalog);
        crew_add(crew, (enum side)side, ask_relations, catalog_take_relations, &catalog);
        crew_add(crew, (enum side)side, ask_parents, catalog_take_parents, &catalog);
    }
    const struct error *error = crew_work(crew);
    return error ? error : catalog.error;
}

const struct compare_column *catalog_column(const struct compare_relation *relation,
                                            const char *name)
{
    for (size_t i = 0; i < relation->column_count; i++)
        if (strcmp(relation->columns[i].name, name) == 0)
            return &relation->columns[i];
    return NULL;
}
