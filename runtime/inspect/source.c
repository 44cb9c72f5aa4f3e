#include "runtime/inspect/source.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/notation.h"
#include "runtime/postgres/dialogue.h"
#include "runtime/secret_names.h"

/* Columns that not every version has are asked for by to_jsonb, which gives NULL where they are
 * missing. Titles are translated from 16.0 on. */
static const char ask_modules[] =
    "SELECT json_agg(json_build_object('name', m.name, 'state', m.state, "
    "'version', m.latest_version, 'author', m.author, 'license', m.license, "
    "'imported', to_jsonb(m) -> 'imported', "
    "'title', coalesce(to_jsonb(m) #>> '{shortdesc,en_US}', to_jsonb(m) ->> 'shortdesc')) "
    "ORDER BY m.name COLLATE \"C\") FROM ir_module_module m WHERE m.name IS NOT NULL";

static const char ask_database[] =
    "SELECT json_build_object('name', current_database(), "
    "'server', current_setting('server_version'), "
    "'bytes', pg_database_size(current_database()), "
    "'series', (SELECT coalesce(substring(latest_version FROM '^[0-9]+[.][0-9]+'), latest_version) "
    "FROM ir_module_module WHERE name = 'base'))";

static const char ask_depends[] =
    "SELECT json_object_agg(name, needed ORDER BY name COLLATE \"C\") FROM ("
    "SELECT d.name, json_agg(m.name ORDER BY m.name COLLATE \"C\") AS needed "
    "FROM ir_module_module_dependency d JOIN ir_module_module m ON m.id = d.module_id "
    "WHERE m.state IN ('installed', 'to upgrade') AND d.name IS NOT NULL GROUP BY d.name) AS "
    "all_of";

/* Dialogs: what is in their tables is of no value. */
#define TRANSIENT "coalesce((to_jsonb(m) ->> 'transient')::boolean, false)"

/* A model, and so its table, is of the module that named it first: later ones extend it, but for
 * those of dialogs. The same for the tables of many-to-many fields. %s: those of the second kind,
 * and how many rows the table "oid" of "module" has. */
static const char ask_owned[] =
    "WITH models AS (SELECT DISTINCT ON (res_id) res_id, module FROM ir_model_data "
    "WHERE model = 'ir.model' ORDER BY res_id, id), "
    "owned AS (SELECT o.module::text AS module, c.oid FROM models o "
    "JOIN ir_model m ON m.id = o.res_id JOIN pg_class c ON c.relname = replace(m.model, '.', '_') "
    "WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) AND NOT " TRANSIENT "%s) "
    "SELECT json_object_agg(module, json_build_object('tables', tables, 'rows', rows, "
    "'bytes', bytes) ORDER BY module COLLATE \"C\") FROM (SELECT module, count(*) AS tables, "
    "sum(%s)::bigint AS rows, sum(pg_total_relation_size(oid))::bigint AS bytes "
    "FROM owned GROUP BY module) AS all_of";

/* Columns that a module has added to the tables of others. */
static const char ask_added[] =
    "WITH models AS (SELECT DISTINCT ON (res_id) res_id, module FROM ir_model_data "
    "WHERE model = 'ir.model' ORDER BY res_id, id), "
    "fields AS (SELECT DISTINCT ON (res_id) res_id, module FROM ir_model_data "
    "WHERE model = 'ir.model.fields' ORDER BY res_id, id) "
    "SELECT json_object_agg(module, fields ORDER BY module COLLATE \"C\") FROM ("
    "SELECT d.module, count(*) AS fields FROM fields d JOIN ir_model_fields f ON f.id = d.res_id "
    "JOIN ir_model m ON m.id = f.model_id JOIN models o ON o.res_id = m.id "
    "JOIN pg_class c ON c.relname = replace(m.model, '.', '_') AND pg_table_is_visible(c.oid) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = f.name AND NOT a.attisdropped "
    "WHERE f.store AND o.module <> d.module AND NOT " TRANSIENT " GROUP BY d.module) AS all_of";

static const char and_relations[] =
    " UNION SELECT m.name, c.oid FROM (SELECT DISTINCT ON (name) name, module "
    "FROM ir_model_relation ORDER BY name, id) o JOIN ir_module_module m ON m.id = o.module "
    "JOIN pg_class c ON c.relname = o.name "
    "WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)";

static const char count_by_statistics[] = "greatest(pg_stat_get_live_tuples(oid), 0)";
static const char count_exactly[] =
    "(xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s', oid::regclass), "
    "false, true, '')))[1]::text::bigint";

/* Keys that promise a secret are told without their values, addresses without their passwords and
 * paths, which may be as secret. */
static const char ask_parameters[] =
    "SELECT json_object_agg(key, CASE WHEN key ~* '" SECRET_NAMES "|key|api|hook' THEN NULL "
    "ELSE regexp_replace(regexp_replace(value, '://[^/?#[:space:]]*@', '://" SECRET_MASK
    "@', 'g'), '(://[^/?#[:space:]]*)[/?#][^[:space:]]+', '\\1/...', 'g') END "
    "ORDER BY key COLLATE \"C\") FROM ir_config_parameter";

