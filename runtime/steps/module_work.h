/* What installing, updating and a hop have in common: one Odoo command on the working database,
 * with the modules looked at before and after. */
#ifndef RUNTIME_STEPS_MODULE_WORK_H
#define RUNTIME_STEPS_MODULE_WORK_H

#include "runtime/odoo/installation.h"
#include "runtime/steps/kind.h"

struct module_work {
    const char *series;
    struct installation_call call;
    const struct value *installed; /* modules that must be installed afterwards; NULL: none */
    const char *reaches;         /* the series that all modules have to be of afterwards, or NULL */
    const struct value *leaving; /* modules that may have no code any more, as they are
                                    uninstalled later: not half way; NULL: none */
    bool needs_way_back; /* the command cannot be repeated: it begins from a copy each time */
};

/* Does it; `step` ends with it. For start. */
void module_work_start(struct step_run *step, struct module_work work);

/* For cancel. */
void module_work_cancel(struct step_run *step);

#endif
