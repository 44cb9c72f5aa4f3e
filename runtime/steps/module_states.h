/* Which modules are there, in which state and version, before and after Odoo has worked on them:
 * what a step did, and whether it did all of it. */
#ifndef RUNTIME_STEPS_MODULE_STATES_H
#define RUNTIME_STEPS_MODULE_STATES_H

#include "runtime/steps/kind.h"

struct conversation;

/* `found` gets an object of module to {state, version} from the working database. What goes wrong
 * ends the step. */
struct conversation *module_states_read(struct step_run *step,
                                        void (*found)(void *context, struct value *states),
                                        void *context);

/* The same, once those of `modules` (a list; NULL: none) that wait for an update for which they
 * have no code are installed again. */
struct conversation *module_states_settle(struct step_run *step, const struct value *modules,
                                          void (*found)(void *context, struct value *states),
                                          void *context);

/* Adds to `effects` what differs: `modules` (states), `versions`. */
void module_states_compare(struct arena *arena, const struct value *before,
                           const struct value *after, struct value *effects);

/* An error that names the modules which Odoo has left half way, or NULL. */
const struct error *module_states_check_whole(struct arena *arena, const struct value *states);

/* An error that names those of `modules` (a list; NULL: none) that are not installed, or NULL. */
const struct error *module_states_check_installed(struct arena *arena, const struct value *states,
                                                  const struct value *modules);

/* An error that names the installed modules whose version is not of `series`, but for `leaving` (a
 * list; NULL: none), or NULL. A module without a version counts as well. */
const struct error *module_states_check_series(struct arena *arena, const struct value *states,
                                               const char *series, const struct value *leaving);

#endif
