/* The files of this folder, inside the program. */
#ifndef SCHEMAS_EMBEDDED_H
#define SCHEMAS_EMBEDDED_H

#include <stddef.h>

/* Each runs from its first symbol up to its `_end` symbol; no NUL follows. */
extern const char schema_plan[], schema_plan_end[];
extern const char schema_environment[], schema_environment_end[];
extern const char schema_compiled[], schema_compiled_end[];
extern const char schema_record[], schema_record_end[];
extern const char schema_known_errors[], schema_known_errors_end[];
extern const char schema_successors[], schema_successors_end[];
extern const char diagnostic_catalogue[], diagnostic_catalogue_end[];   /* diagnostics.yaml */
extern const char known_error_catalogue[], known_error_catalogue_end[]; /* known-errors.yaml */
extern const char odoo_modules[], odoo_modules_end[];                   /* odoo-modules.json */

static inline size_t embedded_length(const char *start, const char *end)
{
    return (size_t)(end - start);
}

#endif
