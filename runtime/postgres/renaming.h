/* Gives databases of one server other names: all of them or none.
 *
 * They are closed to new connections, sessions on them are ended, the names change in one
 * transaction, and they are opened again. A crash in between leaves the old names, and databases
 * that are closed: renaming_open opens them. */
#ifndef RUNTIME_POSTGRES_RENAMING_H
#define RUNTIME_POSTGRES_RENAMING_H

#include "runtime/postgres/conversation.h"

struct database_move {
    const char *from, *to;
};

struct renaming {
    const struct database_move
        *moves; /* one after the other: a name may become free by the one before */
    size_t count;
    const char *more; /* statements for the same transaction, after the moves; may be "" */

    /* `error`: why the names are as they were. The databases are open again either way. */
    void (*done)(struct conversation *conversation, const struct error *error);
};

/* `conversation` is with another database of the server, as the databases' owner. `renaming` is
 * kept. */
void renaming_start(struct conversation *conversation, const struct renaming *renaming);

/* Lets everybody connect again to these databases (those of the names that are not NULL). */
void renaming_open(struct conversation *conversation, const char *const *names, size_t count,
                   conversation_next *next);

/* The moves as SQL, forth or back: what a person would type. */
const char *renaming_write(struct conversation *conversation, const struct database_move *moves,
                           size_t count, bool back);

#endif
