/* Renaming and merging modules in SQL, in the database's own terms: the tables that are there
 * decide, not a version.
 *
 * A module's name stands in ir_module_module, in ir_model_data (the owner of every external id, and
 * the module's own record base.module_NAME), in what other modules depend on or exclude, in the
 * keys of its views, and, up to 15.0, in ir_translation. */
#ifndef RUNTIME_STEPS_MODULES_H
#define RUNTIME_STEPS_MODULES_H

#include "runtime/postgres/transaction.h"

/* Two modules of one entry of `spec.modules`, and which of the tables that came or went with
 * versions are there. */
struct module_pair {
    const char *from;
    const char *from_state; /* NULL: the database does not know it */
    const char *to;
    const char *to_state;
    bool exclusions;   /* ir_module_module_exclusion */
    bool translations; /* ir_translation */
    bool view_keys;    /* ir_ui_view.key */
};

/* Looks the pairs up and calls `build` for each, to add its statements. `to_member` is "to" or
 * "into". */
const struct error *modules_look_up(struct transaction *transaction, const char *to_member,
                                    const struct error *(*build)(struct transaction *transaction,
                                                                 const struct module_pair *pair));

/* What `from` owns becomes `to`'s: external ids, view keys, translations. External ids that `to`
 * has too are dropped. */
void modules_hand_over(struct transaction *transaction, const struct module_pair *pair);

/* Removes a module's row, with its external id, what it depends on and excludes. */
void modules_forget(struct transaction *transaction, const struct module_pair *pair,
                    const char *name);

/* Adds to the effects' member `modules`. */
void modules_note(struct transaction *transaction, const char *module, const char *old,
                  const char *new);

#endif
