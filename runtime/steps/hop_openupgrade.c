/* `hop.openupgrade`: to the next series, by OCA's OpenUpgrade: all modules are updated with its
 * framework loaded and its scripts on the upgrade path.
 *
 * Odoo commits module by module, and the scripts that come at the end are lost to an attempt that
 * was cut off (OpenUpgrade's issue 1879); so each attempt begins from a copy of the database. */
#include "runtime/steps/kinds.h"
#include "runtime/steps/module_work.h"

static void hop_openupgrade_start(struct step_run *step)
{
    static const char *const more[] = {"--update=all", "--stop-after-init", NULL};
    const char *to = value_get_string(step->spec, "to");
    module_work_start(step, (struct module_work){.series = to,
                                                 .reaches = to,
                                                 .call = {.openupgrade = true, .more = more},
                                                 .leaving = value_get(step->spec, "leaving"),
                                                 .needs_way_back = true});
}

const struct step_kind kind_hop_openupgrade = {
    .name = "hop.openupgrade",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .odoo = "to",
    .start = hop_openupgrade_start,
    .cancel = module_work_cancel,
};