/* What the customer has made: by hand, so that no module's code has it. */
struct custom_kind {
    const char *kind;
    const char *title;
    const char *table; /* which has to be there */
    const char *names; /* a query of one column, "name" */
};

#define NO_MODULE(model)                                                                           \
    "NOT EXISTS (SELECT FROM ir_model_data d WHERE d.res_id = t.id AND d.model = '" model          \
    "' AND d.module NOT IN ('', '__export__'))"
#define TITLE "coalesce(to_jsonb(t) #>> '{name,en_US}', to_jsonb(t) ->> 'name')"

static const struct custom_kind custom_kinds[] = {
    {"models", "manual models", "ir_model",
     "SELECT model AS name FROM ir_model WHERE state = 'manual'"},
    {"fields", "manual fields of other models", "ir_model_fields",
     "SELECT f.model || '.' || f.name AS name FROM ir_model_fields f "
     "JOIN ir_model m ON m.id = f.model_id WHERE f.state = 'manual' AND m.state <> 'manual'"},
    {"studio", "things made with Studio", "ir_model_data",
     "SELECT d.module || '.' || d.name AS name FROM ir_model_data d "
     "WHERE d.module = 'studio_customization' OR (to_jsonb(d) ->> 'studio')::boolean"},
    {"views", "views of no module", "ir_ui_view",
     "SELECT coalesce(nullif(t.key, ''), t.name) || CASE WHEN t.active THEN '' ELSE ' (inactive)' "
     "END "
     "AS name FROM ir_ui_view t WHERE " NO_MODULE("ir.ui.view")},
    /* Odoo writes base.user_groups_view anew whenever a group changes. */
    {"changed views", "views of modules, changed by hand", "ir_ui_view",
     "SELECT d.module || '.' || d.name AS name FROM ir_ui_view t JOIN ir_model_data d "
     "ON d.model = 'ir.ui.view' AND d.res_id = t.id AND d.module NOT IN ('', '__export__', "
     "'studio_customization') WHERE (to_jsonb(t) ->> 'arch_updated')::boolean "
     "AND d.module || '.' || d.name <> 'base.user_groups_view'"},
    {"server actions", "server actions", "ir_act_server",
     "SELECT " TITLE " AS name FROM ir_act_server t WHERE t.usage = 'ir_actions_server' "
     "AND " NO_MODULE("ir.actions.server")},
    {"scheduled actions", "scheduled actions", "ir_cron",
     "SELECT coalesce(to_jsonb(t) #>> '{cron_name,en_US}', to_jsonb(t) ->> 'cron_name') || "
     "CASE WHEN t.active THEN '' ELSE ' (inactive)' END AS name FROM ir_cron t "
     "WHERE " NO_MODULE("ir.cron")},
    {"automation rules", "automation rules", "base_automation",
     "SELECT coalesce(" TITLE ", 'rule ' || t.id) AS name FROM base_automation t "
     "WHERE " NO_MODULE("base.automation")},
    {"reports", "reports", "ir_act_report_xml",
     "SELECT " TITLE " AS name FROM ir_act_report_xml t WHERE " NO_MODULE("ir.actions.report")},
    {"rules", "access rules", "ir_rule",
     "SELECT coalesce(" TITLE ", 'rule ' || t.id) AS name FROM ir_rule t "
     "WHERE " NO_MODULE("ir.rule")},
    {"mail servers", "outgoing mail servers", "ir_mail_server",
     "SELECT concat(t.name, ' (', t.smtp_host, ')') AS name FROM ir_mail_server t"},
    {"incoming mail", "incoming mail servers", "fetchmail_server",
     "SELECT concat(t.name, ' (', to_jsonb(t) ->> 'server', ')') AS name FROM fetchmail_server t"},
};

#define KIND_COUNT (sizeof custom_kinds / sizeof custom_kinds[0])

struct inspected_source {
    struct run *run;
    struct dialogue *dialogue;
};

/* One field that holds JSON; NULL for NULL. */
static const struct error *ask(struct inspected_source *source, const char *sql, const char *what,
                               const struct value **answer)
{
    struct arena *arena = source->run->arena;
    const PGresult *result;
    struct value *found = NULL;
    const struct error *error = dialogue_execute(source->dialogue, sql, &result);
    const char *text = error || PQntuples(result) == 0 ? NULL : dialogue_text(arena, result, 0, 0);
    if (text)
        error = json_read(arena, (struct text){.bytes = text, .length = strlen(text)},
                          "the server's answer", &found);
    *answer = found;
    return error ? error_wrap(arena, error, "cannot read %s", what) : NULL;
}

