/* The three names that publishing is about, and what has them now. */
#ifndef RUNTIME_STEPS_DATABASE_NAMES_H
#define RUNTIME_STEPS_DATABASE_NAMES_H

#include "runtime/postgres/conversation.h"

struct database_names {
    const char *work;      /* the working database's name ... */
    const char *published; /* ... the one that it gets ... */
    const char *replaced;  /* ... and the one that the database before keeps */

    bool has_work, has_published, has_replaced; /* whether there are databases of these names */
    bool replaced_is_closed;                    /* to connections */
    const char *comment; /* on this run's own database, wherever it is; NULL: it is nowhere */
    bool is_published;   /* it has the published name */
};

struct database_names database_names_of(const struct environment *environment);

/* Asks what has these names; database_names_take reads the answer. */
void database_names_ask(struct conversation *conversation, const struct database_names *names,
                        conversation_next *next);
void database_names_take(struct database_names *names, struct step_run *step,
                         const struct session_answer *answer);

/* Why the names cannot be changed, or changed back, as things are; NULL where they can. */
const struct error *database_names_object(const struct database_names *names,
                                          struct step_run *step);
const struct error *database_names_object_to_undo(const struct database_names *names,
                                                  struct step_run *step);

/* The preflight of database.rename. */
void database_names_preflight(struct step_run *step);

#endif
