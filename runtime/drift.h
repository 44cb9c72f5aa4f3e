/* Did production do what the rehearsal did? */
#ifndef RUNTIME_DRIFT_H
#define RUNTIME_DRIFT_H

#include "base/value.h"

/* Compares two runs, as record_make made their records: what they started from, and what their
 * steps did. Returns a list of {step, what, rehearsal, production}, empty where every step did the
 * same. Left out, because they differ by nature: times, what bindings supply, methods and sizes of
 * copies, notices, the figures that checks found (whether they passed counts), steps for one mode
 * only, steps of preparing and publishing that one of the two environments has no place for. */
struct value *drift_compare(struct arena *arena, const struct value *rehearsal,
                            const struct value *production);

#endif
