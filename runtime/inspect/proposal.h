/* A first plan for a database, written from its inspection. */
#ifndef RUNTIME_INSPECT_PROPOSAL_H
#define RUNTIME_INSPECT_PROPOSAL_H

#include "base/buffer.h"
#include "runtime/inspect/inspection.h"

/* Appends a plan in YAML: a decision for every third-party module that is installed, with its
 * reason as a comment, `tbd` where the database does not tell; then, as comments, what is worth a
 * thought. `customer` NULL: named after the database. The same inspection gives the same bytes.
 * Returns how many are left to decide. */
size_t proposal_write(struct buffer *output, const struct inspection *inspection,
                      const char *customer);

/* The decisions for programs. */
struct value *proposal_value(struct arena *arena, const struct inspection *inspection);

#endif
