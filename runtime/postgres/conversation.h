/* A step's questions to a database, one after the other, over a session of its own. For what is not
 * a transaction with a receipt: checks, copies, looking around. */
#ifndef RUNTIME_POSTGRES_CONVERSATION_H
#define RUNTIME_POSTGRES_CONVERSATION_H

#include "runtime/postgres/session.h"
#include "runtime/run.h"
#include "runtime/steps/kind.h"

struct conversation;

/* Called with the answer to a question that went well (NULL for the opening); a question that goes
 * wrong ends the conversation and the step with its error, unless it was asked with
 * conversation_try. */
typedef void conversation_next(struct conversation *conversation,
                               const struct session_answer *answer);

/* Opens the session; `step->state` becomes the conversation, so that conversation_cancel can serve
 * as the kind's cancel. `database` NULL: the address's own. `context` is the kind's. */
struct conversation *conversation_open(struct step_run *step,
                                       const struct database_address *address, const char *database,
                                       void *context, conversation_next *next);

struct step_run *conversation_step(struct conversation *conversation);
void *conversation_context(struct conversation *conversation);

/* For what takes over a conversation for a while; it gives back the context it found. */
void conversation_set_context(struct conversation *conversation, void *context);

void conversation_ask(struct conversation *conversation, const char *sql, int parameter_count,
                      const char *const *parameters, conversation_next *next);

/* Several statements, no parameters. */
void conversation_execute(struct conversation *conversation, const char *sql,
                          conversation_next *next);

/* The same, but `next` also gets an answer with an error. */
void conversation_try(struct conversation *conversation, const char *sql, conversation_next *next);

/* Ends the sessions of another database of the server and drops it; nothing where it is not there.
 */
void conversation_drop(struct conversation *conversation, const char *database,
                       conversation_next *next);

/* Goes on with another database; the step stays the same. */
void conversation_move(struct conversation *conversation, const struct database_address *address,
                       const char *database, conversation_next *next);

/* Closes the session and finishes the step. `error` may be of the session. */
void conversation_end(struct conversation *conversation, const struct error *error,
                      struct value *effects);

/* Closes the session, without finishing the step: it goes on with something else. */
void conversation_leave(struct conversation *conversation);

/* `sql` with its `${bindings}` as literals. */
const char *conversation_expand_bindings(struct conversation *conversation, const char *sql);

/* Quoted by libpq, in the step's arena. */
const char *conversation_quote(struct conversation *conversation, const char *text);
const char *conversation_quote_identifier(struct conversation *conversation, const char *name);

/* While `whole`, a cancelled conversation goes on with what it has begun and must not leave by
 * half; the running query is cancelled all the same. */
void conversation_keep_whole(struct conversation *conversation, bool whole);

void conversation_cancel(struct step_run *step);

/* The same, where the conversation is not the step's state. */
void conversation_stop(struct conversation *conversation);

#endif
