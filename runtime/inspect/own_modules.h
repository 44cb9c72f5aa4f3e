/* Which modules are Odoo's own, by their names (schemas/odoo-modules.json). */
#ifndef RUNTIME_INSPECT_OWN_MODULES_H
#define RUNTIME_INSPECT_OWN_MODULES_H

#include <stdbool.h>

#include "base/arena.h"

enum module_class {
    MODULE_THIRD_PARTY,
    MODULE_COMMUNITY,
    MODULE_ENTERPRISE,
    MODULE_IMPORTED, /* made in the database, as by Studio: there is no code of it */
    MODULE_CLASS_COUNT,
};

/* "third-party", "community", "enterprise", "imported". */
const char *module_class_name(enum module_class class);

struct own_modules;

/* Reads the lists that are part of the program. */
struct own_modules *own_modules_load(struct arena *arena);

/* Whether there is a list for Odoo of that series. */
bool own_modules_know(const struct own_modules *own, const char *series);

/* By the list of that series, and what has no series (website themes). A database keeps the names
 * of modules that Odoo no longer has: where the module is not installed, the lists of other series
 * count, too; an installed one is somebody else's that has the same name. *evidence says which list
 * told: "list of 18.0", "website themes", "in no list". */
enum module_class own_modules_find(const struct own_modules *own, const char *series,
                                   const char *name, bool installed, const char **evidence);

#endif
