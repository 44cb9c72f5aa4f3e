/* `settings.crons`: scheduled actions, by external id, in SQL. */
#include "runtime/steps/kinds.h"
#include "runtime/steps/record_update.h"

static const struct error *crons_build(struct transaction *transaction)
{
    static const char *const models[] = {"ir.cron", NULL};
    static const char *const tables[] = {"ir_cron", NULL};
    const struct step_run *step = transaction_step(transaction);
    const struct value *crons = value_get(step->spec, "crons");
    const struct value *written = value_get(step->step->spec, "crons");
    for (size_t i = 0; i < value_count(crons); i++)
        record_update_add(transaction, models, tables, crons->as.object.members[i].key,
                          crons->as.object.members[i].value,
                          value_get(written, crons->as.object.members[i].key), "crons", NULL);
    return NULL;
}

static void crons_start(struct step_run *step)
{
    transaction_run(step, crons_build);
}

static void crons_preview(struct step_run *step, struct session *session)
{
    transaction_try(step, session, crons_build);
}

const struct step_kind kind_settings_crons = {
    .name = "settings.crons",
    .resource = RESOURCE_DATABASE,
    .spares_shell = true,
    .nature = transaction_nature,
    .preview = crons_preview,
    .start = crons_start,
    .cancel = transaction_cancel,
};
