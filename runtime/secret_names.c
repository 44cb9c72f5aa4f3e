#include "runtime/secret_names.h"

#include <regex.h>
#include <stddef.h>
#include <string.h>

bool secret_names_parameter(const char *name)
{
    regex_t pattern;
    if (regcomp(&pattern, SECRET_NAMES, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
        return true;
    bool secret = regexec(&pattern, name, 0, NULL, 0) == 0;
    regfree(&pattern);
    return secret;
}

/* What a key of a program's interface is called depends on the table. */
bool secret_names_column(const char *table, const char *column)
{
    return secret_names_parameter(column) ||
           (strcmp(column, "key") == 0 && (strstr(table, "apikey") || strstr(table, "api_key")));
}
