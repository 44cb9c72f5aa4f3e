/* The gist of a Python traceback: where, which line of code, and the exception. */
#ifndef RUNTIME_ODOO_TRACEBACK_H
#define RUNTIME_ODOO_TRACEBACK_H

#include <stdbool.h>

#include "base/buffer.h"

enum traceback_state {
    TRACEBACK_NONE,
    TRACEBACK_FRAMES,    /* in the indented lines */
    TRACEBACK_EXCEPTION, /* the exception's line was seen: what follows is its message */
};

/* Zero-initialise to make an empty one. Memory is bounded. */
struct traceback {
    enum traceback_state state;
    struct buffer place, code, exception; /* of the last traceback that was begun */
    int exception_lines;
};

/* Takes a line that is not the first of a log record; where one begins a traceback, what was known
 * of an earlier one is forgotten. Returns whether it began one. */
bool traceback_take(struct traceback *traceback, const char *line);

/* A new record begins: what comes next does not belong to the traceback. */
void traceback_end(struct traceback *traceback);

/* Forgets it. */
void traceback_clear(struct traceback *traceback);

/* Whether there is an exception to tell of. */
bool traceback_is_known(const struct traceback *traceback);

/* Up to three lines, each after a line break and two spaces, the exception last. */
void traceback_write(const struct traceback *traceback, struct buffer *output);

void traceback_release(struct traceback *traceback);

#endif
