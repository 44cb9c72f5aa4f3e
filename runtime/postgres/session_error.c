#include "runtime/postgres/session_error.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

/* The line of `sql` on which its `position`th character (from 1) stands. */
static int line_of_position(const char *sql, const char *position)
{
    long left = strtol(position, NULL, 10);
    int line = 1;
    for (; *sql && left > 1; sql++) {
        if (*sql == '\n')
            line++;
        if (((unsigned char)*sql & 0xC0) !=
            0x80) /* positions count characters, not UTF-8's bytes */
            left--;
    }
    return line;
}

/* libpq's texts end with newlines and may have several lines. */
static const char *one_paragraph(struct arena *arena, const char *text)
{
    char *copy = arena_copy(arena, text ? text : "");
    size_t length = strlen(copy);
    while (length > 0 && strchr("\n\t ", copy[length - 1]))
        copy[--length] = '\0';
    for (char *byte = copy; *byte; byte++)
        if (*byte == '\n' || *byte == '\t')
            *byte = ' ';
    return copy;
}

static void append_field(struct buffer *message, struct arena *arena, const PGresult *result,
                         int field, const char *label)
{
    const char *text = PQresultErrorField(result, field);
    if (text && *text)
        buffer_format(message, "; %s: %s", label, one_paragraph(arena, text));
}

const struct error *session_error_from_result(struct arena *arena, const PGresult *result,
                                              const char *sql)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!primary)
        return error_create(arena, OUTCOME_FAILED, "check that the server runs, then resume", "%s",
                            one_paragraph(arena, PQresultErrorMessage(result)));
    struct buffer message = {0};
    buffer_append_string(&message, one_paragraph(arena, primary));
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state)
        buffer_format(&message, " (SQLSTATE %s)", state);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    if (position && sql)
        buffer_format(&message, " on line %d of the SQL text", line_of_position(sql, position));
    /* Of a row that breaks NOT NULL or a check the detail is the whole row, passwords and all. */
    if (!state || (strcmp(state, "23502") != 0 && strcmp(state, "23514") != 0))
        append_field(&message, arena, result, PG_DIAG_MESSAGE_DETAIL, "detail");
    append_field(&message, arena, result, PG_DIAG_CONTEXT, "context");
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    const struct error *error =
        error_create(arena, OUTCOME_FAILED, hint ? one_paragraph(arena, hint) : NULL, "%s",
                     buffer_string(&message));
    buffer_release(&message);
    return error;
}

const struct error *session_error_from_connection(struct arena *arena, PGconn *connection,
                                                  const char *what)
{
    const char *database = PQdb(connection);
    return error_create(arena, OUTCOME_FAILED,
                        "check that the server runs, the address, and that the role may connect",
                        "%s the database \"%s\": %s", what, database ? database : "",
                        one_paragraph(arena, PQerrorMessage(connection)));
}
