#include "runtime/steps/kind.h"

#include <string.h>

#include "runtime/steps/kinds.h"

static const struct step_kind *const step_kinds[] = {
    &kind_assets_clear,
    &kind_check_http,
    &kind_check_log,
    &kind_check_modules,
    &kind_check_rows,
    &kind_check_sql,
    &kind_command,
    &kind_database_backup,
    &kind_database_copy,
    &kind_database_drop,
    &kind_database_rename,
    &kind_database_restore,
    &kind_filestore_check,
    &kind_filestore_copy,
    &kind_filestore_merge,
    &kind_filestore_rename,
    &kind_hop_openupgrade,
    &kind_manual,
    &kind_modules_install,
    &kind_modules_merge,
    &kind_modules_rename,
    &kind_modules_uninstall,
    &kind_modules_update,
    &kind_neutralize,
    &kind_preflight,
    &kind_python,
    &kind_rules_reset,
    &kind_service_start,
    &kind_service_stop,
    &kind_settings_config,
    &kind_settings_crons,
    &kind_settings_mail_servers,
    &kind_settings_parameters,
    &kind_settings_records,
    &kind_sql,
    &kind_views_apply,
    &kind_views_reset,
    &kind_wait,
};

const struct step_kind *step_kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof step_kinds / sizeof step_kinds[0]; i++)
        if (strcmp(step_kinds[i]->name, name) == 0)
            return step_kinds[i];
    return NULL;
}

const char *step_kind_reason_to_skip(const struct step_run *step)
{
    const struct step_kind *kind = step_kind_find(step->step->kind);
    return kind && kind->skip ? kind->skip(step) : NULL;
}

enum step_nature nature_repeatable(const struct value *spec)
{
    (void)spec;
    return NATURE_REPEATABLE;
}
