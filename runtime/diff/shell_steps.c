/* Records and settings that Odoo's ORM would write, read by SQL. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/view_arch.h"
#include "runtime/diff/diff.h"
#include "runtime/secret_names.h"

struct record_field {
    const char *name;
    const char *type;     /* Odoo's; "": the model has no such field */
    const char *relation; /* of a many2one */
};

static const struct error *record_missing(struct diff *diff, const char *xmlid)
{
    return error_create(diff->arena, OUTCOME_FAILED,
                        "check the external id; Odoo shows it in developer mode",
                        "there is no record %s", xmlid);
}

static const char *record_table(struct arena *arena, const char *model)
{
    char *table = arena_copy(arena, model);
    for (char *byte = table; *byte; byte++)
        if (*byte == '.')
            *byte = '_';
    return table;
}

/* The record's row, and its model. */
static const struct error *record_read(struct diff *diff, const char *xmlid, const char **model,
                                       struct value **row)
{
    struct arena *arena = diff->arena;
    const char *dot = strchr(xmlid, '.');
    const char *names[] = {arena_copy_bytes(arena, xmlid, (size_t)(dot ? dot - xmlid : 0)),
                           dot ? dot + 1 : xmlid};
    const PGresult *result;
    const struct error *error =
        dialogue_ask(diff->place.dialogue,
                     "SELECT model, res_id FROM ir_model_data WHERE module = $1 AND name = $2", 2,
                     names, &result);
    if (error)
        return error;
    if (PQntuples(result) == 0)
        return record_missing(diff, xmlid);
    *model = dialogue_text(arena, result, 0, 0);
    const char *id = dialogue_text(arena, result, 0, 1);
    const char *table = session_quote_identifier(dialogue_session(diff->place.dialogue), arena,
                                                 record_table(arena, *model));
    error = dialogue_ask(
        diff->place.dialogue,
        arena_format(arena, "SELECT to_jsonb(t.*) FROM %s AS t WHERE id = $1::int", table), 1, &id,
        &result);
    if (error)
        return error;
    if (PQntuples(result) == 0)
        return record_missing(diff, xmlid);
    const char *json = PQgetvalue(result, 0, 0);
    return json_read(arena, (struct text){.bytes = json, .length = strlen(json)}, "a record", row);
}

static const struct error *record_read_field(struct diff *diff, const char *model,
                                             struct record_field *field)
{
    const char *parameters[] = {model, field->name};
    const PGresult *result;
    const struct error *error =
        dialogue_ask(diff->place.dialogue,
                     "SELECT ttype, relation FROM ir_model_fields WHERE model = $1 AND name = $2",
                     2, parameters, &result);
    if (error || PQntuples(result) == 0)
        return error;
    field->type = arena_copy(diff->arena, PQgetvalue(result, 0, 0));
    field->relation = dialogue_text(diff->arena, result, 0, 1);
    return NULL;
}

/* A link is shown as the external id of what it leads to. */
static const struct error *record_show_link(struct diff *diff, const char *relation,
                                            struct value **value)
{
    if (!*value || (*value)->kind != VALUE_INTEGER)
        return NULL;
    const char *parameters[] = {relation,
                                arena_format(diff->arena, "%lld", (long long)(*value)->as.integer)};
    const PGresult *result;
    const struct error *error =
        dialogue_ask(diff->place.dialogue,
                     "SELECT module || '.' || name FROM ir_model_data WHERE model = $1 AND res_id "
                     "= $2::int ORDER BY id LIMIT 1",
                     2, parameters, &result);
    if (!error && PQntuples(result) > 0)
        *value = value_string(diff->arena, dialogue_text(diff->arena, result, 0, 0));
    return error;
}

/* JSON's "2026-01-01T00:00:00" as Odoo writes it. */
static const char *without_t(struct arena *arena, const char *text)
{
    char *copy = arena_copy(arena, text);
    char *t = strchr(copy, 'T');
    if (t)
        *t = ' ';
    return copy;
}

/* Whether the table tells what Odoo would show: not of fields that it computes, that have a value
 * for each company, or whose files lie elsewhere. */
