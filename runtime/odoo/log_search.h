/* Searching steps' logs for what Odoo said in them. Knows no loop and no run, so that a thread can
 * do it. */
#ifndef RUNTIME_ODOO_LOG_SEARCH_H
#define RUNTIME_ODOO_LOG_SEARCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/value.h"

#define LOG_FINDING_LIMIT ((size_t)1000) /* that are kept; all are counted */

struct log_finding {
    const char *step;
    size_t line;      /* in the step's log, from 1 */
    const char *text; /* what Odoo said, cut where it is very long */
};

struct log_excuse {
    const char *match;
    const char *why; /* or NULL */
    size_t count;
};

struct log_search {
    struct arena *arena;
    struct log_search_pattern *patterns; /* what is forbidden, then the excuses' */
    struct log_finding *findings;        /* the first ones */
    size_t finding_count;                /* all of them */
    struct log_excuse *excuses;
    size_t excuse_count;
    atomic_bool stopped; /* set from another thread: reading ends as soon as it can */
};

/* `except` is a list of patterns, or of {match, why}. The error says which pattern is wrong. */
const struct error *log_search_create(struct arena *arena, const char *forbid,
                                      const struct value *except, struct log_search **created);

/* Reads one step's log, where there is one: of what Odoo said in the last attempt, each line that
 * is forbidden and not excused is a finding. */
const struct error *log_search_read(struct log_search *search, const char *step, const char *path);

#endif
