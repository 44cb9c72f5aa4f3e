/* What a plan does to the modules on its way from version to version, told from its decisions and
 * the modules of the source. Looks at nothing else, changes nothing. */
#ifndef RUNTIME_STEPS_MODULE_PLAN_H
#define RUNTIME_STEPS_MODULE_PLAN_H

#include <stdbool.h>

#include "base/map.h"
#include "base/value.h"

/* A module as the source has it. */
struct source_module {
    const char *name;
    const char *state;
    const char *author;
    const char *version; /* "" where it never was installed */
    struct value *depends;
};

struct module_plan {
    struct arena *arena;
    const struct value *spec;      /* of the preflight step: `versions` */
    const struct value *decisions; /* of the compiled plan: name to decision */
    const struct map *modules;     /* of the source: name to struct source_module */
};

bool source_module_is_installed(const struct source_module *module);

/* Whether the source has it installed. */
bool module_plan_is_installed(const struct module_plan *plan, const char *name);

/* The number of the version on the plan's way; how many there are where it is not on it. */
size_t module_plan_find_version(const struct module_plan *plan, const char *version);

/* Why the code of a module has to be there at a version. */
struct module_need {
    const char *module;
    const char *decided; /* the module that the plan speaks of: another one where it is renamed */
    const char *leaves;  /* the version at which it is uninstalled, so that its code may be missing;
                            NULL: it stays, and the code must be there */
};

/* Those that the plan has decisions for and that are installed at the version with this number
 * (before its uninstalls): name to struct module_need. */
struct map *module_plan_needs(const struct module_plan *plan, size_t version);

/* All that are installed there, Odoo's own too: a set of names. */
struct map *module_plan_present(const struct module_plan *plan, size_t version);

/* Gives the names that a module depends on. */
typedef const struct value *module_depends(void *context, const char *module);

/* What the uninstalls at a version take along although the plan does not uninstall it there: an
 * object of each uninstalled module to the list of those that go with it, only where there are
 * any. */
struct value *module_plan_dragged(const struct module_plan *plan, size_t version,
                                  module_depends *depends, void *context);

#endif
