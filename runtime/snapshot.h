/* Whether a database is still what it was: a short text that changes with every change of its rows,
 * its schema or its sequences. */
#ifndef RUNTIME_SNAPSHOT_H
#define RUNTIME_SNAPSHOT_H

#include "runtime/run.h"

/* Made of what PostgreSQL counts by itself, so it costs the same for databases of any size. Equal
 * texts mean the same content, but for changes that a session which is still open has not handed
 * over yet. `settled`: where others are connected, after they had the time to hand
 * over. `found` comes from the loop, with the text in `arena`, or why it could not be had. */
void snapshot_read(struct run *run, struct arena *arena, const struct database_address *address,
                   bool settled,
                   void (*found)(void *context, const char *snapshot, const struct error *error),
                   void *context);

/* Asks for the text, in the database itself. */
extern const char snapshot_query[];

/* Whether both texts are of one database, whatever it is called. */
bool snapshot_is_of_same(const char *one, const char *other);

enum snapshot_difference {
    SNAPSHOT_SAME,
    SNAPSHOT_CHANGED,
    SNAPSHOT_UNKNOWN, /* the server has crashed in between and lost its counters */
};

enum snapshot_difference snapshot_compare(const char *then, const char *now);

#endif
