/* What a database has besides rows: its tables with their columns, indexes, views, sequences,
 * functions, triggers and constraints, so that two looks can be compared. */
#ifndef RUNTIME_DIFF_CATALOGUE_H
#define RUNTIME_DIFF_CATALOGUE_H

#include "runtime/postgres/dialogue.h"

/* An object by its identity: {what, name, definition, storage}. Temporary things are left out. */
const struct error *catalogue_read(struct dialogue *dialogue, struct arena *arena,
                                   struct value **catalogue);

/* A list of {what: "table", name, change: "created", "dropped", "renamed", "altered" or
 * "rewritten", from}. */
struct value *catalogue_compare(struct arena *arena, const struct value *before,
                                const struct value *after);

#endif
