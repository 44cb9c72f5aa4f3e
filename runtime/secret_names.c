#include "runtime/secret_names.h"

#include <regex.h>
#include <stddef.h>
#include <string.h>

static bool matches(const char *text, const char *expression)
{
    regex_t pattern;
    if (regcomp(&pattern, expression, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
        return true;
    bool found = regexec(&pattern, text, 0, NULL, 0) == 0;
    regfree(&pattern);
    return found;
}

bool secret_names_parameter(const char *name)
{
    return matches(name, SECRET_NAMES);
}

bool secret_names_address(const char *text)
{
    return strstr(text, "://") && matches(text, SECRET_ADDRESS);
}

/* What a key of a program's interface is called depends on the table. */
bool secret_names_column(const char *table, const char *column)
{
    return secret_names_parameter(column) ||
           (strcmp(column, "key") == 0 && (strstr(table, "apikey") || strstr(table, "api_key")));
}
