#include "runtime/postgres/conversation.h"

#include <string.h>

#include "runtime/postgres/quoted_bindings.h"

struct conversation {
    struct step_run *step;
    struct session *session;
    void *context;
    conversation_next *next;
    bool hears_errors;          /* `next` wants them */
    bool cancelled;             /* ends as soon as what is running has ended */
    bool whole;                 /* see conversation_keep_whole */
    const char *drop;           /* what is sent once the sessions are ended ... */
    conversation_next *dropped; /* ... and what then comes */
};

struct step_run *conversation_step(struct conversation *conversation)
{
    return conversation->step;
}

void *conversation_context(struct conversation *conversation)
{
    return conversation->context;
}

void conversation_set_context(struct conversation *conversation, void *context)
{
    conversation->context = context;
}

static bool conversation_is_over(struct conversation *conversation)
{
    if (!conversation->cancelled || conversation->whole)
        return false;
    conversation_end(
        conversation,
        error_create(conversation->step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop"),
        NULL);
    return true;
}

static void conversation_opened(void *context, const struct error *error)
{
    struct conversation *conversation = context;
    if (error)
        conversation_end(conversation, error, NULL);
    else if (!conversation_is_over(conversation))
        conversation->next(conversation, NULL);
}

void conversation_move(struct conversation *conversation, const struct database_address *address,
                       const char *database, conversation_next *next)
{
    struct run *run = conversation->step->run;
    session_close(conversation->session);
    conversation->next = next;
    conversation->session = session_open(run->loop, run_target(run, address, database),
                                         conversation_opened, conversation);
}

struct conversation *conversation_open(struct step_run *step,
                                       const struct database_address *address, const char *database,
                                       void *context, conversation_next *next)
{
    struct conversation *conversation = arena_allocate(step->arena, sizeof *conversation);
    conversation->step = step;
    conversation->context = context;
    step->state = conversation;
    conversation_move(conversation, address, database, next);
    return conversation;
}

static void conversation_answered(void *context, const struct session_answer *answer)
{
    struct conversation *conversation = context;
    if (answer->error && !conversation->hears_errors)
        conversation_end(conversation, answer->error, NULL);
    else if (answer->error || !conversation_is_over(conversation))
        conversation->next(conversation, answer);
}

void conversation_ask(struct conversation *conversation, const char *sql, int parameter_count,
                      const char *const *parameters, conversation_next *next)
{
    conversation->next = next;
    conversation->hears_errors = false;
    session_query(conversation->session, sql, parameter_count, parameters, conversation_answered,
                  conversation);
}

void conversation_execute(struct conversation *conversation, const char *sql,
                          conversation_next *next)
{
    conversation->next = next;
    conversation->hears_errors = false;
    session_execute(conversation->session, sql, conversation_answered, conversation);
}

void conversation_try(struct conversation *conversation, const char *sql, conversation_next *next)
{
    conversation->next = next;
    conversation->hears_errors = true;
    session_execute(conversation->session, sql, conversation_answered, conversation);
}

static void conversation_sessions_ended(struct conversation *conversation,
                                        const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, conversation->drop, conversation->dropped);
}

/* WITH (FORCE) is of no use to a role that is no superuser: it is refused while autovacuum is in
 * the database. Without, the server ends autovacuum by itself, and waits some seconds for sessions
 * that were told to end. */
void conversation_drop(struct conversation *conversation, const char *database,
                       conversation_next *next)
{
    conversation->drop = arena_format(conversation->step->arena, "DROP DATABASE IF EXISTS %s",
                                      conversation_quote_identifier(conversation, database));
    conversation->dropped = next;
    conversation_ask(conversation,
                     "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 "
                     "AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
                     1, &database, conversation_sessions_ended);
}

void conversation_leave(struct conversation *conversation)
{
    session_close(conversation->session);
    conversation->session = NULL;
}

void conversation_end(struct conversation *conversation, const struct error *error,
                      struct value *effects)
{
    struct step_run *step = conversation->step;
    if (error) /* the session's errors end with it */
        error = error_create(step->arena, error->outcome,
                             error->help ? arena_copy(step->arena, error->help) : NULL, "%s",
                             error->message);
    conversation_leave(conversation);
    step_finish(step, error, effects);
}

const char *conversation_expand_bindings(struct conversation *conversation, const char *sql)
{
    return quoted_bindings_expand(conversation->step->run, conversation->step->arena,
                                  session_connection(conversation->session), sql);
}

const char *conversation_quote(struct conversation *conversation, const char *text)
{
    return session_quote(conversation->session, conversation->step->arena, text);
}

const char *conversation_quote_identifier(struct conversation *conversation, const char *name)
{
    return session_quote_identifier(conversation->session, conversation->step->arena, name);
}

void conversation_keep_whole(struct conversation *conversation, bool whole)
{
    conversation->whole = whole;
}

void conversation_cancel(struct step_run *step)
{
    conversation_stop(step->state);
}

void conversation_stop(struct conversation *conversation)
{
    conversation->cancelled = true;
    if (conversation->session)
        session_cancel(conversation->session);
}
