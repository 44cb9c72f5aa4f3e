/* An Odoo command as a step's child: `odoo -u all --stop-after-init`, and the like. Its output goes
 * to the step's log. */
#ifndef RUNTIME_ODOO_COMMAND_H
#define RUNTIME_ODOO_COMMAND_H

#include "runtime/odoo/installation.h"
#include "runtime/steps/kind.h"

struct odoo_command;

/* The command has ended, and so has everything of it that worked on the database. */
typedef void odoo_command_ended(struct odoo_command *command, const struct error *error);

/* Starts Odoo `series` for the step with `call`. `ended` comes from the loop. */
struct odoo_command *odoo_command_start(struct step_run *step, const char *series,
                                        struct installation_call call, void *context,
                                        odoo_command_ended *ended);

struct step_run *odoo_command_step(const struct odoo_command *command);
void *odoo_command_context(const struct odoo_command *command);

/* Adds what its log says to the step's effects, once it has ended. */
void odoo_command_describe(const struct odoo_command *command, struct value *effects);

/* Asks it to stop; it still ends as above, with OUTCOME_INTERRUPTED. */
void odoo_command_stop(struct odoo_command *command);

#endif