static bool record_tells(const struct record_field *field, const struct value *row)
{
    const struct value *value = value_get(row, field->name);
    bool by_company = value && value->kind == VALUE_OBJECT && !value_get(value, "en_US");
    return value && !by_company && strcmp(field->type, "binary") != 0;
}

static const struct error *record_show_old(struct diff *diff, const struct record_field *field,
                                           const struct value *row, struct value **old)
{
    struct arena *arena = diff->arena;
    struct value *value = record_tells(field, row) ? value_get(row, field->name) : NULL;
    if (value && value->kind == VALUE_OBJECT && value_get(value, "en_US"))
        value = value_get(value, "en_US"); /* a translated text */
    if (!value || value->kind == VALUE_NULL)
        value =
            strcmp(field->type, "boolean") == 0 ? value_boolean(arena, false) : value_null(arena);
    if (strcmp(field->type, "datetime") == 0 && value->kind == VALUE_STRING)
        value = value_string(arena, without_t(arena, value_as_string(value)));
    *old = value;
    return strcmp(field->type, "many2one") == 0 && field->relation
               ? record_show_link(diff, field->relation, old)
               : NULL;
}

/* As the harness writes it: texts are read by the field's type. */
static struct value *record_show_new(struct arena *arena, const struct record_field *field,
                                     struct value *new)
{
    const char *text = value_as_string(new);
    bool is_real = strcmp(field->type, "float") == 0 || strcmp(field->type, "monetary") == 0;
    if (!text)
        return new->kind == VALUE_NULL &&strcmp(field->type, "boolean") == 0
                   ? value_boolean(arena, false)
                   : new;
    if (strcmp(field->type, "boolean") == 0)
        return value_boolean(arena, strcmp(text, "true") == 0);
    if (strcmp(field->type, "integer") == 0)
        return value_integer(arena, strtoll(text, NULL, 10));
    return is_real ? value_real(arena, strtod(text, NULL)) : new;
}

static const struct error *record_check_link(struct diff *diff, const char *xmlid)
{
    const char *dot = xmlid ? strchr(xmlid, '.') : NULL;
    if (!xmlid)
        return NULL;
    const char *names[] = {arena_copy_bytes(diff->arena, xmlid, (size_t)(dot ? dot - xmlid : 0)),
                           dot ? dot + 1 : xmlid};
    const PGresult *result;
    const struct error *error = dialogue_ask(
        diff->place.dialogue, "SELECT 1 FROM ir_model_data WHERE module = $1 AND name = $2", 2,
        names, &result);
    return error || PQntuples(result) > 0 ? error : record_missing(diff, xmlid);
}

static const struct error *record_field_tell(struct diff *diff, const char *model,
                                             const struct value *row,
                                             const struct value_member *wanted, const char *written,
                                             struct value *changes)
{
    struct arena *arena = diff->arena;
    struct record_field field = {.name = wanted->key, .type = ""};
    struct value *old = NULL;
    const struct error *error = record_read_field(diff, model, &field);
    if (!error && !field.type[0])
        error =
            error_create(arena, OUTCOME_FAILED, "check the field's name at this version of Odoo",
                         "%s has no field %s", model, wanted->key);
    if (!error && (strcmp(field.type, "one2many") == 0 || strcmp(field.type, "many2many") == 0))
        error = error_create(arena, OUTCOME_FAILED, "write a fix in Python instead",
                             "%s of %s holds several records", wanted->key, model);
    if (!error && strcmp(field.type, "many2one") == 0)
        error = record_check_link(diff, value_as_string(wanted->value));
    if (!error)
        error = record_show_old(diff, &field, row, &old);
    if (error)
        return error;
    struct value *new = record_show_new(arena, &field, wanted->value);
    if (value_equal(old, new) && !strstr(written ? written : "", "${"))
        return NULL;
    bool secret = diff_is_secret(diff, written) ||
                  secret_names_column(record_table(arena, model), field.name);
    struct value *change = value_object(arena);
    value_set(arena, change, "old", secret ? value_string(arena, SECRET_MASK) : old);
    value_set(arena, change, "new", secret ? value_string(arena, SECRET_MASK) : new);
    if (written && strstr(written, "${"))
        value_set(arena, change, "binding", value_boolean(arena, true));
    if (!record_tells(&field, row))
        value_set(arena, change, "computed", value_boolean(arena, true));
    value_set(arena, changes, wanted->key, change);
    return NULL;
}

