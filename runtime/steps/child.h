/* A program that the plan or the environment names, as a step's child: what it prints goes to the
 * step's log, and its end is the step's. */
#ifndef RUNTIME_STEPS_CHILD_H
#define RUNTIME_STEPS_CHILD_H

#include "runtime/steps/kind.h"

/* Whether the program is there (in PATH, where its name has no slash): NULL, or what is missing. */
const struct error *child_find(struct arena *arena, const char *program);

/* The words of a list as an argument vector, NULL-terminated. */
const char *const *child_arguments(struct arena *arena, const struct value *words);

/* Starts it. `step->state` becomes the child, so that child_cancel can serve as the kind's cancel;
 * its exit code becomes the step's effect. `variables` ("NAME=VALUE", NULL-terminated) are added to
 * the environment; may be NULL. */
void child_start(struct step_run *step, const char *const *arguments, const char *const *variables);

void child_cancel(struct step_run *step);

#endif
