/* How commands that read plans print what is wrong with them. */
#ifndef CLI_DIAGNOSE_H
#define CLI_DIAGNOSE_H

#include <stdio.h>

#include "base/diagnostic.h"
#include "cli/command.h"
#include "runtime/environment.h"

/* Prints the diagnostics for people to `stream` (whose terminal is `terminal`), sorted. */
void diagnose_print_text(struct diagnostics *diagnostics, FILE *stream,
                         const struct terminal *terminal);

/* Prints them to standard output for programs: JSON, or SARIF. */
void diagnose_print_json(struct diagnostics *diagnostics);
void diagnose_print_sarif(struct diagnostics *diagnostics);

/* What was found in a file that a command reads by the way: to standard error, but where standard
 * output is for a program its errors go there. */
void diagnose_tell(const struct invocation *invocation, struct diagnostics *diagnostics);

/* The environment that the option --environment names, for `plan` (NULL: for none); tells what is
 * wrong with it. Where none is named that is an error. */
const struct error *diagnose_load_environment(const struct invocation *invocation,
                                              const struct compiled_plan *plan,
                                              struct environment **environment);

/* "2 errors, 1 warning" */
const char *diagnose_count(struct arena *arena, const struct diagnostics *diagnostics);

#endif
