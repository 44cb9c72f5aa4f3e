/* The catalogue of known errors: what an upgrade's programs print when something well known goes
 * wrong, what that means, and what helps (schemas/known-errors.yaml). An environment may add files
 * of its own. */
#ifndef RUNTIME_KNOWN_ERRORS_H
#define RUNTIME_KNOWN_ERRORS_H

#include <stdbool.h>

#include "base/diagnostic.h"
#include "base/error.h"
#include "base/value.h"

/* The catalogue, its patterns compiled. Lives in an arena and is not changed by matching. */
struct known_errors;

/* What seeing one means for the step. */
enum known_severity { KNOWN_HARMLESS, KNOWN_WARNS, KNOWN_FAILS };

/* The program whose output is looked at. */
enum known_origin {
    KNOWN_IN_ODOO = 1 << 0,
    KNOWN_IN_PG_DUMP = 1 << 1,
    KNOWN_IN_PG_RESTORE = 1 << 2,
    KNOWN_IN_RSYNC = 1 << 3,
    KNOWN_IN_PSQL = 1 << 4,
};

/* The built-in catalogue. */
const struct error *known_errors_create(struct arena *arena, struct known_errors **created);

/* Adds the entries of a file. What is wrong with it goes to `diagnostics`. Of the first file that
 * cannot be read at all the error says why. */
const struct error *known_errors_add_file(struct known_errors *known, const char *path,
                                          struct diagnostics *diagnostics);

/* "pg_restore" to its enum known_origin; 0 where the catalogue knows nothing of that program. */
unsigned known_origin_of(const char *program);

/* All entries with their ids as keys, for people to read. */
const struct value *known_errors_entries(const struct known_errors *known);

/* ---- what was seen ---- */

/* What of the catalogue one program's output has shown so far. Memory is bounded by the size of
 * the catalogue. */
struct known_seen;

struct known_sighting {
    const char *id;
    enum known_severity severity;
    size_t count;
    const char *meaning; /* with what the first match captured in its places */
    const char *remedy;
};

struct known_seen *known_seen_create(struct arena *arena, const struct known_errors *known,
                                     unsigned origin);

/* Looks at one record: a line, or several with line breaks between. `quiet`: its level is below a
 * warning, so only entries that say `level: info` are tried. Returns the severest entry's severity,
 * KNOWN_HARMLESS where nothing but that was found; `found` (which may be NULL) says whether
 * anything was. */
enum known_severity known_seen_take(struct known_seen *seen, const char *text, size_t length,
                                    bool quiet, bool *found);

/* `modules` (names, or NULL) are what the step names: an entry that `concerns` modules fails a step
 * only where it is about one of them. Call before what the step runs is started. */
void known_seen_name_modules(struct known_seen *seen, const struct value *modules);

/* The last one of severity KNOWN_FAILS; NULL where there is none. */
const struct known_sighting *known_seen_failure(const struct known_seen *seen);

/* "known: MEANING; REMEDY" of what explains a failure best: the severest, of those the one seen
 * last. NULL where nothing but the harmless was seen. */
const char *known_seen_help(struct arena *arena, const struct known_seen *seen);

/* Adds `known_errors: {ID: COUNT}` to a step's effects, where there is any. */
void known_seen_describe(struct arena *arena, const struct known_seen *seen, struct value *effects);

#endif
