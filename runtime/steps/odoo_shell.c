/* The kinds that work in Odoo's shell: each is an operation of the harness (runtime/odoo/harness),
 * which gets the step's specification and answers with the effects. All but `modules.uninstall` are
 * one transaction that ends with the step's receipt. */
#include "runtime/odoo/shell.h"
#include "runtime/postgres/transaction.h"
#include "runtime/steps/kinds.h"

static void shell_step_answered(struct step_run *step, const struct error *error,
                                struct value *effects)
{
    step_finish(step, error, effects);
}

static const char *shell_step_series(const struct step_run *step)
{
    return value_get_string(step->step->spec, "version");
}

static void shell_step_call(struct step_run *step, const char *operation)
{
    shell_call(step->run->shell, step, shell_step_series(step), operation, shell_step_answered);
}

static void shell_step_cancel(struct step_run *step)
{
    shell_cancel(step->run->shell);
}

static void python_start(struct step_run *step)
{
    shell_step_call(step, "python");
}

const struct step_kind kind_python = {
    .name = "python",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .shell = shell_step_series,
    .odoo = "version",
    .start = python_start,
    .cancel = shell_step_cancel,
};

static void settings_records_start(struct step_run *step)
{
    shell_step_call(step, "records");
}

const struct step_kind kind_settings_records = {
    .name = "settings.records",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .shell = shell_step_series,
    .odoo = "version",
    .start = settings_records_start,
    .cancel = shell_step_cancel,
};

static void settings_config_start(struct step_run *step)
{
    shell_step_call(step, "config");
}

const struct step_kind kind_settings_config = {
    .name = "settings.config",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .shell = shell_step_series,
    .odoo = "version",
    .start = settings_config_start,
    .cancel = shell_step_cancel,
};

static void views_apply_start(struct step_run *step)
{
    shell_step_call(step, "views");
}

const struct step_kind kind_views_apply = {
    .name = "views.apply",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .shell = shell_step_series,
    .odoo = "version",
    .start = views_apply_start,
    .cancel = shell_step_cancel,
};

static void views_reset_start(struct step_run *step)
{
    shell_step_call(step, "reset_views");
}

const struct step_kind kind_views_reset = {
    .name = "views.reset",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .shell = shell_step_series,
    .odoo = "version",
    .start = views_reset_start,
    .cancel = shell_step_cancel,
};

static void neutralize_start(struct step_run *step)
{
    shell_step_call(step, "neutralize");
}

const struct step_kind kind_neutralize = {
    .name = "neutralize",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .shell = shell_step_series,
    .odoo = "version",
    .start = neutralize_start,
    .cancel = shell_step_cancel,
};

static void modules_uninstall_start(struct step_run *step)
{
    shell_step_call(step, "uninstall");
}

/* Odoo commits while it uninstalls; what it has not come to is uninstalled by the next attempt. */
const struct step_kind kind_modules_uninstall = {
    .name = "modules.uninstall",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .shell = shell_step_series,
    .odoo = "version",
    .start = modules_uninstall_start,
    .cancel = shell_step_cancel,
};
