#include <string.h>

#include "base/template.h"
#include "compiler/compilation.h"
#include "compiler/sql_scanner.h"

/* A check of one SQL text. */
struct sql_check {
    struct compilation *compilation;
    const struct passage *passage;
    enum sql_place place;
    size_t statements;
    bool alone; /* a statement that cannot run in a transaction */
};

static void sql_report(const struct sql_check *check, size_t offset, uint32_t length,
                       const char *name, const char *message, const char *help)
{
    struct diagnostics *diagnostics = check->compilation->diagnostics;
    struct diagnostic *diagnostic = diagnostics_add(
        diagnostics, name, passage_position(check->passage, offset, diagnostics), "%s", message);
    diagnostic->length = length;
    diagnostic->help = help;
}

static uint32_t sql_word_length(const struct sql_check *check, size_t offset)
{
    return (uint32_t)strcspn(check->passage->text + offset, " \t\r\n;('");
}

static void sql_use_binding(const struct sql_check *check, size_t offset)
{
    const char *name = check->passage->text + offset + 2;
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (*name < 'a' || *name > 'z' || name[length] != '}')
        bindings_report_syntax(check->compilation->bindings, check->passage, offset);
    else
        bindings_use(check->compilation->bindings, check->passage, offset, name, length);
}

static void sql_report_transaction(const struct sql_check *check, size_t offset)
{
    sql_report(check, offset, sql_word_length(check, offset), "sql-transaction-control",
               "SQL must not begin or end transactions: each fix is a transaction of its own",
               "remove the statement, or make two fixes of it");
}

static void sql_count_statement(struct sql_check *check, size_t offset)
{
    check->statements++;
    if (check->place == SQL_OF_CHECK && check->statements == 2)
        sql_report(check, offset, sql_word_length(check, offset), "check-statements",
                   "the SQL of a check is one query", "remove the further statements");
    if (check->place == SQL_OF_FIX_ALONE && check->statements == 2)
        sql_report(check, offset, sql_word_length(check, offset), "sql-alone",
                   "with `transaction: false` a fix has one statement",
                   "make a fix of each statement");
}

static void sql_report_unterminated(const struct sql_check *check, size_t offset)
{
    const char *text = check->passage->text + offset;
    if (*text == '/')
        sql_report(check, offset, 2, "sql-unterminated",
                   "the comment that begins here does not end",
                   "end it with */; comments may stand in comments, and each needs its own end");
    else if (*text == '$')
        sql_report(check, offset, (uint32_t)strcspn(text + 1, "$") + 2, "sql-unterminated",
                   "the dollar quote that begins here does not end",
                   "end it with what it begins with");
    else
        sql_report(check, offset, 1, "sql-unterminated", "the quote that begins here does not end",
                   "close it; within a quote, the quote sign is written twice");
}

/* It counts as used: that it is used in the wrong way is enough said. */
static void sql_report_quoted(const struct sql_check *check, size_t offset)
{
    const char *name = check->passage->text + offset + 2;
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    struct arena *arena = check->compilation->arena;
    if (name[length] == '}' &&
        bindings_find(check->compilation->bindings, arena_copy_bytes(arena, name, length)))
        bindings_use(check->compilation->bindings, check->passage, offset, name, length);
    sql_report(
        check, offset, 2, "binding-in-quotes",
        "a binding in SQL becomes a quoted literal, so it cannot stand in quotes or comments",
        "join it with ||, as in 'https://' || ${host}; a literal ${ is written $${");
}

static void sql_found(void *context, enum sql_finding finding, size_t offset)
{
    struct sql_check *check = context;
    switch (finding) {
    case SQL_STATEMENT:
        sql_count_statement(check, offset);
        break;
    case SQL_TRANSACTION_CONTROL:
        sql_report_transaction(check, offset);
        break;
    case SQL_NO_TRANSACTION:
        if (check->place == SQL_OF_FIX)
            sql_report(check, offset, sql_word_length(check, offset), "sql-needs-no-transaction",
                       "this statement cannot run in a transaction",
                       "make it a fix of its own with `transaction: false`");
        break;
    case SQL_COPY_STREAM:
        sql_report(check, offset, sql_word_length(check, offset), "sql-copy-stream",
                   "COPY cannot read from or write to the client here",
                   "use INSERT, or a command that runs psql");
        break;
    case SQL_META_COMMAND:
        sql_report(check, offset, 1, "sql-meta-command",
                   "backslash commands belong to psql, the server does not know them",
                   "write it in SQL, or run psql by a command");
        break;
    case SQL_BINDING:
        sql_use_binding(check, offset);
        break;
    case SQL_BINDING_IN_QUOTES:
        sql_report_quoted(check, offset);
        break;
    case SQL_BINDING_AMBIGUOUS:
        sql_report(check, offset, 2, "binding-syntax",
                   "a dollar quote directly before `{` looks like a binding",
                   "put a space between them");
        break;
    case SQL_UNTERMINATED:
        sql_report_unterminated(check, offset);
        break;
    }
}

void lower_check_sql(struct compilation *compilation, const struct passage *passage,
                     enum sql_place place)
{
    struct sql_check check = {.compilation = compilation, .passage = passage, .place = place};
    sql_scan(passage->text, passage->length, sql_found, &check);
    if (check.statements == 0)
        sql_report(&check, 0, 1, "sql-empty", "this SQL holds no statement",
                   "write one, or remove this");
}
