/* Where a dry run tries things: a scratch copy of the source that it makes and drops, the working
 * database of an earlier run, or the source itself. */
#ifndef RUNTIME_DIFF_PLACE_H
#define RUNTIME_DIFF_PLACE_H

#include "runtime/lock.h"
#include "runtime/postgres/dialogue.h"

enum place_kind { PLACE_SCRATCH, PLACE_RUN, PLACE_LIVE };

struct place {
    enum place_kind kind;
    const char *database;      /* its name */
    const char *settings;      /* SQL that makes the session careful; "" for none */
    int64_t row_limit;         /* rows that one step may change; 0: any number */
    int64_t step_limit;        /* milliseconds that one step may take; 0: any time */
    int64_t time_limit;        /* ... after which none is begun any more; 0: never */
    int64_t bytes;             /* size of the database */
    const char *series;        /* Odoo's, as the database has it: "18.0"; NULL: it is not Odoo's */
    const char *run;           /* of PLACE_RUN: its id */
    struct dialogue *dialogue; /* where it is tried; while a copy is made, where that is done */

    /* among themselves */
    struct lock *lock;
    struct run *of;
    bool locked;
    const struct error *lock_error;
    const bool *stopped;
    bool made;
    bool forced;
};

/* What the user has chosen. */
struct place_choice {
    const char *on; /* a run's folder or its id: its working database; or NULL */
    bool live;
    bool copy;                 /* a scratch copy, also of a large source */
    int64_t statement_timeout; /* milliseconds, of PLACE_LIVE; of a whole step, too */
    int64_t lock_timeout;
    int64_t idle_timeout;
    int64_t time_limit;
    int64_t row_limit;
};

/* Makes it ready. OUTCOME_USAGE where a copy is not cheap and nothing else was chosen,
 * OUTCOME_REFUSED where a run works on the database. Also where it fails place_close has to be
 * called. */
const struct error *place_open(struct run *run, struct arena *arena,
                               const struct place_choice *choice, const bool *stopped,
                               struct place *place);

/* Closes it, and drops the scratch copy; the error says that it is still there. */
const struct error *place_close(struct arena *arena, struct place *place);

#endif
