/* Changing fields of one record in SQL, named by its external id; old and new values go into the
 * effects. */
#ifndef RUNTIME_STEPS_RECORD_UPDATE_H
#define RUNTIME_STEPS_RECORD_UPDATE_H

#include "runtime/postgres/transaction.h"

/* Adds the update of `fields` (column to value) to the record `xmlid`, which must be one of the
 * given models: `models` and `tables` are lists of the same length, ended by NULL. `written` is
 * `fields` as the plan has it, with the names of its bindings. The changes become
 * effects[effect][xmlid]; the values of the fields for which `is_secret` says so are masked. */
void record_update_add(struct transaction *transaction, const char *const *models,
                       const char *const *tables, const char *xmlid, const struct value *fields,
                       const struct value *written, const char *effect,
                       bool (*is_secret)(const struct step_run *step, const char *xmlid,
                                         const char *field));

#endif
