#include "runtime/postgres/transaction.h"

#include <string.h>

#include "base/json.h"
#include "runtime/postgres/quoted_bindings.h"
#include "runtime/postgres/work.h"

struct statement {
    struct statement *next;
    const char *sql;
    bool is_text;
    bool is_last; /* committed in the same message */
    int parameter_count;
    const char *const *parameters;
    transaction_callback *callback;
    void *context;
};

struct transaction {
    struct step_run *step;
    struct session *session; /* NULL until it has begun */
    const struct error *(*build)(struct transaction *transaction);
    struct statement *first;
    struct statement *last;
    struct value *effects;
    const struct error *error; /* the first: what the step ends with after ROLLBACK */
    bool is_trial;             /* somebody else's transaction, which is not to be ended here */
    bool cancelled;
};

struct step_run *transaction_step(struct transaction *transaction)
{
    return transaction->step;
}

static struct statement *transaction_append(struct transaction *transaction, const char *sql,
                                            transaction_callback *callback, void *context)
{
    struct statement *statement = arena_allocate(transaction->step->arena, sizeof *statement);
    statement->sql = arena_copy(transaction->step->arena, sql);
    statement->callback = callback;
    statement->context = context;
    if (transaction->last)
        transaction->last->next = statement;
    else
        transaction->first = statement;
    transaction->last = statement;
    return statement;
}

void transaction_add(struct transaction *transaction, const char *sql, int parameter_count,
                     const char *const *parameters, transaction_callback *callback, void *context)
{
    struct arena *arena = transaction->step->arena;
    struct statement *statement = transaction_append(transaction, sql, callback, context);
    const char **copies = arena_allocate(arena, (size_t)parameter_count * sizeof *copies);
    for (int i = 0; i < parameter_count; i++)
        copies[i] = parameters[i] ? arena_copy(arena, parameters[i]) : NULL;
    statement->parameter_count = parameter_count;
    statement->parameters = copies;
}

void transaction_add_text(struct transaction *transaction, const char *sql,
                          transaction_callback *callback, void *context)
{
    transaction_append(transaction, sql, callback, context)->is_text = true;
}

void transaction_add_last_text(struct transaction *transaction, const char *sql)
{
    struct statement *statement = transaction_append(transaction, sql, NULL, NULL);
    statement->is_text = true;
    statement->is_last = true;
}

void transaction_set_effect(struct transaction *transaction, const char *key, struct value *value)
{
    value_set(transaction->step->arena, transaction->effects, key, value);
}

struct value *transaction_effects(struct transaction *transaction)
{
    return transaction->effects;
}

/* libpq's copy becomes the arena's. NULL comes only where the text is not UTF-8 (or there is no
 * memory). */
static const char *transaction_keep_quoted(struct transaction *transaction, char *quoted)
{
    const char *kept = quoted ? arena_copy(transaction->step->arena, quoted) : "NULL";
    PQfreemem(quoted);
    return kept;
}

const char *transaction_quote(struct transaction *transaction, const char *text)
{
    return transaction_keep_quoted(
        transaction, PQescapeLiteral(session_connection(transaction->session), text, strlen(text)));
}

const char *transaction_quote_identifier(struct transaction *transaction, const char *name)
{
    return transaction_keep_quoted(
        transaction,
        PQescapeIdentifier(session_connection(transaction->session), name, strlen(name)));
}

const char *transaction_expand_bindings(struct transaction *transaction, const char *sql)
{
    return quoted_bindings_expand(transaction->step->run, transaction->step->arena,
                                  session_connection(transaction->session), sql);
}

static void transaction_rolled_back(void *context, const struct session_answer *answer)
{
    struct transaction *transaction = context;
    (void)answer; /* a lost connection rolls back as well */
    session_on_notice(transaction->session, NULL, NULL);
    step_finish(transaction->step, transaction->error, NULL);
}

