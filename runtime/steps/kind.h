/* What the executor knows of a step kind: this table, and nothing else. One file a kind (or a
 * family) in this folder. */
#ifndef RUNTIME_STEPS_KIND_H
#define RUNTIME_STEPS_KIND_H

#include "base/error.h"
#include "base/value.h"
#include "compiler/compiled.h"

struct run;
struct session;

/* May a step be run again after a crash in its midst? */
enum step_nature {
    NATURE_TRANSACTIONAL, /* its receipt in the work database tells whether it was committed:
                             exactly once */
    NATURE_REPEATABLE,    /* yes: it finds out what is there and ends in the same state */
    NATURE_ONCE,          /* no: a person has to look */
};

/* What a step writes. Two steps that write the same thing never run side by side; those that write
 * NOTHING may run beside each other up to limits.jobs. */
enum step_resource {
    RESOURCE_NOTHING,
    RESOURCE_DATABASE,
    RESOURCE_FILESTORE,
    RESOURCE_SERVICE,
    RESOURCE_PERSON
};

/* One execution of one step. */
struct step_run {
    struct run *run;
    const struct compiled_step *step;
    struct arena *arena;      /* lives until the step has ended */
    const struct value *spec; /* the specification with its bindings replaced: may hold secrets, so
                                 never print it whole */
    void *state;              /* the kind's own */

    /* What step_finish calls; set by who starts the step. */
    void (*finished)(struct step_run *step, const struct error *error, struct value *effects);
    void *owner;
    struct step_run *parent; /* the preflight that this one's preflight belongs to, or NULL */
    int log;                 /* the step's log file; -1 while nothing was logged */
};

struct step_kind {
    const char *name;
    enum step_resource resource;
    enum step_nature (*nature)(const struct value *spec);

    /* Why this step has nothing to do in this environment ("the environment names no filestore"),
     * or NULL. It is then skipped, visibly. May be NULL itself. */
    const char *(*skip)(const struct step_run *step);

    /* The version whose Odoo shell the step works in. Adjacent steps of one version share the
     * session. NULL: it needs none. */
    const char *(*shell)(const struct step_run *step);

    /* The member of its specification that names the version whose Odoo it starts. NULL: it starts
     * none. */
    const char *odoo;

    /* Makes the working database: a checkpoint's copy may take the place of the source's. */
    bool makes_work;

    /* Puts the result in the source's place: in production only while the source is what was
     * copied. */
    bool puts_in_place;

    /* Writes nothing that an idle shell has to load again: it may stay open beside it. */
    bool spares_shell;

    /* Whether the step can be done here, found out before the first change, without writing
     * anything. Asynchronous like start; ends with step_finish. May be NULL: nothing to find out.
     */
    void (*preflight)(struct step_run *step);

    /* Does in the transaction that is open on `session` what the step would do, and learns from
     * that what it would change: the caller rolls the transaction back. Asynchronous like start;
     * ends with step_finish and the effects. NULL: it cannot be found out that way. */
    void (*preview)(struct step_run *step, struct session *session);

    /* Begins; returns at once. Ends later by step_finish, exactly once. */
    void (*start)(struct step_run *step);

    /* Asks a started step to stop as soon as it can; it still ends by step_finish. */
    void (*cancel)(struct step_run *step);

    /* Takes back what the step did when it put the result in its place, or what of that it got to:
     * it finds out by itself what is there, and may be called again after a crash. Asynchronous
     * like start; ends with step_finish. NULL: what the step does needs no taking back. */
    void (*undo)(struct step_run *step);

    /* Whether that could be done as things are, found out without changing anything: the service
     * runs until this is known. Asynchronous like start; ends with step_finish. NULL: it can. */
    void (*may_undo)(struct step_run *step);
};

/* A step of `run`, not yet begun, in an arena of its own. step_destroy gives it back. */
struct step_run *step_create(struct run *run, const struct compiled_step *step);
void step_destroy(struct step_run *step);

/* Every kind that this build can execute, or NULL: the name is unknown or is refused at preflight.
 */
const struct step_kind *step_kind_find(const char *name);

/* Why the step has nothing to do in this environment, or NULL. */
const char *step_kind_reason_to_skip(const struct step_run *step);

/* Reports the end: NULL and the effects (see docs/effects.md; NULL for none), or the error. The
 * executor writes the journal. */
void step_finish(struct step_run *step, const struct error *error, struct value *effects);

/* Adds a line to the step's log file in the run folder; secrets of the environment are masked. */
void step_log(struct step_run *step, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says what somebody should look at, though it is no failure: on the screen, in the journal and the
 * record. */
void step_warn(struct step_run *step, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes into the journal that the step is about to move something ("the database acme gets the
 * name acme-old"), and how that is taken back. Where it fails the step must not go on. */
const struct error *step_note_move(struct step_run *step, const char *move, const char *reverse);

/* Shows what the step is at ("3 of 12 modules"); not journaled. */
void step_progress(struct step_run *step, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
