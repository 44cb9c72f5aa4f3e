/* How long a run will take, told beforehand from a rehearsal and the sizes of the sources. */
#ifndef RUNTIME_REPORT_ESTIMATE_H
#define RUNTIME_REPORT_ESTIMATE_H

#include <uv.h>

#include "base/buffer.h"
#include "base/error.h"
#include "runtime/environment.h"
#include "runtime/report/timeline.h"

struct estimate {
    const struct compiled_plan *plan;
    const struct environment *environment;
    const struct value *record; /* of the rehearsal */
    const struct value *facts;  /* of the source as it is now */
    struct run *run;
    double factor;             /* how much larger the source is than the rehearsal's was */
    struct timeline *timeline; /* its estimates are what is expected */
    struct timeline_forecast total;
};

/* Asks the environment's source for its size; blocks until it has answered. What works on the
 * database or on files is expected to take so much longer as the source is larger, anything else as
 * long as in the rehearsal. */
const struct error *estimate_make(struct arena *arena, uv_loop_t *loop,
                                  const struct compiled_plan *plan,
                                  const struct environment *environment, struct value *record,
                                  struct estimate *estimate);

void estimate_write(struct buffer *output, const struct estimate *estimate);
struct value *estimate_value(struct arena *arena, const struct estimate *estimate);

#endif