static void transaction_fail(struct transaction *transaction, const struct error *error)
{
    /* The session's errors live no longer than the session. */
    struct arena *arena = transaction->step->arena;
    transaction->error =
        error_create(arena, error->outcome, error->help ? arena_copy(arena, error->help) : NULL,
                     "%s", error->message);
    if (transaction->is_trial)
        step_finish(transaction->step, transaction->error, NULL);
    else
        session_execute(transaction->session, "ROLLBACK", transaction_rolled_back, transaction);
}

/* Before 15 the session is closed after each step (work.c), and nobody would hear of a crash then.
 */
static bool transaction_is_asynchronous(const struct transaction *transaction)
{
    return PQserverVersion(session_connection(transaction->session)) >= 150000;
}

/* Temporary tables would be there for the next step, but not after a resume. */
static void transaction_cleared(void *context, const struct session_answer *answer)
{
    struct transaction *transaction = context;
    (void)answer; /* where the session is lost, so are they */
    step_finish(transaction->step, NULL, transaction->effects);
}

static void transaction_committed(void *context, const struct session_answer *answer)
{
    struct transaction *transaction = context;
    struct arena *arena = transaction->step->arena;
    const struct error *error = answer->error;
    if (transaction_is_asynchronous(transaction)) /* also where it failed: it may have been after */
        work_note_commit(transaction->step->run->work);
    if (error && answer->sqlstate[0] == '\0')
        error = error_create(arena, OUTCOME_FAILED,
                             "resume the run: the step's receipt tells whether it was committed",
                             "the connection was lost while the step was committed");
    struct value *effects = NULL;
    if (!error) {
        const char *json = PQgetvalue(answer->result, 0, 0);
        error = json_read(arena, (struct text){.bytes = json, .length = strlen(json)},
                          "the receipt", &effects);
    }
    if (error) {
        transaction_fail(transaction, error);
        return;
    }
    if (transaction->first && transaction->first->is_last)
        value_set(arena, effects, "rows", value_integer(arena, answer->rows));
    session_on_notice(transaction->session, NULL, NULL);
    transaction->effects = effects;
    if (strcmp(PQgetvalue(answer->result, 0, 1), "t") == 0)
        session_execute(transaction->session, "DISCARD TEMP", transaction_cleared, transaction);
    else
        step_finish(transaction->step, NULL, effects);
}

/* `sql` (which may be empty), what it has deferred to the end, receipt and COMMIT in one message,
 * and behind them an end of all that the step's SQL may have set for the session: a step must find
 * the same, whether it comes after another one or after a resume. */
static void transaction_commit(struct transaction *transaction, const char *sql)
{
    struct step_run *step = transaction->step;
    struct buffer effects = {0}, text = {0};
    json_write(&effects, transaction->effects, JSON_COMPACT);
    buffer_format(&text,
                  "%s\n;SET CONSTRAINTS ALL IMMEDIATE; SELECT drehbuch.write_receipt(%s, %s, '%s', "
                  "%s), pg_my_temp_schema() <> 0; "
                  "COMMIT; RESET SESSION AUTHORIZATION; RESET ALL",
                  sql, transaction_quote(transaction, step->run->id),
                  transaction_quote(transaction, step->step->id), step->step->digest,
                  transaction_quote(transaction, buffer_string(&effects)));
    session_execute(transaction->session, buffer_string(&text), transaction_committed, transaction);
    buffer_release(&effects);
    buffer_release(&text);
}

static void transaction_tried(void *context, const struct session_answer *answer)
{
    struct transaction *transaction = context;
    if (answer->error) {
        transaction_fail(transaction, answer->error);
        return;
    }
    transaction_set_effect(transaction, "rows",
                           value_integer(transaction->step->arena, answer->rows));
    step_finish(transaction->step, NULL, transaction->effects);
}

/* All statements are done; `sql` is what was to be committed together with them, or empty. */
static void transaction_conclude(struct transaction *transaction, const char *sql)
{
    if (!transaction->is_trial)
        transaction_commit(transaction, sql);
    else if (sql[0])
        session_execute(transaction->session, sql, transaction_tried, transaction);
    else
        step_finish(transaction->step, NULL, transaction->effects);
}

