/* Which columns and parameters hold secrets, by their names: their values are shown nowhere. */
#ifndef RUNTIME_SECRET_NAMES_H
#define RUNTIME_SECRET_NAMES_H

#include <stdbool.h>

/* After ~* in SQL, and as an extended regular expression. No quotes in it. */
#define SECRET_NAMES                                                                               \
    "(passw|passphrase|secret|token|credential|oauth|enterprise_code|salt|shakey|webhook|"         \
    "(^|[._-])pass$|[.-]key$|"                                                                     \
    "hmac|sha_(request|response)|"                                                                 \
    "(api|access|private|license|signature|signing|transaction|encryption)[._-]?key)"

/* The same for the value of an address with a password in it. */
#define SECRET_ADDRESS "://[^/?#@[:space:]]*:[^/?#@[:space:]]*@"

/* Whether a parameter's value is secret. */
bool secret_names_parameter(const char *name);

/* Whether the text holds an address with a password in it, whatever it is the value of. */
bool secret_names_address(const char *text);

/* Whether the column's values, or the table's all, are secret. */
bool secret_names_column(const char *table, const char *column);

#endif
