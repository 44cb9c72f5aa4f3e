/* What backup and restore share: one step by hand, with its progress on the terminal. */
#ifndef CLI_ERRAND_H
#define CLI_ERRAND_H

#include "cli/command.h"
#include "runtime/environment.h"

/* Performs the step and prints what was made (by its effects; else `made`), how large it is and how
 * many files it has, or with --json all effects. */
const struct error *errand_run(struct invocation *invocation, const char *kind, struct value *spec,
                               const struct environment *environment, const char *made);

#endif
