/* The last words of a run: what happened, what did not, whether the source is as it was, and what
 * to type next. For a tired person at three in the morning. */
#ifndef RUNTIME_REPORT_SUMMARY_H
#define RUNTIME_REPORT_SUMMARY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/terminal.h"
#include "runtime/report/timeline.h"

struct summary {
    const struct timeline *timeline; /* of a run that has ended */
    const struct value *record;      /* of the run, or NULL where there is none */
    const char *folder;              /* of the run, as a command line takes it */
    const char *compiled;            /* the compiled plan, as a command line takes it */
    const char *source;              /* names of the databases */
    const char *work;
    const char *published;           /* the name that the result gets, or NULL */
    const struct terminal *terminal; /* where it is written to */
};

void summary_write(struct buffer *output, const struct summary *summary);

#endif
