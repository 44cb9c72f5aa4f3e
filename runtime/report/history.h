/* Runs of the past, and the one that another process performs right now: read from the run folder.
 */
#ifndef RUNTIME_REPORT_HISTORY_H
#define RUNTIME_REPORT_HISTORY_H

#include <stdbool.h>

#include "base/error.h"
#include "runtime/report/timeline.h"

struct past_run {
    const char *folder;
    const struct compiled_plan *plan;
    const struct value *journal; /* its entries */
    struct timeline *timeline;   /* after all of them */
};

/* The folder of the run that a person means: `name` is a run folder, or a folder of runs, whose
 * latest is meant; NULL: the folder of runs here, "runs". */
const struct error *history_find(struct arena *arena, const char *name, const char **folder);

/* Reads plan and journal. The timeline expects what the rehearsal took, where the run folder holds
 * one's record. */
const struct error *history_read(struct arena *arena, const char *folder, struct past_run *run);

/* Both: the run that a person means. */
const struct error *history_open(struct arena *arena, const char *name, struct past_run *run);

enum past_run_state {
    PAST_RUN_RUNNING, /* its process is there */
    PAST_RUN_ENDED,   /* it said so in the journal */
    PAST_RUN_GONE,    /* killed, or the machine went down: it can be resumed */
    PAST_RUN_AWAY,    /* it runs or ran on another machine: nothing can be said from here */
};

enum past_run_state history_state(const struct past_run *run);

#endif
