/* The parts of the reader of manifests, among themselves. */
#ifndef RUNTIME_ODOO_MANIFEST_PRIVATE_H
#define RUNTIME_ODOO_MANIFEST_PRIVATE_H

#include "base/value.h"
#include "runtime/odoo/manifest.h"

/* manifest_version.c: sets the version, and the obstacle where Odoo of the series refuses it. */
void manifest_set_version(struct arena *arena, const struct value *literal, const char *series,
                          struct manifest *manifest);

#endif
