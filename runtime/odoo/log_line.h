/* The beginning of a record in Odoo's log:
 * `2026-11-24 07:15:04,123 412 INFO acme odoo.modules.loading: Loading module sale (12/59)`. */
#ifndef RUNTIME_ODOO_LOG_LINE_H
#define RUNTIME_ODOO_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/odoo/log.h"

struct odoo_line {
    enum odoo_level level;
    const char *message; /* inside of the line */
};

/* False where the line is not the first of a record. */
bool odoo_line_read(const char *line, struct odoo_line *read);

struct odoo_loading {
    const char *module; /* inside of the message, no NUL behind it */
    int module_length;
    unsigned number, total;
};

/* Whether the message says that Odoo begins to load a module. */
bool odoo_line_read_loading(const char *message, struct odoo_loading *loading);

#endif
