/* `sql`: a fix in SQL, in one transaction with its receipt; or, where it asks for none, by itself.
 */
#include <string.h>

#include "base/notation.h"
#include "runtime/postgres/conversation.h"
#include "runtime/postgres/quoted_bindings.h"
#include "runtime/postgres/transaction.h"
#include "runtime/steps/kinds.h"

static bool sql_has_transaction(const struct value *spec)
{
    return value_get_boolean(spec, "transaction", true);
}

static enum step_nature sql_nature(const struct value *spec)
{
    return sql_has_transaction(spec) ? NATURE_TRANSACTIONAL : NATURE_ONCE;
}

/* Whether as many rows were affected as the plan expects; it is not committed otherwise. */
static const struct error *sql_check_rows(const struct step_run *step, int64_t rows)
{
    const char *expected = value_get_string(step->spec, "expect_rows");
    struct range range;
    if (!expected || !notation_read_range(expected, &range) || range_contains(range, rows))
        return NULL;
    return error_create(
        step->arena, OUTCOME_FAILED,
        "look at the data, then change the fix or what it expects; it was rolled back",
        "%lld rows were affected, %s are expected", (long long)rows, expected);
}

static const struct error *sql_answered(struct transaction *transaction, void *context,
                                        const struct session_answer *answer)
{
    struct step_run *step = transaction_step(transaction);
    (void)context;
    transaction_set_effect(transaction, "rows", value_integer(step->arena, answer->rows));
    return sql_check_rows(step, answer->rows);
}

static const struct error *sql_build(struct transaction *transaction)
{
    const struct step_run *step = transaction_step(transaction);
    const char *sql =
        transaction_expand_bindings(transaction, value_get_string(step->step->spec, "sql"));
    if (value_get(step->spec, "expect_rows"))
        transaction_add_text(transaction, sql, sql_answered, NULL);
    else
        transaction_add_last_text(transaction, sql);
    return NULL;
}

/* ---- without a transaction: VACUUM, CREATE INDEX CONCURRENTLY ---- */

static void sql_alone_done(struct conversation *conversation, const struct session_answer *answer)
{
    struct step_run *step = conversation_step(conversation);
    struct value *effects = value_object(step->arena);
    value_set(step->arena, effects, "rows", value_integer(step->arena, answer->rows));
    conversation_end(conversation, NULL, effects);
}

static void sql_alone_opened(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    const struct step_run *step = conversation_step(conversation);
    conversation_execute(
        conversation,
        conversation_expand_bindings(conversation, value_get_string(step->step->spec, "sql")),
        sql_alone_done);
}

static void sql_start(struct step_run *step)
{
    if (sql_has_transaction(step->spec))
        transaction_run(step, sql_build);
    else
        conversation_open(step, &step->run->environment->work, NULL, NULL, sql_alone_opened);
}

/* Only for those that a transaction takes back. */
static void sql_preview(struct step_run *step, struct session *session)
{
    transaction_try(step, session, sql_build);
}

static void sql_cancel(struct step_run *step)
{
    if (sql_has_transaction(step->spec))
        transaction_cancel(step);
    else
        conversation_cancel(step);
}

const struct step_kind kind_sql = {
    .name = "sql",
    .resource = RESOURCE_DATABASE,
    .nature = sql_nature,
    .preview = sql_preview,
    .start = sql_start,
    .cancel = sql_cancel,
};