static void transaction_next(struct transaction *transaction);

static void transaction_answered(void *context, const struct session_answer *answer)
{
    struct transaction *transaction = context;
    struct statement *statement = transaction->first;
    const struct error *error = answer->error;
    if (!error && statement->callback)
        error = statement->callback(transaction, statement->context, answer);
    transaction->first = statement->next;
    if (!transaction->first)
        transaction->last = NULL;
    if (!error && transaction->cancelled)
        error = error_create(transaction->step->arena, OUTCOME_INTERRUPTED, NULL,
                             "it was asked to stop");
    if (error)
        transaction_fail(transaction, error);
    else
        transaction_next(transaction);
}

static void transaction_next(struct transaction *transaction)
{
    const struct statement *statement = transaction->first;
    if (!statement)
        transaction_conclude(transaction, "");
    else if (statement->is_last)
        transaction_conclude(transaction, statement->sql);
    else if (statement->is_text)
        session_execute(transaction->session, statement->sql, transaction_answered, transaction);
    else
        session_query(transaction->session, statement->sql, statement->parameter_count,
                      statement->parameters, transaction_answered, transaction);
}

static void transaction_begun(void *context, const struct session_answer *answer)
{
    struct transaction *transaction = context;
    if (answer->error)
        transaction_fail(transaction, answer->error);
    else
        transaction_next(transaction);
}

static void transaction_notice(void *context, const char *text)
{
    struct transaction *transaction = context;
    step_log(transaction->step, "notice: %s", text);
}

static void transaction_ready(void *context, struct session *session, const struct error *error)
{
    struct transaction *transaction = context;
    transaction->session = session;
    if (!error && transaction->cancelled)
        error = error_create(transaction->step->arena, OUTCOME_INTERRUPTED, NULL,
                             "it was asked to stop");
    if (!error)
        error = transaction->build(transaction);
    if (error) {
        step_finish(transaction->step, error, NULL);
        return;
    }
    session_on_notice(session, transaction_notice, transaction);
    /* On one line, so that the server's line numbers are those of the step's own text. */
    const char *begin = arena_format(
        transaction->step->arena, "BEGIN; SET LOCAL drehbuch.step = '%s'; %s",
        transaction->step->step->digest,
        transaction_is_asynchronous(transaction) ? "SET LOCAL synchronous_commit = off; " : "");
    struct statement *first = transaction->first;
    if (first && first->is_text) {
        first->sql = arena_format(transaction->step->arena, "%s%s", begin, first->sql);
        transaction_next(transaction);
    } else {
        session_execute(session, begin, transaction_begun, transaction);
    }
}

static struct transaction *
transaction_create(struct step_run *step,
                   const struct error *(*build)(struct transaction *transaction))
{
    struct transaction *transaction = arena_allocate(step->arena, sizeof *transaction);
    transaction->step = step;
    transaction->effects = value_object(step->arena);
    transaction->build = build;
    step->state = transaction;
    return transaction;
}

void transaction_run(struct step_run *step,
                     const struct error *(*build)(struct transaction *transaction))
{
    work_use(step->run->work, transaction_ready, transaction_create(step, build));
}

void transaction_try(struct step_run *step, struct session *session,
                     const struct error *(*build)(struct transaction *transaction))
{
    struct transaction *transaction = transaction_create(step, build);
    transaction->is_trial = true;
    transaction->session = session;
    const struct error *error = build(transaction);
    if (error)
        step_finish(step, error, NULL);
    else
        transaction_next(transaction);
}

void transaction_cancel(struct step_run *step)
{
    struct transaction *transaction = step->state;
    transaction->cancelled = true;
    if (transaction->session)
        session_cancel(transaction->session);
}

enum step_nature transaction_nature(const struct value *spec)
{
    (void)spec;
    return NATURE_TRANSACTIONAL;
}
