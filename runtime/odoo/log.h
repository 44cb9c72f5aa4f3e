/* What Odoo's output says: records by level, how far it is, what went wrong, and what is known of
 * that. Bounded memory, whatever is printed. */
#ifndef RUNTIME_ODOO_LOG_H
#define RUNTIME_ODOO_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/value.h"
#include "runtime/known_errors.h"

struct odoo_log;

enum odoo_level {
    ODOO_LEVEL_DEBUG,
    ODOO_LEVEL_INFO,
    ODOO_LEVEL_WARNING,
    ODOO_LEVEL_ERROR,
    ODOO_LEVEL_CRITICAL,
};
#define ODOO_LEVEL_COUNT 5

struct odoo_log_listener {
    /* Odoo begins to load a module: "module 12 of 59: sale". May be NULL. It loads the graph
     * several times: numbers may begin again. */
    void (*progress)(void *context, const char *text);
    void *context;
};

/* `modules` are those the step names, or NULL. */
struct odoo_log *odoo_log_create(struct arena *arena, const struct known_errors *known,
                                 const struct value *modules, struct odoo_log_listener listener);

/* A line of output, without its line break; of an overlong one, a piece. */
void odoo_log_take(struct odoo_log *log, const char *line);

/* The output is at its end: the last record is looked at. Before this, and after the last line, the
 * functions below do not know it. */
void odoo_log_end(struct odoo_log *log);

size_t odoo_log_count(const struct odoo_log *log, enum odoo_level level);

/* NULL, or why the step failed: Odoo ended with an exit code or a signal, logged a CRITICAL record,
 * or said something that is known to be a failure though it goes on (with --stop-after-init its
 * exit code is 0 then). The message ends with the last lines of the traceback, the help with what
 * is known. ERROR records alone are no failure. */
const struct error *odoo_log_judge(const struct odoo_log *log, struct arena *arena,
                                   int64_t exit_code, int signal);

/* What somebody should look at though the step has not failed: "Odoo logged 2 errors, the last one:
 * ..."; or NULL. For step_warn. */
const char *odoo_log_warning(const struct odoo_log *log, struct arena *arena);

/* The last ERROR or CRITICAL record's message, with the traceback's last three lines below; NULL
 * where there was none. For a process that ends for another reason. */
const char *odoo_log_last_error(const struct odoo_log *log, struct arena *arena);

/* "known: MEANING; REMEDY", or NULL. */
const char *odoo_log_help(const struct odoo_log *log, struct arena *arena);

/* Adds `log: {warnings, errors, criticals}` and `known_errors: {ID: COUNT}`. */
void odoo_log_describe(const struct odoo_log *log, struct arena *arena, struct value *effects);

#endif
