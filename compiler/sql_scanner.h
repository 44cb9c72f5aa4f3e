/* What a SQL text does at its surface, found by reading it as psql does: quotes, dollar quotes and
 * comments are respected, everything else is left to the server. */
#ifndef COMPILER_SQL_SCANNER_H
#define COMPILER_SQL_SCANNER_H

#include <stdbool.h>
#include <stddef.h>

enum sql_finding {
    SQL_STATEMENT,           /* a statement begins */
    SQL_TRANSACTION_CONTROL, /* it is BEGIN, COMMIT, ROLLBACK (not TO), END, ABORT, START or
                                PREPARE TRANSACTION */
    SQL_NO_TRANSACTION,      /* it cannot run in a transaction: VACUUM, ... CONCURRENTLY, CREATE,
                                ALTER or DROP of a whole database */
    SQL_COPY_STREAM,         /* COPY FROM STDIN or TO STDOUT */
    SQL_META_COMMAND,        /* a backslash command of psql */
    SQL_BINDING,             /* `${`, outside of quotes and comments */
    SQL_BINDING_IN_QUOTES,   /* `${`, inside of a quote or comment */
    SQL_BINDING_AMBIGUOUS,   /* a dollar quote's start directly before `{` */
    SQL_UNTERMINATED,        /* a quote or comment that does not end; the offset is its start */
};

/* Calls `found` for each finding, in order of offset but for SQL_UNTERMINATED, which comes last.
 * One pass over the text, however it is nested. */
void sql_scan(const char *text, size_t length,
              void (*found)(void *context, enum sql_finding finding, size_t offset), void *context);

#endif
