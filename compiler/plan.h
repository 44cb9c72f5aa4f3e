/* What a plan says, all its parts taken in: a view on the values that were read.
 *
 * Nothing here is sure to fit the schema: where it does not, there are diagnostics, and whoever
 * reads on uses the accessors of base/value.h, which take any value, so that all that is wrong is
 * said in one go. */
#ifndef COMPILER_PLAN_H
#define COMPILER_PLAN_H

#include "compiler/files.h"

/* The plan itself or a part that is used. */
struct document {
    const struct included *file;
    const struct value *root;
};

struct plan {
    const struct document
        *documents; /* parts first, in order of use; the plan itself is the last */
    size_t document_count;
    const struct value *head; /* the plan's own document: customer, title, upgrade */

    /* Merged. NULL where no document has it. */
    const struct value *bindings, *modules;
    const struct value *parameters, *crons, *mail_servers, *records, *config;
    const struct value *views;
    const struct value *fixes;
    const struct value *checks, *acceptance;
    const struct value *reset, *neutralize;
};

/* The document that holds the position; NULL for none. */
const struct document *plan_find_document(const struct plan *plan, struct position position);

/* Reads the plan's file and the parts it uses, checks each against the schema, and merges them.
 * *plan is NULL where the diagnostics leave nothing to go on with. An error means that the program
 * itself is broken. */
const struct error *plan_load(struct arena *arena, struct files *files, const struct included *file,
                              struct diagnostics *diagnostics, struct plan **plan);

/* plan_merge.c: fills in the merged members from the documents. */
void plan_merge(struct arena *arena, struct diagnostics *diagnostics, struct plan *plan);

#endif
