/* What the checks share: their effects and their failure. */
#ifndef RUNTIME_STEPS_CHECK_RESULT_H
#define RUNTIME_STEPS_CHECK_RESULT_H

#include "runtime/steps/kind.h"

/* {check: {actual, expected, passed}} */
struct value *check_describe(struct step_run *step, const char *actual, const char *expected,
                             bool passed);

/* NULL where it passed. */
const struct error *check_judge(struct step_run *step, const char *actual, const char *expected,
                                bool passed);

/* Whether `actual` lies in `range` ("0..500"); false where it is no whole number. */
bool check_is_in_range(const char *actual, const char *range);

#endif
