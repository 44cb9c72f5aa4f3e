/* A plain SQL dump while it is read: whether it is whole, which pg_dump made it, and whether it has
 * anything that must not be given to psql. */
#ifndef RUNTIME_DUMP_SQL_TEXT_H
#define RUNTIME_DUMP_SQL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define SQL_LINE_START 128
#define SQL_LINE_END 16

struct sql_text {
    struct arena *arena;
    const char *path;           /* for messages */
    size_t line;                /* the current one's number, from 1 */
    char start[SQL_LINE_START]; /* of the current line */
    char end[SQL_LINE_END];     /* its last bytes */
    size_t length;              /* of the current line so far */
    bool in_data;               /* of a COPY */
    bool begun;                 /* the line that pg_dump begins with was seen ... */
    bool complete;              /* ... and the one that it ends with */
    int major;                  /* of the pg_dump; 0: not told */
};

struct sql_text sql_text_create(struct arena *arena, const char *path);

/* Looks at further bytes. OUTCOME_INVALID where psql would be told to connect elsewhere, or to do
 * anything but SQL. That psql refuses such commands by itself (\restrict) is newer than many. */
const struct error *sql_text_take(struct sql_text *text, const char *bytes, size_t length);

/* At the end: OUTCOME_INVALID where it is cut off, or no dump. */
const struct error *sql_text_end(struct sql_text *text);

#endif
