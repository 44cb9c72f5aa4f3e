/* Two compiled plans: what one does that the other does not, in the plan's terms, and how much of a
 * rehearsal of the first still holds for the second. */
#ifndef COMPILER_PLAN_DIFF_H
#define COMPILER_PLAN_DIFF_H

#include "base/buffer.h"
#include "base/terminal.h"
#include "base/value_diff.h"
#include "compiler/compiled.h"

enum plan_change {
    PLAN_SAME,    /* the same step after the same history */
    PLAN_FOLLOWS, /* the same step, but what it builds on is not the same */
    PLAN_CHANGED, /* it does something else, or in another mode only */
    PLAN_RENAMED, /* the same under another name */
    PLAN_ADDED,
    PLAN_REMOVED,
    PLAN_CHANGE_COUNT
};

struct plan_diff_step {
    enum plan_change change;
    bool moved;                         /* and it has another place among the steps of both */
    const struct compiled_step *before; /* NULL: added */
    const struct compiled_step *after;  /* NULL: removed */
    struct value_differences changes;   /* of what it does */
};

struct plan_diff {
    const struct compiled_plan *before, *after;
    struct plan_diff_step *steps; /* in the second plan's order; one that was removed stands behind
                                     the step that it stood behind */
    size_t count;
    size_t counts[PLAN_CHANGE_COUNT];
    size_t moved;
    struct value_differences head; /* customer, title, versions, modules, bindings, acceptance */
    size_t valid; /* steps of the second plan that a rehearsal of the first has done */
    const struct compiled_step *first_invalid; /* NULL: none */
    const struct compiled_step *last_valid;    /* between preparing and publishing; NULL: none */
};

/* `before` and `after` have to live as long as the result, which lives in `arena`. */
struct plan_diff *plan_diff_make(struct arena *arena, const struct compiled_plan *before,
                                 const struct compiled_plan *after);

/* Whether they are the same plan, whatever the files' places: an approval of one is of the other.
 */
bool plan_diff_is_empty(const struct plan_diff *diff);

void plan_diff_write(struct buffer *output, const struct plan_diff *diff,
                     const struct terminal *terminal);
struct value *plan_diff_value(struct arena *arena, const struct plan_diff *diff);

#endif
