/* `modules.install` and `modules.update`: one Odoo process for all modules of the step, which
 * brings them into the order of their dependencies by itself. It commits module by module; a
 * further attempt goes on where it stopped. */
#include <string.h>

#include "base/buffer.h"
#include "runtime/steps/kinds.h"
#include "runtime/steps/module_work.h"

/* "a,b,c", or the text itself ("all"). */
static const char *join_names(struct arena *arena, const struct value *modules)
{
    if (value_as_string(modules))
        return value_as_string(modules);
    struct buffer names = {0};
    for (size_t i = 0; i < value_count(modules); i++)
        buffer_format(&names, "%s%s", i > 0 ? "," : "", value_as_string(value_item(modules, i)));
    const char *joined = arena_copy(arena, buffer_string(&names));
    buffer_release(&names);
    return joined;
}

/* Up to 18.0 Odoo installs demonstration data unless told not to. */
static bool has_demo_by_default(const char *series)
{
    return strcmp(series, "19.0") < 0;
}

static void modules_install_start(struct step_run *step)
{
    const char *series = value_get_string(step->spec, "version");
    const struct value *modules = value_get(step->spec, "modules");
    const char **more = arena_allocate(step->arena, 4 * sizeof *more);
    size_t count = 0;
    more[count++] = arena_format(step->arena, "--init=%s", join_names(step->arena, modules));
    if (has_demo_by_default(series))
        more[count++] = "--without-demo=all";
    more[count++] = "--stop-after-init";
    module_work_start(
        step, (struct module_work){.series = series, .call = {.more = more}, .installed = modules});
}

const struct step_kind kind_modules_install = {
    .name = "modules.install",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .odoo = "version",
    .start = modules_install_start,
    .cancel = module_work_cancel,
};

static void modules_update_start(struct step_run *step)
{
    const struct value *modules = value_get(step->spec, "modules");
    const char **more = arena_allocate(step->arena, 4 * sizeof *more);
    size_t count = 0;
    more[count++] = arena_format(step->arena, "--update=%s", join_names(step->arena, modules));
    if (value_get_boolean(step->spec, "overwrite_translations", false))
        more[count++] = "--i18n-overwrite";
    more[count++] = "--stop-after-init";
    module_work_start(step,
                      (struct module_work){.series = value_get_string(step->spec, "version"),
                                           .call = {.more = more},
                                           .installed = value_as_string(modules) ? NULL : modules});
}

const struct step_kind kind_modules_update = {
    .name = "modules.update",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .odoo = "version",
    .start = modules_update_start,
    .cancel = module_work_cancel,
};
