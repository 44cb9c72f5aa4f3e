/* A copy of a database as a stream: its tables go from one server to the other, several at a time,
 * as they were at one moment, and no row touches a disk on the way.
 *
 * The schema comes from pg_dump and pg_restore; in between, threads (stream_crew.h) copy the tables
 * and build the indexes of each as soon as it is there. Neither owners nor rights are taken over:
 * all is the target's role's. */
#ifndef RUNTIME_POSTGRES_STREAM_H
#define RUNTIME_POSTGRES_STREAM_H

#include "runtime/steps/kind.h"

struct stream;

struct stream_options {
    const struct database_address *source;
    const struct database_address *target;
    const char *source_database; /* of the source's server */
    const char *target_database; /* of the target's server; empty, in the source's encoding */
};

/* Begins, as part of the step; `ended` comes later from the loop, once everything that was started
 * has ended. What was copied until an error stays there, half. */
struct stream *stream_start(struct step_run *step, struct stream_options options, void *context,
                            void (*ended)(void *context, const struct error *error));

/* Asks it to end soon. `ended` still comes. */
void stream_stop(struct stream *stream);

#endif
