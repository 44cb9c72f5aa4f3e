/* One execution of a compiled plan in an environment: what steps may know of it. */
#ifndef RUNTIME_RUN_H
#define RUNTIME_RUN_H

#include <uv.h>

#include "compiler/compiled.h"
#include "runtime/environment.h"
#include "runtime/postgres/session.h"

/* Who hears what steps say while they run. */
struct run_listener {
    void (*warn)(void *context, const char *step, const char *message);
    void (*progress)(void *context, const char *step, const char *message);
    /* Writes down that a step is about to move something, and how that is taken back; NULL once it
     * is on disk. */
    const struct error *(*note_move)(void *context, const char *step, const char *move,
                                     const char *reverse);
    void *context;
};

/* A copy of the working database that an earlier run has kept; see runtime/checkpoint/list.h. */
struct checkpoint;

/* The steps' shared way to the working database; see runtime/postgres/work.h. */
struct work_database;

/* The session with Odoo's shell that adjacent steps share; see runtime/odoo/shell.h. */
struct shell;

struct run {
    struct arena *arena;
    uv_loop_t *loop;
    const struct compiled_plan *plan;
    const struct environment *environment;
    const char *id;     /* "20261123T081400Z-acme-test-3f2a" */
    const char *folder; /* the run folder */
    enum mode mode;
    const char *application_name; /* "drehbuch RUN": its sessions in pg_stat_activity */
    struct run_listener listener; /* for step_warn and its like; not for steps */
    struct work_database *work;   /* not for the executor */
    struct shell *shell;
    const char *published; /* the name that the working database got by publishing; NULL: its own */

    const struct checkpoint *checkpoint; /* what the run begins from; NULL: the source */
    const struct value *addons; /* third-party code that preflight saw: series: module: what it
                                 * holds; NULL: none, or it was not looked for yet */

    const char *source_found; /* what the source was when publishing began (runtime/snapshot.h);
                               * NULL: it may have changed since */
    bool source_unseen;       /* that is not known yet: a run that was cut off has closed it */

    const struct value *rehearsal; /* the record that this run is compared with, or NULL */
    const char *changed_addons;    /* why production goes on with other addons, or NULL */

    bool deep;           /* looks at all files where else a sample is enough */
    bool confirm_manual; /* what a person has to do counts as done: said beforehand */

    /* Asks the person at the terminal; `answered` gets what was typed, or NULL where nobody can be
     * asked. NULL where the run has no terminal. */
    void (*ask)(void *context, const char *question,
                void (*answered)(void *step, const char *answer), void *step);
    void *ask_context;
};

/* Where to connect to one of the two databases, or, with `database`, to another one of the same
 * server. */
struct session_target run_target(const struct run *run, const struct database_address *address,
                                 const char *database);

#endif
