/* Talking to an environment's servers outside of a run: what commands need that only look or tidy.
 */
#ifndef RUNTIME_OUTSIDE_H
#define RUNTIME_OUTSIDE_H

#include "runtime/run.h"

/* As much of a run as sessions, locks and the reading of facts need. `name` is what the server
 * shows: "drehbuch clean". It has no folder, no steps and no listener. */
struct run *run_outside(struct arena *arena, uv_loop_t *loop, const struct environment *environment,
                        const char *name);

#endif
