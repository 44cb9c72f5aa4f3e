/* What rows.c and rows_show.c share: one table that differs. */
#ifndef RUNTIME_COMPARE_ROWS_PRIVATE_H
#define RUNTIME_COMPARE_ROWS_PRIVATE_H

#include "runtime/compare/rows.h"

/* A row of one or both; where the table has no key: all rows with the same content. */
struct rows_entry {
    const char *id;                 /* tells it from all others; not to be shown */
    const char **key;               /* its values */
    const char *hashes[SIDE_COUNT]; /* NULL: not there */
    int64_t counts[SIDE_COUNT];
    const char **values[SIDE_COUNT]; /* of the columns that are compared; NULL: not there, or not
                                        fetched */
};

struct rows_search {
    struct compare_content *content;
    const char *bucket; /* SQL: a row's bucket; NULL: there is but one */
    int64_t *numbers;   /* of the buckets that differ, and are looked into */
    size_t number_count;
    struct map *by_id;
    struct rows_entry **entries; /* those that differ, in order */
    size_t entry_count;
};

/* Fetches the first of the entries. */
void rows_fetch(struct rows_search *search);

/* Makes the table's values of what was fetched. */
void rows_show(struct rows_search *search);

#endif
