/* What is not compared because it differs by nature, and what is not shown because it is secret. */
#ifndef RUNTIME_COMPARE_VOLATILE_H
#define RUNTIME_COMPARE_VOLATILE_H

#include <stdbool.h>

#include "base/arena.h"

struct compare_options;

/* After ~* in SQL, and as an extended regular expression: names of parameters and columns whose
 * values are not shown. No quotes in it. */
#define VOLATILE_SECRET                                                                            \
    "(passw|passphrase|secret|token|credential|oauth|enterprise_code|(^|[._-])pass$|"              \
    "hmac|sha_(request|response)|"                                                                 \
    "(api|access|private|license|signature|signing|transaction|encryption)[._-]?key)"

/* Whether a parameter's value is secret. */
bool volatile_is_secret_name(const char *name);

/* Whether the column's values, or the table's all, are secret. */
bool volatile_is_secret(const char *table, const char *column);

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
