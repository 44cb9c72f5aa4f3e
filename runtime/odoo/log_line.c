#include "runtime/odoo/log_line.h"

#include <string.h>

#define NUMBER_LIMIT 1000000u

/* `pattern`: 9 for a digit, all else for itself. Returns what is behind it, NULL where it does not
 * fit. */
static const char *skip_pattern(const char *text, const char *pattern)
{
    for (; *pattern; text++, pattern++) {
        bool digit = *text >= '0' && *text <= '9';
        if (*pattern == '9' ? !digit : *text != *pattern)
            return NULL;
    }
    return text;
}

static bool read_level(const char *word, size_t length, enum odoo_level *level)
{
    static const struct {
        const char *name;
        enum odoo_level level;
    } levels[] = {{"INFO", ODOO_LEVEL_INFO},       {"DEBUG", ODOO_LEVEL_DEBUG},
                  {"WARNING", ODOO_LEVEL_WARNING}, {"ERROR", ODOO_LEVEL_ERROR},
                  {"RUNBOT", ODOO_LEVEL_INFO},     {"CRITICAL", ODOO_LEVEL_CRITICAL}};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strlen(levels[i].name) == length && memcmp(levels[i].name, word, length) == 0) {
            *level = levels[i].level;
            return true;
        }
    }
    return false;
}

bool odoo_line_read(const char *line, struct odoo_line *read)
{
    const char *rest = skip_pattern(line, "9999-99-99 99:99:99,999 ");
    if (!rest)
        return false;
    size_t process = strspn(rest, "0123456789");
    if (process == 0 || rest[process] != ' ')
        return false;
    rest += process + 1;
    size_t word = strcspn(rest, " ");
    if (rest[word] != ' ' || !read_level(rest, word, &read->level))
        return false;
    rest += word + 1;
    size_t database = strcspn(rest, " "); /* "?" where there is none */
    if (database == 0 || rest[database] != ' ')
        return false;
    rest += database + 1;
    size_t logger = strcspn(rest, ": ");
    if (logger == 0 || rest[logger] != ':')
        return false;
    rest += logger + 1;
    read->message = rest + (*rest == ' ');
    return true;
}

static const char *read_number(const char *text, unsigned *number)
{
    *number = 0;
    const char *start = text;
    for (; *text >= '0' && *text <= '9' && *number < NUMBER_LIMIT; text++)
        *number = 10 * *number + (unsigned)(*text - '0');
    return text == start ? NULL : text;
}

bool odoo_line_read_loading(const char *message, struct odoo_loading *loading)
{
    static const char words[] = "oading module ";
    if ((message[0] != 'L' && message[0] != 'l') ||
        strncmp(message + 1, words, sizeof words - 1) != 0)
        return false;
    loading->module = message + sizeof words;
    size_t length = strcspn(loading->module, " ");
    const char *rest = loading->module + length;
    if (length == 0 || length > 200 || strncmp(rest, " (", 2) != 0)
        return false;
    loading->module_length = (int)length;
    rest = read_number(rest + 2, &loading->number);
    rest = rest && *rest == '/' ? read_number(rest + 1, &loading->total) : NULL;
    return rest && *rest == ')';
}