static const struct error *record_tell(struct diff *diff, const struct value_member *record,
                                       const struct value *written, struct value *all)
{
    const char *model = NULL;
    struct value *row = NULL, *changes = value_object(diff->arena);
    const struct error *error = record_read(diff, record->key, &model, &row);
    for (size_t i = 0; i < value_count(record->value) && !error; i++) {
        const struct value_member *wanted = &record->value->as.object.members[i];
        error = record_field_tell(diff, model, row, wanted, value_get_string(written, wanted->key),
                                  changes);
    }
    if (!error && value_count(changes) > 0)
        value_set(diff->arena, all, record->key, changes);
    return error ? error_wrap(diff->arena, error, "%s", record->key) : NULL;
}

/* Whether the question itself could be asked: what it found does not end the dry run. */
static const struct error *shell_conclude(struct diff *diff, struct value *told,
                                          const struct error *error, const char *why)
{
    if (error && (error->outcome == OUTCOME_INTERRUPTED ||
                  session_is_lost(dialogue_session(diff->place.dialogue))))
        return error;
    if (error && strcmp(value_get_string(told, "phase"), diff->place.series) > 0) {
        /* What is not there yet may come with the hop, or with a module before it. */
        diff_conclude(diff, told, "unforeseen",
                      arena_format(diff->arena,
                                   "%s, as the database of Odoo %s has it; what comes before this "
                                   "step may change that",
                                   error->message, diff->place.series));
        return NULL;
    }
    diff_conclude(diff, told, error ? "failed" : "read", error ? NULL : why);
    if (!error)
        return NULL;
    struct value *members = value_object(diff->arena);
    value_set(diff->arena, members, "message", value_string(diff->arena, error->message));
    if (error->help)
        value_set(diff->arena, members, "help", value_string(diff->arena, error->help));
    value_set(diff->arena, told, "error", members);
    return NULL;
}

const struct error *diff_records(struct diff *diff, const struct compiled_step *step,
                                 struct value *told)
{
    struct arena *arena = diff->arena;
    const struct value *records = value_get(diff_expand(diff, step), "records");
    const struct value *written = value_get(step->spec, "records");
    struct value *all = value_object(arena), *effects = value_object(arena);
    const struct error *error = NULL;
    for (size_t i = 0; i < value_count(records) && !error; i++) {
        const struct value_member *record = &records->as.object.members[i];
        error = record_tell(diff, record, value_get(written, record->key), all);
    }
    value_set(arena, effects, "records", all);
    value_set(arena, told, "effects", effects);
    return shell_conclude(diff, told, error,
                          "read from the tables; Odoo's ORM may change more: computed fields, what "
                          "depends on them, and what the models' own code does when they are "
                          "written");
}

const struct error *diff_config(struct diff *diff, const struct compiled_step *step,
                                struct value *told)
{
    struct arena *arena = diff->arena;
    const struct value *values = value_get(diff_expand(diff, step), "values");
    const struct value *written = value_get(step->spec, "values");
    struct value *all = value_object(arena), *effects = value_object(arena);
    for (size_t i = 0; i < value_count(values); i++) {
        const struct value_member *wanted = &values->as.object.members[i];
        struct value *change = value_object(arena);
        bool secret = diff_is_secret(diff, value_get_string(written, wanted->key));
        value_set(arena, change, "new", secret ? value_string(arena, SECRET_MASK) : wanted->value);
        value_set(arena, all, wanted->key, change);
    }
    value_set(arena, effects, "config", all);
    value_set(arena, told, "effects", effects);
    return shell_conclude(
        diff, told, NULL,
        "only Odoo knows where each field of its settings form is kept, so what is "
        "there now is not told");
}

/* ---- views ---- */

/* The plan's text was found to be well-formed; its bindings are filled in since. */
static const char *view_arch(struct arena *arena, const char *text)
{
    struct view_fault fault;
    const char *arch = view_arch_normalize(arena, text, &fault);
    return arch ? arch : text;
}

