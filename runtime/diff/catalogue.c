#include "runtime/diff/catalogue.h"

#include <string.h>

static const char catalogue_query[] =
    "WITH seen AS (SELECT oid, nspname FROM pg_namespace WHERE nspname NOT IN ('pg_catalog', "
    "'information_schema', 'pg_toast') AND nspname NOT LIKE 'pg\\_temp\\_%' AND nspname NOT LIKE "
    "'pg\\_toast\\_temp\\_%'), "
    "columns AS (SELECT a.attrelid, string_agg(concat_ws(' ', quote_ident(a.attname), "
    "format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END, "
    "a.attgenerated, pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum) AS text FROM "
    "pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE "
    "a.attnum > 0 AND NOT a.attisdropped GROUP BY a.attrelid) "
    "SELECT 'r' || c.oid, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN "
    "'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign "
    "table' WHEN 'c' THEN 'type' ELSE 'index' END, seen.nspname || '.' || c.relname, "
    "concat_ws(' ', columns.text, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) "
    "END, c.relacl::text, c.reloptions::text, CASE WHEN c.relrowsecurity THEN 'row security' END), "
    "CASE WHEN c.relkind IN ('r', 'm') THEN c.relfilenode::text ELSE "
    "'' END "
    "FROM pg_class c JOIN seen ON seen.oid = c.relnamespace LEFT JOIN columns ON "
    "columns.attrelid = c.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') "
    "UNION ALL SELECT 'e' || t.oid, 'type', seen.nspname || '.' || t.typname, (SELECT "
    "string_agg(l.enumlabel, ', ' ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = "
    "t.oid), '' FROM pg_type t JOIN seen ON seen.oid = t.typnamespace WHERE t.typtype = 'e' "
    "UNION ALL SELECT 'p' || p.oid, 'policy', p.polname || ' on ' || seen.nspname || '.' || "
    "c.relname, concat_ws(' ', p.polcmd, pg_get_expr(p.polqual, p.polrelid), "
    "pg_get_expr(p.polwithcheck, p.polrelid)), '' FROM pg_policy p JOIN pg_class c ON c.oid = "
    "p.polrelid JOIN seen ON seen.oid = c.relnamespace "
    "UNION ALL SELECT 'f' || p.oid, 'function', seen.nspname || '.' || p.proname || '(' || "
    "pg_get_function_identity_arguments(p.oid) || ')', md5(p.prosrc || p.provolatile::text || "
    "p.prosecdef::text), '' FROM pg_proc p JOIN seen ON seen.oid = p.pronamespace "
    "UNION ALL SELECT 't' || t.oid, 'trigger', t.tgname || ' on ' || seen.nspname || '.' || "
    "c.relname, t.tgenabled::text || pg_get_triggerdef(t.oid), '' FROM pg_trigger t JOIN pg_class "
    "c ON "
    "c.oid = t.tgrelid JOIN seen ON seen.oid = c.relnamespace WHERE NOT t.tgisinternal "
    "UNION ALL SELECT 'c' || k.oid, 'constraint', k.conname || coalesce(' on ' || seen.nspname || "
    "'.' || c.relname, ''), k.contype::text || k.condeferrable::text || k.condeferred::text || "
    "k.convalidated::text || coalesce(k.conbin::text, ''), '' FROM pg_constraint k JOIN pg_class c "
    "ON "
    "c.oid = k.conrelid JOIN seen ON seen.oid = c.relnamespace ORDER BY 2, 3, 1";

const struct error *catalogue_read(struct dialogue *dialogue, struct arena *arena,
                                   struct value **catalogue)
{
    static const char *const members[] = {"what", "name", "definition", "storage"};
    const PGresult *result;
    const struct error *error = dialogue_ask(dialogue, catalogue_query, 0, NULL, &result);
    if (error)
        return error;
    *catalogue = value_object(arena);
    for (int row = 0; row < PQntuples(result); row++) {
        struct value *object = value_object(arena);
        for (int i = 0; i < 4; i++)
            value_set(arena, object, members[i],
                      value_string(arena, dialogue_text(arena, result, row, i + 1)));
        value_set(arena, *catalogue, dialogue_text(arena, result, row, 0), object);
    }
    return NULL;
}

static bool catalogue_differs(const struct value *before, const struct value *after,
                              const char *member)
{
    return strcmp(value_get_string(before, member), value_get_string(after, member)) != 0;
}

static void catalogue_tell(struct arena *arena, struct value *changes, const struct value *object,
                           const char *change, const char *from)
{
    struct value *told = value_object(arena);
    value_set(arena, told, "what", value_get(object, "what"));
    value_set(arena, told, "name", value_get(object, "name"));
    value_set(arena, told, "change", value_string(arena, change));
    if (from)
        value_set(arena, told, "from", value_string(arena, from));
    value_append(arena, changes, told);
}

static void catalogue_compare_object(struct arena *arena, struct value *changes,
                                     const struct value *before, const struct value *after)
{
    if (!before) {
        catalogue_tell(arena, changes, after, "created", NULL);
        return;
    }
    if (catalogue_differs(before, after, "name"))
        catalogue_tell(arena, changes, after, "renamed", value_get_string(before, "name"));
    if (catalogue_differs(before, after, "definition"))
        catalogue_tell(arena, changes, after, "altered", NULL);
    if (catalogue_differs(before, after, "storage"))
        catalogue_tell(arena, changes, after, "rewritten", NULL);
}

struct value *catalogue_compare(struct arena *arena, const struct value *before,
                                const struct value *after)
{
    struct value *changes = value_array(arena);
    for (size_t i = 0; i < value_count(before); i++) {
        const struct value_member *member = &before->as.object.members[i];
        if (!value_get(after, member->key))
            catalogue_tell(arena, changes, member->value, "dropped", NULL);
    }
    for (size_t i = 0; i < value_count(after); i++) {
        const struct value_member *member = &after->as.object.members[i];
        catalogue_compare_object(arena, changes, value_get(before, member->key), member->value);
    }
    return changes;
}
