/* How drehbuch knows its own databases: a comment on the database, JSON
 * {"drehbuch":{"run","digest"}}. */
#ifndef RUNTIME_POSTGRES_MARKER_H
#define RUNTIME_POSTGRES_MARKER_H

#include <stdbool.h>

#include "runtime/steps/kind.h"

/* The name that a database has until it is whole. */
const char *marker_partial_name(struct arena *arena, const char *database);

const char *marker_write(struct arena *arena, const struct step_run *step);

/* Whether the comment (NULL: none) says that drehbuch made the database; that this very step of
 * this run did. */
bool marker_is_ours(const char *comment);
bool marker_is_of_step(const char *comment, struct arena *arena, const struct step_run *step);

#endif