/* Its active flag and architecture, or neither where it is not there. */
static const struct error *view_read(struct diff *diff, const char *key, struct value **old)
{
    struct arena *arena = diff->arena;
    const char *first = strchr(key, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    if (!second)
        return error_create(arena, OUTCOME_FAILED, "write MODULE.VIEW.NAME", "%s names no view",
                            key);
    const char *parent[] = {arena_copy_bytes(arena, key, (size_t)(first - key)),
                            arena_copy_bytes(arena, first + 1, (size_t)(second - first - 1))};
    const PGresult *result;
    const struct error *error =
        dialogue_ask(diff->place.dialogue,
                     "SELECT res_id FROM ir_model_data WHERE model = 'ir.ui.view' AND module = $1 "
                     "AND name = $2",
                     2, parent, &result);
    if (error)
        return error;
    if (PQntuples(result) == 0)
        return error_create(arena, OUTCOME_FAILED, "check its external id at this version of Odoo",
                            "there is no view %s.%s", parent[0], parent[1]);
    const char *names[] = {dialogue_text(arena, result, 0, 0), second + 1, key,
                           arena_format(arena, "%s.%s", diff->request->plan->customer, key)};
    error = dialogue_ask(
        diff->place.dialogue,
        "SELECT active, coalesce(to_jsonb(v.*) -> 'arch_db' ->> 'en_US', to_jsonb(v.*) "
        "->> 'arch_db', '') FROM ir_ui_view v WHERE inherit_id = $1::int AND name "
        "IN ($2, $3, $4)",
        4, names, &result);
    if (error)
        return error;
    if (PQntuples(result) > 1)
        return error_create(arena, OUTCOME_FAILED, "rename or remove all but one by a fix",
                            "%s: %d views have this name", key, PQntuples(result));
    *old = NULL;
    if (PQntuples(result) == 0)
        return NULL;
    *old = value_object(arena);
    value_set(arena, *old, "active",
              value_boolean(arena, strcmp(PQgetvalue(result, 0, 0), "t") == 0));
    value_set(arena, *old, "arch", value_string(arena, dialogue_text(arena, result, 0, 1)));
    return NULL;
}

static struct value *view_after(struct arena *arena, const char *action, const struct value *change,
                                const struct value *old)
{
    struct value *new = value_object(arena);
    const char *arch = value_get_string(change, "arch");
    if (strcmp(action, "remove") == 0)
        return value_null(arena);
    bool active = strcmp(action, "disable") != 0 &&
                  (strcmp(action, "update") != 0 || value_get_boolean(old, "active", true));
    value_set(arena, new, "active", value_boolean(arena, active));
    value_set(arena, new, "arch",
              arch ? value_string(arena, view_arch(arena, arch)) : value_get(old, "arch"));
    return new;
}

static const struct error *view_tell(struct diff *diff, const char *key, const struct value *change,
                                     struct value *all)
{
    struct arena *arena = diff->arena;
    const char *action = value_get_string(change, "action");
    struct value *old = NULL, *told = value_object(arena);
    const struct error *error = view_read(diff, key, &old);
    if (error)
        return error;
    bool installs = strcmp(action, "install") == 0;
    if (installs == (old != NULL))
        return error_create(
            arena, OUTCOME_FAILED,
            installs ? "write update: instead of install:" : "check its name, or install it",
            "%s: %s", key, installs ? "the view is there already" : "there is no such view");
    struct value *new = view_after(arena, action, change, old);
    if (old && value_equal(old, new))
        return NULL;
    value_set(arena, told, "action", value_string(arena, action));
    value_set(arena, told, "old", old ? old : value_null(arena));
    value_set(arena, told, "new", new);
    value_set(arena, all, key, told);
    return NULL;
}

const struct error *diff_views(struct diff *diff, const struct compiled_step *step,
                               struct value *told)
{
    struct arena *arena = diff->arena;
    const struct value *views = value_get(diff_expand(diff, step), "views");
    struct value *all = value_object(arena), *effects = value_object(arena);
    const struct error *error = NULL;
    for (size_t i = 0; i < value_count(views) && !error; i++)
        error = view_tell(diff, views->as.object.members[i].key, views->as.object.members[i].value,
                          all);
    value_set(arena, effects, "views", all);
    value_set(arena, told, "effects", effects);
    return shell_conclude(
        diff, told, error,
        "whether the views fit together is checked by Odoo when they are written");
}
