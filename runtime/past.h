/* What the entries of a journal say of each step: how its last attempt stands. */
#ifndef RUNTIME_PAST_H
#define RUNTIME_PAST_H

#include <stdbool.h>

#include "base/value.h"
#include "compiler/compiled.h"

enum past_state {
    PAST_NONE,       /* it has not begun, or was taken back */
    PAST_BEGUN,      /* it began and never ended: cut off by a crash */
    PAST_DONE,       /* it ended well */
    PAST_TAKEN_OVER, /* a checkpoint has it */
    PAST_SKIPPED,
    PAST_FAILED, /* it ended badly */
};

/* By index of the plan's steps. */
const enum past_state *past_read(struct arena *arena, const struct compiled_plan *plan,
                                 const struct value *entries);

/* Whether something was moved into its place and not back again: by the step, or (NULL) by any.
 * Each move is written down before it is made. */
bool past_has_moved(const struct value *entries, const char *step);

/* How the last taking back of the run stands. */
enum past_rollback {
    ROLLBACK_NONE,
    ROLLBACK_PUTTING_BACK, /* publishing failed, and what it did is being put back: cut off, or not
                              possible so far */
    ROLLBACK_PUT_BACK,     /* the same, and everything is back */
    ROLLBACK_GIVING_UP,    /* somebody gives the run up: cut off, or not possible so far */
    ROLLBACK_GIVEN_UP,
};

enum past_rollback past_rollback(const struct value *entries);

#endif
