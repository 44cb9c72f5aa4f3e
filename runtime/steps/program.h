/* One of PostgreSQL's client programs as a step's child: its output goes to the step's log. psql,
 * which would go on, is stopped at its first error that is not known to be harmless. */
#ifndef RUNTIME_STEPS_PROGRAM_H
#define RUNTIME_STEPS_PROGRAM_H

#include "runtime/environment.h"
#include "runtime/process.h"
#include "runtime/steps/kind.h"

struct program;

/* Called at the end: the error says what the program last complained of; `exit_code` is there to be
 * judged where only that was wrong. */
typedef void program_ended(struct program *program, const struct error *error);

/* `arguments` is NULL-terminated; `address` gives the password, or NULL. */
struct program *program_start(struct step_run *step, const char *const *arguments,
                              const struct database_address *address, void *context,
                              program_ended *ended);

struct step_run *program_step(const struct program *program);
void *program_context(const struct program *program);

/* Lines on standard error that begin with the program's "error:", but for those that are known to
 * be harmless. */
int program_error_count(const struct program *program);

/* How many errors it told of that are known to be harmless. */
int program_harmless_count(const struct program *program);
int64_t program_exit_code(const struct program *program);

void program_stop(struct program *program);

#endif
