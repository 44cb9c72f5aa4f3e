/* What upgrade.c and upgrade_columns.c share. */
#ifndef RUNTIME_COMPARE_UPGRADE_PRIVATE_H
#define RUNTIME_COMPARE_UPGRADE_PRIVATE_H

#include "runtime/compare/catalog.h"
#include "runtime/compare/upgrade.h"

struct upgrading {
    struct comparison *comparison;
    struct crew *crew;
    struct compare_upgrade *upgrade;
    struct map *models[SIDE_COUNT];  /* number: table */
    struct map *fields[SIDE_COUNT];  /* number: "model.field" */
    struct map *modules[SIDE_COUNT]; /* name: version */
    struct map *renamed;             /* table in X: table in Y */
    struct map *arrived;             /* table in Y: table in X */
    struct map *transient;           /* tables of X's models that hold dialogs */
    struct map *renamed_fields;      /* "table in Y.column in X": column in Y */
};

/* What a side knows of a table; of one that has become a part of another in Y, what X does. */
const struct compare_relation *upgrading_find(const struct upgrading *upgrading, enum side side,
                                              const char *name);

/* In SQL: "FROM ONLY \"public\".\"t\"". */
const char *upgrading_write_from(const struct upgrading *upgrading,
                                 const struct compare_relation *relation);

/* Lists the columns of the tables that both have, and asks what is lost with those that have
 * vanished. */
void upgrading_list_columns(struct upgrading *upgrading);

#endif
