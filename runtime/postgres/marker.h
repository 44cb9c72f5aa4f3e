/* How drehbuch knows its own databases: a comment on the database, JSON
 * {"drehbuch":{"run","mode","digest"}}, or a file in a folder. */
#ifndef RUNTIME_POSTGRES_MARKER_H
#define RUNTIME_POSTGRES_MARKER_H

#include <stdbool.h>

#include "runtime/steps/kind.h"

/* What is behind a database's name until it is whole: MARKER_PARTIAL and eight hexadecimal digits,
 * which depend on the run, so that nobody else's database has such a name. PostgreSQL's names have
 * at most 63 bytes. */
#define MARKER_PARTIAL ".partial-"
#define MARKER_NAME_LIMIT ((size_t)63 - sizeof(MARKER_PARTIAL) - 7)

const char *marker_partial_name(struct arena *arena, const char *database, const char *run);

/* The name of a copy that this very step of this run begins again from (way_back.h). */
#define MARKER_COPY ".before-"
const char *marker_copy_name(struct arena *arena, const char *database,
                             const struct step_run *step);

/* The name of the database that the dump which the environment names as its source is restored to:
 * the working database's with this behind it. */
#define MARKER_SOURCE ".source"

/* What is behind the working database's name in a checkpoint's: this and eight digits. */
#define MARKER_SAVED ".saved-"

const char *marker_write(struct arena *arena, const struct step_run *step);

/* The same for what was made of a dump: with the member "dump", the dump's identity, besides. */
const char *marker_write_dump(struct arena *arena, const struct step_run *step,
                              const char *identity);

/* The identity of the dump that it was made of, or NULL. */
const char *marker_dump(struct arena *arena, const char *comment);

/* In SQL: the same for the same server, whatever address it was reached by. */
#define SERVER_IDENTITY "pg_postmaster_start_time()::text || ' ' || current_setting('port')"

/* The run that made the database, or NULL; and whether that was in production. */
const char *marker_run(struct arena *arena, const char *comment);
bool marker_is_of_production(struct arena *arena, const char *comment);

/* Whether the comment (NULL: none) says that this very step of this run made the database. */
bool marker_is_of_step(const char *comment, struct arena *arena, const struct step_run *step);

#endif
