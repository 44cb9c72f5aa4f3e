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

/* The name that a working database has from the moment another one takes its place until it is
 * dropped. */
const char *marker_spoilt_name(struct arena *arena, const char *database, const char *run);

/* The name of the database that the dump which the environment names as its source is restored to:
 * the working database's with this behind it. */
#define MARKER_SOURCE ".source"

/* The name of the scratch copy that a dry run works in and drops. */
#define MARKER_SCRATCH ".scratch-"
const char *marker_scratch_name(struct arena *arena, const char *database, const char *run);

/* A checkpoint of a working database: this and eight digits are behind its name. They tell what it
 * is a copy of: the step (by its digest) behind which it was made, the mode, what the source was
 * (snapshot.h), and what bindings and addons were (circumstances.h). `step` is one of the plan's.
 * The comment says so in full, with the run that made it and when. */
#define MARKER_SAVED ".saved-"
const char *marker_saved_name(struct arena *arena, const struct run *run,
                              const struct compiled_step *step, const char *snapshot);
const char *marker_write_saved(struct arena *arena, const struct run *run,
                               const struct compiled_step *step, const char *snapshot,
                               bool has_filestore);

const char *marker_write(struct arena *arena, const struct step_run *step);
const char *marker_write_run(struct arena *arena, const struct run *run, const char *digest);

/* The same for what was made of a dump: with the member "dump", the dump's identity, besides. */
const char *marker_write_dump(struct arena *arena, const struct step_run *step,
                              const char *identity);

/* The identity of the dump that it was made of, or NULL. */
const char *marker_dump(struct arena *arena, const char *comment);

/* In SQL: the same for the same server, whatever address it was reached by. */
#define SERVER_IDENTITY "pg_postmaster_start_time()::text || ' ' || current_setting('port')"

/* A member of the comment, or NULL where the comment (NULL: none) is not drehbuch's or has it not.
 */
const char *marker_member(struct arena *arena, const char *comment, const char *name);

/* The run that made the database, or NULL; and whether that was in production. */
const char *marker_run(struct arena *arena, const char *comment);
bool marker_is_of_production(struct arena *arena, const char *comment);

/* The comment with "published" in it, which holds the name that the database before keeps ("" where
 * there was none); and without it again. Both give back `comment` where it is not drehbuch's. */
const char *marker_publish(struct arena *arena, const char *comment, const char *replaced);
const char *marker_unpublish(struct arena *arena, const char *comment);

/* What marker_publish wrote; NULL where the database is none that was published. */
const char *marker_published(struct arena *arena, const char *comment);

/* Whether the comment (NULL: none) says that this very step of this run made the database. */
bool marker_is_of_step(const char *comment, struct arena *arena, const struct step_run *step);

#endif
