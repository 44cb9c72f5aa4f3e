/* Which rows of a table that differs are others, and in which columns: without fetching the table.
 *
 * What differs is looked for in the buckets whose sums differ. A key that is no whole number is put
 * into as many buckets as the table needs by its hash, which costs one more reading of the table.
 */
#ifndef RUNTIME_COMPARE_ROWS_H
#define RUNTIME_COMPARE_ROWS_H

#include "runtime/compare/content.h"

/* Fills what the tables that differ say of rows. */
const struct error *rows_compare(struct comparison *comparison, struct crew *crew);

#endif
