/* `assets.clear` and `rules.reset`: what Odoo makes again by itself. */
#include <string.h>

#include "runtime/postgres/transaction.h"
#include "runtime/steps/kinds.h"

/* Compiled asset bundles are attachments of views: up to 16.0 at /web/content/ID-HASH/NAME or
 * /web/assets/..., from 17.0 at /web/assets/... alone. Odoo builds them again when a page asks for
 * them. Their files stay in the filestore until Odoo's garbage collector finds them unused. */
static const struct error *assets_build(struct transaction *transaction)
{
    const char *version = value_get_string(transaction_step(transaction)->spec, "version");
    bool old_form = version && strcmp(version, "16.0") <= 0; /* all versions have the form NN.0 */
    transaction_add_text(transaction,
                         old_form ? "DELETE FROM ir_attachment WHERE res_model = 'ir.ui.view' AND "
                                    "(url LIKE '/web/assets/%' OR url LIKE '/web/content/%-%/%')"
                                  : "DELETE FROM ir_attachment WHERE res_model = 'ir.ui.view' AND "
                                    "url LIKE '/web/assets/%'",
                         NULL, NULL);
    return NULL;
}

static void assets_start(struct step_run *step)
{
    transaction_run(step, assets_build);
}

static void assets_preview(struct step_run *step, struct session *session)
{
    transaction_try(step, session, assets_build);
}

/* Record rules that their module marked as not to be updated keep a customer's changes for ever.
 * Without the rule and its external id, the module's next update makes them anew as the module has
 * them; so an update of all modules has to follow, and until then these rules do not hold. */
static const struct error *rules_build(struct transaction *transaction)
{
    transaction_add_text(transaction,
                         "DELETE FROM ir_rule WHERE id IN (SELECT res_id FROM ir_model_data "
                         "WHERE model = 'ir.rule' AND noupdate); "
                         "DELETE FROM ir_model_data d WHERE d.model = 'ir.rule' AND d.noupdate "
                         "AND NOT EXISTS (SELECT FROM ir_rule r WHERE r.id = d.res_id)",
                         NULL, NULL);
    return NULL;
}

static void rules_start(struct step_run *step)
{
    transaction_run(step, rules_build);
}

static void rules_preview(struct step_run *step, struct session *session)
{
    transaction_try(step, session, rules_build);
}

const struct step_kind kind_assets_clear = {
    .name = "assets.clear",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .preview = assets_preview,
    .start = assets_start,
    .cancel = transaction_cancel,
};

const struct step_kind kind_rules_reset = {
    .name = "rules.reset",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .preview = rules_preview,
    .start = rules_start,
    .cancel = transaction_cancel,
};
