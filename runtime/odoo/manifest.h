/* A module's manifest, as Odoo of one series understands it. */
#ifndef RUNTIME_ODOO_MANIFEST_H
#define RUNTIME_ODOO_MANIFEST_H

#include <stdbool.h>

#include "base/error.h"
#include "base/file.h"
#include "base/value.h"

#define MANIFEST_NAME "__manifest__.py"
#define MANIFEST_OLD_NAME "__openerp__.py" /* Odoo reads it too, up to 18.0 */

struct manifest {
    const char *module;  /* the folder's name */
    const char *title;   /* for people; the module's name where there is none */
    const char *version; /* as Odoo keeps it, with the series in front: "19.0.1.0" */
    const char *author;
    const char *license;
    const struct value *depends;  /* lists of texts: modules, */
    const struct value *packages; /* Python packages, perhaps with versions, */
    const struct value *programs; /* and what must be on the PATH */
    bool installable;             /* what the manifest says itself */
    bool auto_install;
    bool application;
    const char *obstacle; /* why Odoo of this series does not take the module ("its version
                             18.0.1.0.0 is not of series 19.0"), or NULL */
};

/* Reads the manifest `bytes` of `module` as Odoo `series` ("19.0") does; `path` is for messages.
 * The error (OUTCOME_INVALID) says why it cannot be read. */
const struct error *manifest_read(struct arena *arena, struct text bytes, const char *path,
                                  const char *module, const char *series,
                                  const struct manifest **manifest);

#endif
