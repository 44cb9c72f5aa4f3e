/* Filling a new database from a dump, by psql or pg_restore. */
#ifndef RUNTIME_DUMP_RESTORING_H
#define RUNTIME_DUMP_RESTORING_H

#include "runtime/dump/format.h"
#include "runtime/dump/locale.h"
#include "runtime/environment.h"
#include "runtime/steps/kind.h"

struct restoring;

struct restoring_source {
    enum dump_format format;
    const char *path; /* of the SQL file where `format` is one of SQL, else what pg_restore reads */
    int major;        /* of the pg_dump that made it; 0: not known */
};

typedef void restoring_ended(void *context, const struct error *error);

struct restoring *restoring_create(struct step_run *step, struct restoring_source source,
                                   void *context);

/* Finds the client programs that fit the dump and, where it tells, how the database sorts. `ended`
 * may come at once. */
void restoring_prepare(struct restoring *restoring, restoring_ended *ended);

/* What the dump tells of it; after restoring_prepare has ended. */
const struct dump_locale *restoring_locale(const struct restoring *restoring);

/* Fills `database` on the server of `address`. Errors that are known to be harmless do not count;
 * the first other one ends it. */
void restoring_start(struct restoring *restoring, const struct database_address *address,
                     const char *database, restoring_ended *ended);

/* How many harmless errors there were. */
int restoring_harmless_count(const struct restoring *restoring);

/* Asks what runs to stop; it still ends. False where nothing runs. */
bool restoring_stop(struct restoring *restoring);

#endif
