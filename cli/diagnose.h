/* How commands that read plans print what is wrong with them. */
#ifndef CLI_DIAGNOSE_H
#define CLI_DIAGNOSE_H

#include <stdio.h>

#include "base/diagnostic.h"
#include "cli/command.h"

/* Prints the diagnostics for people to `stream` (whose terminal is `terminal`), sorted. */
void diagnose_print_text(struct diagnostics *diagnostics, FILE *stream,
                         const struct terminal *terminal);

/* Prints them to standard output for programs: JSON, or SARIF. */
void diagnose_print_json(struct diagnostics *diagnostics);
void diagnose_print_sarif(struct diagnostics *diagnostics);

/* "2 errors, 1 warning" */
const char *diagnose_count(struct arena *arena, const struct diagnostics *diagnostics);

#endif
