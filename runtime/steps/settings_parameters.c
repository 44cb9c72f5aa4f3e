/* `settings.parameters`: system parameters (ir_config_parameter), in SQL; null removes the key. */
#include <string.h>

#include "base/template.h"
#include "runtime/environment.h"
#include "runtime/postgres/transaction.h"
#include "runtime/steps/kinds.h"

static bool parameter_is_secret(const struct step_run *step, const char *key)
{
    const struct value *secrets = value_get(step->spec, "secrets");
    for (size_t i = 0; i < value_count(secrets); i++)
        if (strcmp(value_as_string(value_item(secrets, i)), key) == 0)
            return true;
    return false;
}

static struct value *parameter_show(struct arena *arena, const char *text, bool secret)
{
    if (!text)
        return value_null(arena);
    return value_string(arena, secret ? SECRET_MASK : arena_copy(arena, text));
}

/* The statement returned the value that was there before, as the only row, or none. */
static const struct error *parameter_changed(struct transaction *transaction, void *context,
                                             const struct session_answer *answer)
{
    const struct value_member *parameter = context;
    struct step_run *step = transaction_step(transaction);
    const char *new = value_as_string(parameter->value);
    bool bound = template_has_names(
        value_as_string(value_get(value_get(step->step->spec, "parameters"), parameter->key)));
    bool existed = PQntuples(answer->result) > 0 && !PQgetisnull(answer->result, 0, 0);
    const char *old = existed ? PQgetvalue(answer->result, 0, 0) : NULL;
    if (!bound && (old == new || (old && new &&strcmp(old, new) == 0)))
        return NULL; /* as it was */
    bool secret = parameter_is_secret(step, parameter->key);
    struct value *change = value_object(step->arena);
    value_set(step->arena, change, "old", parameter_show(step->arena, old, secret));
    value_set(step->arena, change, "new", parameter_show(step->arena, new, secret));
    if (bound) /* it may differ between environments */
        value_set(step->arena, change, "binding", value_boolean(step->arena, true));
    value_set(step->arena, value_get(transaction_effects(transaction), "parameters"),
              parameter->key, change);
    return NULL;
}

static const struct error *parameters_build(struct transaction *transaction)
{
    struct step_run *step = transaction_step(transaction);
    const struct value *parameters = value_get(step->spec, "parameters");
    transaction_set_effect(transaction, "parameters", value_object(step->arena));
    for (size_t i = 0; i < value_count(parameters); i++) {
        const struct value_member *parameter = &parameters->as.object.members[i];
        const char *values[] = {parameter->key, value_as_string(parameter->value)};
        /* Written also where the value is there already, so that test and production do the same.
         * The outer query sees the row as it was before the statement. */
        if (values[1])
            transaction_add(
                transaction,
                "WITH changed AS (INSERT INTO ir_config_parameter "
                "(key, value, create_uid, create_date, write_uid, write_date) "
                "VALUES ($1, $2, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC') "
                "ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, "
                "write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date) "
                "SELECT value FROM ir_config_parameter WHERE key = $1",
                2, values, parameter_changed, (void *)parameter);
        else
            transaction_add(transaction,
                            "DELETE FROM ir_config_parameter WHERE key = $1 RETURNING value", 1,
                            values, parameter_changed, (void *)parameter);
    }
    return NULL;
}

static void parameters_start(struct step_run *step)
{
    transaction_run(step, parameters_build);
}

static void parameters_preview(struct step_run *step, struct session *session)
{
    transaction_try(step, session, parameters_build);
}

const struct step_kind kind_settings_parameters = {
    .name = "settings.parameters",
    .resource = RESOURCE_DATABASE,
    .spares_shell = true,
    .nature = transaction_nature,
    .preview = parameters_preview,
    .start = parameters_start,
    .cancel = transaction_cancel,
};
