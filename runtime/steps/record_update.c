#include "runtime/steps/record_update.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/template.h"
#include "runtime/environment.h"

struct update {
    const char *const *models;
    const char *const *tables;
    const char *xmlid;
    const struct value *fields;
    const struct value *written; /* the same as the plan has them, with its bindings' names */
    const char *effect;
    bool (*is_secret)(const struct step_run *step, const char *xmlid, const char *field);
};

static const struct error *update_parse_row(struct arena *arena,
                                            const struct session_answer *answer, int column,
                                            struct value **row)
{
    const char *json = PQgetvalue(answer->result, 0, column);
    return json_read(arena, (struct text){.bytes = json, .length = strlen(json)}, "a record", row);
}

/* Effects name only what has changed. */
static const struct error *update_take_change(struct transaction *transaction, void *context,
                                              const struct session_answer *answer)
{
    const struct update *update = context;
    struct step_run *step = transaction_step(transaction);
    struct arena *arena = step->arena;
    struct value *old, *new;
    const struct error *error = update_parse_row(arena, answer, 0, &old);
    if (!error)
        error = update_parse_row(arena, answer, 1, &new);
    if (error)
        return error;
    struct value *changes = value_object(arena);
    for (size_t i = 0; i < value_count(update->fields); i++) {
        const char *field = update->fields->as.object.members[i].key;
        bool secret = update->is_secret && update->is_secret(step, update->xmlid, field);
        const struct value *written = value_get(update->written, field);
        bool bound = template_has_names(value_as_string(written));
        if (!bound && value_equal(value_get(old, field), value_get(new, field)))
            continue;
        struct value *change = value_object(arena);
        value_set(arena, change, "old",
                  secret ? value_string(arena, SECRET_MASK) : value_get(old, field));
        value_set(arena, change, "new",
                  secret ? value_string(arena, SECRET_MASK) : value_get(new, field));
        if (bound) /* it may differ between environments */
            value_set(arena, change, "binding", value_boolean(arena, true));
        value_set(arena, changes, field, change);
    }
    struct value *all = value_get(transaction_effects(transaction), update->effect);
    if (!all)
        transaction_set_effect(transaction, update->effect, all = value_object(arena));
    if (value_count(changes) > 0)
        value_set(arena, all, update->xmlid, changes);
    return NULL;
}

/* How a value of the plan is written for PostgreSQL, which reads it as its column's type. */
static const char *update_write_value(struct arena *arena, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        return NULL;
    case VALUE_BOOLEAN:
        return value->as.boolean ? "true" : "false";
    case VALUE_INTEGER:
        return arena_format(arena, "%lld", (long long)value->as.integer);
    case VALUE_STRING:
        return value->as.string.bytes;
    default: {
        struct buffer text = {0};
        json_write(&text, value, JSON_COMPACT);
        const char *result = arena_copy(arena, buffer_string(&text));
        buffer_release(&text);
        return result;
    }
    }
}

/* The record is there; its row is changed under a lock, so that old and new are what they say. */
static const struct error *update_add_change(struct transaction *transaction,
                                             const struct update *update, const char *table,
                                             const char *id)
{
    struct arena *arena = transaction_step(transaction)->arena;
    size_t count = value_count(update->fields);
    const char **parameters = arena_allocate(arena, (count + 1) * sizeof *parameters);
    struct buffer sql = {0};
    const char *quoted = transaction_quote_identifier(transaction, table);
    buffer_format(&sql,
                  "WITH old AS (SELECT * FROM %s WHERE id = $1::int FOR UPDATE), "
                  "new AS (UPDATE %s t SET write_uid = 1, write_date = now() AT TIME ZONE 'UTC'",
                  quoted, quoted);
    parameters[0] = id;
    for (size_t i = 0; i < count; i++) {
        const struct value_member *field = &update->fields->as.object.members[i];
        buffer_format(&sql, ", %s = $%zu", transaction_quote_identifier(transaction, field->key),
                      i + 2);
        parameters[i + 1] = update_write_value(arena, field->value);
    }
    buffer_append_string(&sql, " FROM old WHERE t.id = old.id RETURNING t.*) "
                               "SELECT to_jsonb(old), to_jsonb(new) FROM old, new");
    transaction_add(transaction, buffer_string(&sql), (int)count + 1, parameters,
                    update_take_change, (void *)update);
    buffer_release(&sql);
    return NULL;
}

static const struct error *update_found(struct transaction *transaction, void *context,
                                        const struct session_answer *answer)
{
    const struct update *update = context;
    struct arena *arena = transaction_step(transaction)->arena;
    if (PQntuples(answer->result) == 0)
        return error_create(arena, OUTCOME_FAILED, "check the external id; nothing was changed",
                            "the database has no record \"%s\"", update->xmlid);
    const char *model = PQgetvalue(answer->result, 0, 0);
    for (size_t i = 0; update->models[i]; i++)
        if (strcmp(update->models[i], model) == 0)
            return update_add_change(transaction, update, update->tables[i],
                                     arena_copy(arena, PQgetvalue(answer->result, 0, 1)));
    return error_create(arena, OUTCOME_FAILED, "check the external id; nothing was changed",
                        "\"%s\" is a record of %s, not of %s", update->xmlid,
                        arena_copy(arena, model), update->models[0]);
}

void record_update_add(struct transaction *transaction, const char *const *models,
                       const char *const *tables, const char *xmlid, const struct value *fields,
                       const struct value *written, const char *effect,
                       bool (*is_secret)(const struct step_run *step, const char *xmlid,
                                         const char *field))
{
    struct arena *arena = transaction_step(transaction)->arena;
    struct update *update = arena_allocate(arena, sizeof *update);
    *update = (struct update){.models = models,
                              .tables = tables,
                              .xmlid = xmlid,
                              .fields = fields,
                              .written = written,
                              .effect = effect,
                              .is_secret = is_secret};
    const char *dot = strchr(xmlid, '.');
    const char *parameters[] = {arena_copy_bytes(arena, xmlid, (size_t)(dot ? dot - xmlid : 0)),
                                dot ? dot + 1 : xmlid};
    transaction_add(transaction,
                    "SELECT model, res_id FROM ir_model_data WHERE module = $1 AND name = $2", 2,
                    parameters, update_found, update);
}
