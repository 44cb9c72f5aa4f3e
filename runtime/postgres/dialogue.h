/* A session whose answers are waited for: for a command that does one thing after the other and
 * has the event loop for itself. What is on the loop besides (Ctrl-C) is served meanwhile. */
#ifndef RUNTIME_POSTGRES_DIALOGUE_H
#define RUNTIME_POSTGRES_DIALOGUE_H

#include "runtime/run.h"

struct dialogue;

/* Connects. Errors of a dialogue live in `arena`. `stopped`, which has to live as long, is set by
 * whoever interrupts: the next question is then answered with OUTCOME_INTERRUPTED. */
const struct error *dialogue_open(struct run *run, struct arena *arena,
                                  struct session_target target, const bool *stopped,
                                  struct dialogue **dialogue);

/* Asks, and waits. `*result` (may be NULL) lives until the next question. */
const struct error *dialogue_ask(struct dialogue *dialogue, const char *sql, int parameter_count,
                                 const char *const *parameters, const PGresult **result);

/* Several statements, without parameters; the result is the last one with rows. */
const struct error *dialogue_execute(struct dialogue *dialogue, const char *sql,
                                     const PGresult **result);

/* Where the last question failed: its SQLSTATE, "" for a lost connection. */
const char *dialogue_sqlstate(const struct dialogue *dialogue);

/* Asks also when stopped: to tidy up. Errors are of no use any more. */
void dialogue_tidy(struct dialogue *dialogue, const char *sql);

struct session *dialogue_session(struct dialogue *dialogue);

/* Closes it and waits until that is done. NULL is allowed. */
void dialogue_close(struct dialogue *dialogue);

/* Waits, serving the loop, until `*done`. */
void dialogue_wait(uv_loop_t *loop, const bool *done);

/* A value of a result, as a text in `arena`; NULL for NULL. */
const char *dialogue_text(struct arena *arena, const PGresult *result, int row, int column);

#endif
