/* What `run` and `resume` have in common: somebody watches, and the end is told once. */
#ifndef CLI_PERFORM_H
#define CLI_PERFORM_H

#include "cli/command.h"
#include "runtime/executor.h"

/* A new run of `compiled` in `environment`, or, where `environment` is NULL, the run in the folder
 * `compiled` gone on with. Leaves the exit code in the invocation; returns the error only where
 * nobody was told of it yet. */
const struct error *perform_run(struct invocation *invocation, const char *compiled,
                                const char *environment, struct executor_options *options);

/* Gives up the run in `folder`: takes back what it has published. */
const struct error *perform_rollback(struct invocation *invocation, const char *folder,
                                     struct executor_options *options);

#endif
