/* The session with Odoo's shell: one process, one load of the registry, for all adjacent steps that
 * need the shell of one version.
 *
 * The process gets the harness (harness/) on standard input, which Odoo reads to its end before it
 * runs anything; so requests come by NOTIFY on the working database, signed with a key that only
 * the two know, and answers by the channel. Drehbuch's own session holds an advisory lock: when it
 * is gone, the process ends itself, wherever it runs. */
#ifndef RUNTIME_ODOO_SHELL_H
#define RUNTIME_ODOO_SHELL_H

#include "runtime/run.h"

struct shell;
struct step_run;

struct shell *shell_create(struct run *run);

/* What an operation of the harness saw (in the step's arena), or why it failed. */
typedef void shell_answered(struct step_run *step, const struct error *error,
                            struct value *effects);

/* Has the shell of Odoo `series` do the step: `operation` names a function of the harness, which
 * gets the step's specification with its bindings' names. Begins a session where none is open. One
 * step at a time. The answer comes from the loop. */
void shell_call(struct shell *shell, struct step_run *step, const char *series,
                const char *operation, shell_answered *answered);

/* Ends the session with the step in it; its answer still comes. */
void shell_cancel(struct shell *shell);

/* The version whose session is open, or NULL. */
const char *shell_series(const struct shell *shell);

/* Ends the session, in which no step is. `ended` comes from the loop. */
void shell_end(struct shell *shell, void (*ended)(void *context), void *context);

#endif
