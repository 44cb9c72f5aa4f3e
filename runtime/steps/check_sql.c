/* `check.sql` and `check.rows`: a figure of the working database, against a value, a range, or the
 * same figure of the untouched source. Both databases are read in read-only transactions, one
 * statement each, so that none can take that back. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "runtime/postgres/conversation.h"
#include "runtime/steps/check_result.h"
#include "runtime/steps/kinds.h"

#define SHOWN_LENGTH 200 /* bytes of an answer that a message shows */

/* What the check asks; of one database, or of both. */
struct question {
    const char *sql; /* with its bindings still in it, or made by us */
    bool same_as_source;
    const char *range;           /* or NULL */
    const struct value *literal; /* or NULL */
    const char *actual;
};

/* All of the answer, so that whole results can be compared: one line a row. */
static const char *answer_write(struct arena *arena, const PGresult *result)
{
    struct buffer text = {0};
    for (int row = 0; row < PQntuples(result); row++)
        for (int column = 0; column < PQnfields(result); column++)
            buffer_format(&text, "%s%s",
                          column ? " | "
                          : row  ? "\n"
                                 : "",
                          PQgetisnull(result, row, column) ? "NULL"
                                                           : PQgetvalue(result, row, column));
    const char *written = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return written;
}

static const char *answer_shorten(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    size_t line = strcspn(text, "\n");
    if (line < length)
        return arena_format(arena, "%.*s ...", (int)(line < SHOWN_LENGTH ? line : SHOWN_LENGTH),
                            text);
    return length > SHOWN_LENGTH ? arena_format(arena, "%.*s ...", SHOWN_LENGTH, text) : text;
}

static const char *literal_write(struct arena *arena, const struct value *literal)
{
    switch (literal->kind) {
    case VALUE_NULL:
        return "NULL";
    case VALUE_BOOLEAN:
        return literal->as.boolean ? "t" : "f";
    case VALUE_INTEGER:
        return arena_format(arena, "%lld", (long long)literal->as.integer);
    case VALUE_REAL:
        return arena_format(arena, "%.17g", literal->as.real);
    default:
        return value_as_string(literal);
    }
}

/* 5 and 5.00 are one number. */
static bool literal_equals(const struct value *literal, const char *expected, const char *actual)
{
    if (literal->kind != VALUE_INTEGER && literal->kind != VALUE_REAL)
        return strcmp(expected, actual) == 0;
    char *end = NULL;
    double number = strtod(actual, &end);
    double wanted = literal->kind == VALUE_INTEGER ? (double)literal->as.integer : literal->as.real;
    return actual[0] != '\0' && *end == '\0' && number == wanted;
}

static void question_judge(struct conversation *conversation, const char *expected, bool passed)
{
    struct question *question = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    const char *actual = answer_shorten(step->arena, question->actual);
    expected = answer_shorten(step->arena, expected);
    struct value *effects = check_describe(step, actual, expected, passed);
    conversation_end(conversation, check_judge(step, actual, expected, passed), effects);
}

static void question_take_source(struct conversation *conversation,
                                 const struct session_answer *answer)
{
    const struct question *question = conversation_context(conversation);
    const char *source = answer_write(conversation_step(conversation)->arena, answer->result);
    question_judge(conversation, source, strcmp(source, question->actual) == 0);
}

static const char *question_sql(struct conversation *conversation)
{
    const struct question *question = conversation_context(conversation);
    return conversation_expand_bindings(conversation, question->sql);
}

static void question_source_ready(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    (void)answer;
    conversation_ask(conversation, question_sql(conversation), 0, NULL, question_take_source);
}

#define READ_ONLY "SET default_transaction_read_only = on"

static void question_source_opened(struct conversation *conversation,
                                   const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, READ_ONLY, question_source_ready);
}

static void question_take_work(struct conversation *conversation,
                               const struct session_answer *answer)
{
    struct question *question = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    question->actual = answer_write(step->arena, answer->result);
    if (question->same_as_source) {
        conversation_move(conversation, &step->run->environment->source, NULL,
                          question_source_opened);
        return;
    }
    if (PQntuples(answer->result) != 1 || PQnfields(answer->result) != 1) {
        conversation_end(conversation,
                         error_create(step->arena, OUTCOME_FAILED,
                                      "let the query return one row with one column",
                                      "the query returned %d rows with %d columns",
                                      PQntuples(answer->result), PQnfields(answer->result)),
                         NULL);
        return;
    }
    const char *expected =
        question->range ? question->range : literal_write(step->arena, question->literal);
    bool passed = question->range ? check_is_in_range(question->actual, question->range)
                                  : literal_equals(question->literal, expected, question->actual);
    question_judge(conversation, expected, passed);
}

static void question_work_ready(struct conversation *conversation,
                                const struct session_answer *answer)
{
    (void)answer;
    conversation_ask(conversation, question_sql(conversation), 0, NULL, question_take_work);
}

static void question_work_opened(struct conversation *conversation,
                                 const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, READ_ONLY, question_work_ready);
}

static void check_sql_start(struct step_run *step)
{
    struct question *question = arena_allocate(step->arena, sizeof *question);
    const struct value *equals = value_get(step->spec, "equals");
    question->sql = value_get_string(step->step->spec, "sql");
    question->same_as_source = value_get_boolean(equals, "source", false);
    question->literal = value_get(equals, "value");
    question->range = value_get_string(step->spec, "range");
    conversation_open(step, &step->run->environment->work, NULL, question, question_work_opened);
}

/* ---- check.rows: the same, with a query of ours ---- */

static void check_rows_opened(struct conversation *conversation,
                              const struct session_answer *answer)
{
    struct question *question = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    const char *table = value_get_string(step->spec, "table");
    const char *dot = strchr(table, '.');
    const char *name = conversation_quote_identifier(conversation, dot ? dot + 1 : table);
    if (dot)
        name = arena_format(
            step->arena, "%s.%s",
            conversation_quote_identifier(
                conversation, arena_copy_bytes(step->arena, table, (size_t)(dot - table))),
            name);
    question->sql = arena_format(step->arena, "SELECT count(*) FROM %s", name);
    question_work_opened(conversation, answer);
}

static void check_rows_start(struct step_run *step)
{
    struct question *question = arena_allocate(step->arena, sizeof *question);
    question->same_as_source = value_get_boolean(step->spec, "source", false);
    question->range = value_get_string(step->spec, "range");
    conversation_open(step, &step->run->environment->work, NULL, question, check_rows_opened);
}

const struct step_kind kind_check_sql = {
    .name = "check.sql",
    .resource = RESOURCE_NOTHING,
    .nature = nature_repeatable,
    .start = check_sql_start,
    .cancel = conversation_cancel,
};

const struct step_kind kind_check_rows = {
    .name = "check.rows",
    .resource = RESOURCE_NOTHING,
    .nature = nature_repeatable,
    .start = check_rows_start,
    .cancel = conversation_cancel,
};
