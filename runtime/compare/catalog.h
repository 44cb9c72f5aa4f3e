/* The tables of the two databases: which there are, and how their rows are read and named. */
#ifndef RUNTIME_COMPARE_CATALOG_H
#define RUNTIME_COMPARE_CATALOG_H

#include "runtime/compare/crew.h"

struct compare_column {
    const char *name;
    int64_t type; /* its number on that server; of PostgreSQL's own types the same everywhere */
};

/* A table or materialized view of one side; of partitioned ones the whole, not the partitions. */
struct compare_relation {
    const char *name;              /* "public.res_partner" */
    const char *schema, *relation; /* its two parts */
    bool partitioned;
    bool derived; /* a materialized view: its rows are made of others */
    bool readable;
    int64_t pages;
    struct compare_column *columns; /* by name */
    size_t column_count;
    const char **key; /* columns: the primary key's, else those of another one without gaps */
    size_t key_count; /* 0: none */
};

/* Reads both sides' relations, and how their servers hash. */
const struct error *catalog_read(struct comparison *comparison, struct crew *crew);

/* The column, or NULL. */
const struct compare_column *catalog_column(const struct compare_relation *relation,
                                            const char *name);

#endif
