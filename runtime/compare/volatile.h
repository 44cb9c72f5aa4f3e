/* What is not compared because it differs by nature. */
#ifndef RUNTIME_COMPARE_VOLATILE_H
#define RUNTIME_COMPARE_VOLATILE_H

#include <stdbool.h>

#include "base/arena.h"

struct compare_options;

/* Whether nothing of the table (or sequence, view: "public.name") is compared. */
bool volatile_is_wholly(const struct compare_options *options, const char *name);

/* Whether the rows of the table, or the column in them, are left out. */
bool volatile_is_table(const struct compare_options *options, const char *table);
bool volatile_is_column(const struct compare_options *options, const char *table,
                        const char *column);

/* In SQL: which rows of the table are compared; NULL: all. */
const char *volatile_condition(const struct compare_options *options, const char *table);

/* The parameters that differ by nature. */
bool volatile_is_parameter(const struct compare_options *options, const char *key);

/* A line for each pattern of the default list: the pattern and why. Ends with pattern NULL. */
struct volatile_default {
    const char *pattern;
    const char *why;
    bool wholly; /* its definition, too */
};
extern const struct volatile_default volatile_defaults[];

#endif
