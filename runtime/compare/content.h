/* The rows of the tables that both have: counted and hashed on the servers, whatever their order.
 *
 * Each row's hash depends on all of its columns that are compared; the sum of these over a table or
 * over a part of it (a bucket) is the same on both where the rows are the same. A row is in the
 * bucket that its key is in: of a key that is one whole number 4,096 numbers are one, so that a
 * table that differs tells at once where. */
#ifndef RUNTIME_COMPARE_CONTENT_H
#define RUNTIME_COMPARE_CONTENT_H

#include "runtime/compare/catalog.h"

#define CONTENT_BUCKET_BITS 12

struct compare_bucket {
    int64_t number;
    int64_t rows;
    uint64_t sum; /* modulo 2^64 */
};

struct compare_buckets {
    struct compare_bucket *list;
    size_t count;
};

struct compare_content {
    struct comparison *comparison;
    struct compare_table *table;
    struct crew *crew;
    const char *from[SIDE_COUNT]; /* SQL: "FROM ONLY \"public\".\"t\" WHERE true" */
    const char **columns;         /* that are compared, by name */
    size_t column_count;
    const char **key; /* of both the same; of none: the row's hash stands for it */
    size_t key_count;
    bool integer_key;
    const char *hash; /* SQL: a row's hash, a bigint */
    struct compare_buckets buckets[SIDE_COUNT];
    bool failed;
};

/* Finds the tables, and has the crew ask for the rows of each on both sides. */
void content_begin(struct comparison *comparison, struct crew *crew);

/* Decides by what was answered which tables differ. */
void content_end(struct comparison *comparison);

/* Asks for the sums of each bucket; `bucket` is in SQL. */
void content_ask(struct compare_content *content, enum side side, const char *bucket);

/* Adds up what came in pieces, and sorts by number. */
void content_gather(struct compare_buckets *buckets);

/* Notes that the server could not read the table. */
void content_fail(struct compare_content *content, const struct session_answer *answer);

#endif