static const struct error *ask_whether(struct inspected_source *source, const char *table,
                                       bool *there)
{
    const struct value *answer;
    const struct error *error = ask(
        source,
        arena_format(source->run->arena, "SELECT to_json(to_regclass('%s') IS NOT NULL)", table),
        "the catalogue", &answer);
    *there = answer && answer->as.boolean;
    return error;
}

const struct error *inspected_source_open(struct run *run, const struct database_address *address,
                                          struct inspected_source **opened)
{
    struct inspected_source *source = arena_allocate(run->arena, sizeof *source);
    static const bool never = false; /* Ctrl-C simply ends the command */
    const struct value *nothing;
    bool there = false;
    *source = (struct inspected_source){.run = run};
    *opened = source;
    const struct error *error =
        dialogue_open(run, run->arena, run_target(run, address, NULL), &never, &source->dialogue);
    if (!error)
        error =
            ask(source, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "anything", &nothing);
    if (!error)
        error = ask_whether(source, "ir_module_module", &there);
    if (!error && !there)
        error = error_create(run->arena, OUTCOME_FAILED, "check the environment's `source`",
                             "the database \"%s\" is not Odoo's: it has no modules", address->name);
    return error;
}

void inspected_source_close(struct inspected_source *source)
{
    if (source)
        dialogue_close(source->dialogue);
}

static const struct error *read_custom(struct inspected_source *source,
                                       const struct custom_kind *kind, struct value *list)
{
    struct arena *arena = source->run->arena;
    const struct value *names = NULL;
    bool there;
    const struct error *error = ask_whether(source, kind->table, &there);
    if (error || !there)
        return error;
    error = ask(source,
                arena_format(arena,
                             "SELECT json_agg(name ORDER BY name COLLATE \"C\") FROM (%s) "
                             "AS all_of WHERE name IS NOT NULL",
                             kind->names),
                arena_format(arena, "the %s", kind->title), &names);
    if (error)
        return error;
    struct value *entry = value_object(arena);
    value_set(arena, entry, "kind", value_string(arena, kind->kind));
    value_set(arena, entry, "title", value_string(arena, kind->title));
    value_set(arena, entry, "names", names ? value_copy(arena, names) : value_array(arena));
    value_append(arena, list, entry);
    return NULL;
}

const struct error *inspected_source_read(struct inspected_source *source,
                                          struct source_facts *facts)
{
    struct arena *arena = source->run->arena;
    struct value *custom = value_array(arena);
    const struct {
        const char *sql, *what;
        const struct value **answer;
    } questions[] = {
        {ask_database, "the database's size and version", &facts->database},
        {ask_modules, "the modules", &facts->modules},
        {ask_depends, "what depends on what", &facts->depends},
        {ask_parameters, "the system parameters", &facts->parameters},
    };
    const struct error *error = NULL;
    for (size_t i = 0; !error && i < sizeof questions / sizeof questions[0]; i++)
        error = ask(source, questions[i].sql, questions[i].what, questions[i].answer);
    const char *series = error ? NULL : value_get_string(facts->database, "series");
    int known;
    if (series && !notation_read_version(series, &known))
        error = error_create(arena, OUTCOME_FAILED, "drehbuch knows 14.0 to 19.0",
                             "the database \"%s\" is of Odoo %s",
                             value_get_string(facts->database, "name"), series);
    if (!error && !series)
        error = error_create(arena, OUTCOME_FAILED, "check the environment's `source`",
                             "the database \"%s\" is not Odoo's: it has no module base",
                             value_get_string(facts->database, "name"));
    for (size_t i = 0; !error && i < KIND_COUNT; i++)
        error = read_custom(source, &custom_kinds[i], custom);
    facts->custom = custom;
    return error;
}

/* How many rows the table "oid" of "module" has. */
static const char *count_rows(struct inspected_source *source, const struct value *counted)
{
    struct arena *arena = source->run->arena;
    struct buffer names = {0};
    if (!counted)
        return count_exactly;
    if (value_count(counted) == 0)
        return count_by_statistics;
    for (size_t i = 0; i < value_count(counted); i++)
        buffer_format(&names, "%s%s", i > 0 ? ", " : "",
                      session_quote(dialogue_session(source->dialogue), arena,
                                    value_as_string(value_item(counted, i))));
    const char *sql = arena_format(arena, "CASE WHEN module IN (%s) THEN %s ELSE %s END",
                                   buffer_string(&names), count_exactly, count_by_statistics);
    buffer_release(&names);
    return sql;
}

const struct error *inspected_source_measure(struct inspected_source *source,
                                             const struct value *counted,
                                             struct source_facts *facts)
{
    bool relations, fields = false;
    const struct error *error = ask_whether(source, "ir_model_relation", &relations);
    if (!error)
        error = ask_whether(source, "ir_model_fields", &fields);
    if (error)
        return error;
    error = ask(source,
                arena_format(source->run->arena, ask_owned, relations ? and_relations : "",
                             count_rows(source, counted)),
                "the tables", &facts->owned);
    return error || !fields ? error : ask(source, ask_added, "the fields", &facts->added);
}
