/* Errors are values.
 *
 * A function that can fail returns `const struct error *`, NULL for success. The error travels up
 * unchanged, or wrapped with what was being done, to the one place that prints it (cli/). It says
 * what, where, and what to do. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/arena.h"

/* What a command ends with; the value is the exit code. */
enum outcome {
    OUTCOME_DONE = 0,
    OUTCOME_FAILED = 1,  /* a step or a check failed, or the system refused something we need */
    OUTCOME_USAGE = 2,   /* the command line is wrong */
    OUTCOME_INVALID = 3, /* the plan, environment or another given file is not valid */
    OUTCOME_REFUSED = 4, /* approval, digest, drift, lock, window */
    OUTCOME_INTERRUPTED = 130, /* Ctrl-C or SIGTERM */
};

struct error {
    enum outcome outcome;
    const char *message; /* what and where, one sentence without a full stop at the end */
    const char *help;    /* what to do, or NULL */
};

/* `help` is kept, not copied: give a literal or a string of the same arena; NULL for none. */
const struct error *error_create(struct arena *arena, enum outcome outcome, const char *help,
                                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* OUTCOME_FAILED with the text of `code` (an errno) behind the message: "cannot read plan.yaml:
 * Permission denied". */
const struct error *error_system(struct arena *arena, int code, const char *help,
                                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* `cause` with "context: " put before its message. Nothing of `cause` is kept, so it may live in a
 * shorter arena. */
const struct error *error_wrap(struct arena *arena, const struct error *cause, const char *format,
                               ...) __attribute__((format(printf, 3, 4)));

#endif
