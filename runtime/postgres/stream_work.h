/* What a stream has to copy. Private to stream*.c.
 *
 * Made on the event loop before the crew's threads begin; but for what is said to be under the
 * crew's lock it then does not change. */
#ifndef RUNTIME_POSTGRES_STREAM_WORK_H
#define RUNTIME_POSTGRES_STREAM_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "runtime/postgres/session.h"

struct stream_index {
    const char *name; /* as it is shown */
    const char *sql;
};

struct stream_table {
    const char *name;      /* quoted, with its schema */
    const char *shown;     /* the same for people */
    const char *columns;   /* quoted, those that are not generated; "" where there are none */
    const char *condition; /* of an extension's table: which of its rows are the user's; or NULL */
    int64_t size;          /* bytes on the source's disk; 0: it has no rows */
    bool analyzed_last;    /* its statistics also need what post-data brings */
    const char *constraints;      /* statements for those that bring an index; "" for none */
    struct stream_index *indexes; /* those that can be built as soon as its rows are there */
    size_t index_count;
    size_t indexes_begun; /* under the crew's lock, like the next one */
    size_t indexes_done;
};

struct stream_work {
    struct stream_table *tables; /* the largest first */
    size_t table_count;
    struct map *built; /* which indexes and constraints the crew builds, by what pg_restore's list
                          calls them: "1259 16437" */
    const char *sequences; /* queries that give the statements which set them; "" for none */
    const char *last;      /* statements for the very end: materialized views, statistics */
    const char *locks;     /* the statement that keeps all tables as they are; "" for none */
    const char *encoding;  /* of the database, as a literal */
    const char *grantees;  /* roles whose rights are not taken over; "" for none */
    bool large_objects;
    const char *snapshot;         /* as a literal */
    struct session_target source; /* with the application's name, as the crew connects */
    struct session_target target;
    int jobs;
};

/* Reads from the source, in the transaction that `session` has open, all but the snapshot and how
 * to connect. `ended` comes from the loop, with an error of the session or NULL. */
void stream_catalog_read(struct session *session, struct arena *arena, struct stream_work *work,
                         void (*ended)(void *context, const struct error *error), void *context);

#endif
