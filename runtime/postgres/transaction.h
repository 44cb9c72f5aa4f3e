/* What all transactional kinds are made of: statements in one transaction on the working database,
 * ended by the step's receipt.
 *
 * A step says which statements; from then on it runs by itself and ends with step_finish: committed
 * with its receipt, or rolled back with an error. An answer's callback may add further statements,
 * and effects, or fail the step by returning an error. */
#ifndef RUNTIME_POSTGRES_TRANSACTION_H
#define RUNTIME_POSTGRES_TRANSACTION_H

#include "runtime/postgres/session.h"
#include "runtime/steps/kind.h"

struct transaction;

/* Called with the answer of a statement; `context` is what was given with it. */
typedef const struct error *transaction_callback(struct transaction *transaction, void *context,
                                                 const struct session_answer *answer);

/* Begins: once the session is there, `build` adds the statements (and can quote by libpq).
 * `step->state` becomes the transaction, so that transaction_cancel can serve as the kind's cancel.
 */
void transaction_run(struct step_run *step,
                     const struct error *(*build)(struct transaction *transaction));

/* The same statements in the transaction that is open on `session` and that somebody else rolls
 * back afterwards: for a kind's preview. Writes no receipt; ends with step_finish and the effects,
 * or with the error, which leaves the transaction as PostgreSQL left it. */
void transaction_try(struct step_run *step, struct session *session,
                     const struct error *(*build)(struct transaction *transaction));

struct step_run *transaction_step(struct transaction *transaction);

/* Adds a statement with text parameters (NULL for NULL); `callback` may be NULL. */
void transaction_add(struct transaction *transaction, const char *sql, int parameter_count,
                     const char *const *parameters, transaction_callback *callback, void *context);

/* Adds a text that may hold several statements. The first one of a transaction travels together
 * with BEGIN. */
void transaction_add_text(struct transaction *transaction, const char *sql,
                          transaction_callback *callback, void *context);

/* Adds a text that nothing follows and that nobody has to look at before it is committed: all of it
 * goes to the server in one message. The rows that it affects become the effect `rows`, though not
 * in the receipt. */
void transaction_add_last_text(struct transaction *transaction, const char *sql);

/* Adds a member to the step's effects, as long as the transaction has not ended. */
void transaction_set_effect(struct transaction *transaction, const char *key, struct value *value);
struct value *transaction_effects(struct transaction *transaction);

/* For struct step_kind. */
void transaction_cancel(struct step_run *step);
enum step_nature transaction_nature(const struct value *spec);

/* `sql` with its `${bindings}` as literals. */
const char *transaction_expand_bindings(struct transaction *transaction, const char *sql);

/* `text` as an SQL literal, `name` as an identifier, quoted by libpq; in the step's arena. */
const char *transaction_quote(struct transaction *transaction, const char *text);
const char *transaction_quote_identifier(struct transaction *transaction, const char *name);

#endif
