/* The SQL of a row's hash: the same number on both servers where the row is the same. */
#ifndef RUNTIME_COMPARE_HASH_H
#define RUNTIME_COMPARE_HASH_H

#include "runtime/compare/content.h"

/* A bigint from these columns. */
const char *hash_write(const struct compare_content *content, const char *const *columns,
                       size_t count);

/* A query whose one value is the same on servers that hash in the same way: that depends on
 * encodings and processors. */
extern const char hash_probe[];

/* Whether the type's values are whole numbers of at most 64 bits. */
bool hash_is_whole(int64_t type);

#endif
