/* Talking to an environment's servers outside of a run: what commands need that only look or tidy.
 */
#ifndef RUNTIME_OUTSIDE_H
#define RUNTIME_OUTSIDE_H

#include "runtime/postgres/session.h"
#include "runtime/run.h"

/* As much of a run as sessions, locks and the reading of facts need. `name` is what the server
 * shows: "drehbuch clean". It has no folder, no steps and no listener. */
struct run *run_outside(struct arena *arena, uv_loop_t *loop, const struct environment *environment,
                        const char *name);

/* Opens a session; blocks until the server has answered. */
const struct error *outside_open(struct run *run, struct session_target target,
                                 struct session **session);

/* Asks for one field that holds JSON, or NULL; blocks until it is read into the arena of the run.
 * *answer is NULL for NULL and for no row. */
const struct error *outside_ask(struct run *run, struct session *session, const char *sql,
                                struct value **answer);

/* Closes it, and lets the loop forget it. NULL is allowed. */
void outside_close(struct run *run, struct session *session);

#endif
