/* What has become of modules under other names: OpenUpgrade's lists (apriori.py), and the user's
 * own. */
#ifndef RUNTIME_INSPECT_SUCCESSORS_H
#define RUNTIME_INSPECT_SUCCESSORS_H

#include <stdbool.h>

#include "base/diagnostic.h"
#include "base/error.h"
#include "base/file.h"

struct successor {
    const char *name;   /* of the module that has taken its place */
    bool merged;        /* it was there before; else it is the same module, renamed */
    const char *origin; /* "OpenUpgrade", or the path of the user's list */
};

struct successors;

struct successors *successors_create(struct arena *arena);

/* Takes the dictionaries renamed_modules and merged_modules out of apriori.py, as literals: nothing
 * of it is run. The error (OUTCOME_FAILED) says what cannot be read. */
const struct error *successors_add_apriori(struct successors *successors, struct text text,
                                           const char *name);

/* A YAML file of the members `renamed` and `merged`, each an object of old names to new ones. It
 * counts before OpenUpgrade's, whichever is added first. What is wrong with it goes to
 * `diagnostics`. */
const struct error *successors_add_file(struct successors *successors, const char *path,
                                        struct diagnostics *diagnostics);

/* NULL: it is in none of the lists. */
const struct successor *successors_find(const struct successors *successors, const char *module);

#endif
