/* The compiled plan, read back. The only header of the compiler that the runtime sees.
 *
 * A compiled plan (format `drehbuch/1`, schemas/compiled.schema.json) is believed only after every
 * check: JSON, canonical form, schema, the graph, each step's digest, the plan's digest, the
 * checksum of the whole. */
#ifndef COMPILER_COMPILED_H
#define COMPILER_COMPILED_H

#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/value.h"

#define COMPILED_FORMAT "drehbuch/1"
#define COMPILED_SIZE_LIMIT ((size_t)512 * 1024 * 1024)

struct compiled_step {
    const char
        *id; /* "18.0/fix/close-dead-activities": unique in the plan, stable between compilations */
    const char *kind;  /* "sql", "database.copy", ... */
    const char *title; /* one line for people */
    const char *phase; /* "prepare", "18.0", "19.0", "publish" */
    const char *only;  /* "test", "production", or NULL for both */
    const char
        *origin; /* "plan.yaml:31:5", or "drehbuch" for steps that the compiler adds by itself */
    const char *digest; /* SHA-256 over kind, spec, only and the digests of the steps it needs */
    const struct value *spec; /* by kind, see the schema; `${binding}` not yet replaced */
    int64_t timeout;          /* milliseconds; 0: none of its own */
    const size_t
        *needs; /* indices of the steps that must have ended before it; all smaller than its own */
    size_t need_count;
};

struct compiled_plan {
    const char *digest;   /* identity: covers steps, bindings, acceptance; not origins. What an
                             approval names */
    const char *checksum; /* integrity: covers every byte but its own */
    const char *customer;
    const char *title;
    const char *from;
    const char *to;
    const char *with;               /* "openupgrade", "enterprise", "none" */
    const struct value *bindings;   /* name: {type, description}; an object */
    const struct value *modules;    /* name: decision; an object */
    const struct value *acceptance; /* list of {area, title, steps} */
    const struct compiled_step
        *steps; /* in the order of execution; ties broken by position in the plan */
    size_t step_count;
};

/* Reads and verifies. The error (OUTCOME_INVALID for what is not a compiled plan, OUTCOME_REFUSED
 * for one whose digests do not fit) names the step or field that was changed. */
const struct error *compiled_load(struct arena *arena, const char *path,
                                  struct compiled_plan **plan);
const struct error *compiled_parse(struct arena *arena, struct text text, const char *name,
                                   struct compiled_plan **plan);

/* The same digests, for the compiler that writes them. `step` is the step's object with `needs` as
 * ids replaced by `need_digests`; `plan` is the document without `digest` and `checksum`. */
struct digest compiled_step_digest(const char *kind, const char *only, const struct value *spec,
                                   const char *const *need_digests, size_t need_count);
struct digest compiled_plan_digest(const struct value *plan);
struct digest compiled_checksum(const struct value *plan);

#endif
