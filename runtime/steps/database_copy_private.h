/* The parts of `database.copy`, among themselves: the step (database_copy.c), what it makes
 * (database_copy_make.c), what is found out before (database_copy_preflight.c). */
#ifndef RUNTIME_STEPS_DATABASE_COPY_PRIVATE_H
#define RUNTIME_STEPS_DATABASE_COPY_PRIVATE_H

#include "runtime/postgres/conversation.h"
#include "runtime/postgres/stream.h"

/* The database that is copied, as its server describes it. */
struct copy_source {
    const struct database_address *address; /* of its server */
    const char *name;
    bool is_checkpoint; /* a copy that an earlier run has kept, not the environment's source */
    const char *server; /* identifies the running server */
    int version;        /* of the server, as PQserverVersion has it */
    int64_t size;
    const char *connected; /* who is connected: "odoo from 10.0.0.4 (3)"; "" for nobody */
    const char *encoding, *collate, *ctype;
    const char *provider; /* of the locale: "c" for libc, "i" for ICU, "b" for builtin */
    const char *locale;   /* of ICU or builtin; "" for libc */
    const char *rules;    /* ICU's; "" for none */
};

/* Which database that is. */
struct copy_source copy_find_source(const struct step_run *step);

/* Asks the maintenance database of its server for the rest: a connection to the source itself would
 * forbid its use as a template. The answer has no row where there is no such database. */
void copy_ask_source(struct conversation *conversation, const struct copy_source *source,
                     conversation_next *next);
void copy_read_source(struct arena *arena, const struct session_answer *answer,
                      struct copy_source *source);

/* The error where there is none. */
const struct error *copy_source_missing(struct arena *arena, const struct copy_source *source);

/* The statement that makes an empty database as the source is (encoding, locale: sorting must stay
 * what it was), on a server of `version`. NULL and the error where that server cannot. */
const char *copy_write_empty(struct conversation *conversation, const struct copy_source *source,
                             const char *name, int version, const struct error **error);

/* The statement that makes a copy of the source, which is on the same server. */
const char *copy_write_template(struct conversation *conversation, const struct copy_source *source,
                                const char *name, int version);

void copy_preflight(struct step_run *step);

#endif
