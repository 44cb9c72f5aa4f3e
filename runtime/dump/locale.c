#include "runtime/dump/locale.h"

#include <string.h>

#define STATEMENT "CREATE DATABASE "
#define TEMPLATE " WITH TEMPLATE = template0"

static const struct {
    const char *keyword;
    bool quoted;
} known_options[] = {
    {"ENCODING", true}, {"LOCALE_PROVIDER", false}, {"LOCALE", true},         {"LC_COLLATE", true},
    {"LC_CTYPE", true}, {"ICU_LOCALE", true},       {"BUILTIN_LOCALE", true}, {"ICU_RULES", true},
};

static bool locale_take_keyword(const char **text, struct dump_locale_option *option)
{
    size_t length = strspn(*text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    for (size_t i = 0; i < sizeof known_options / sizeof known_options[0]; i++)
        if (strlen(known_options[i].keyword) == length &&
            strncmp(*text, known_options[i].keyword, length) == 0) {
            option->keyword = known_options[i].keyword;
            option->quoted = known_options[i].quoted;
            *text += length;
            return strncmp(*text, " = ", 3) == 0 && (*text += 3);
        }
    return false;
}

/* A literal without quotes in it, or a word. */
static bool locale_take_value(struct arena *arena, const char **text,
                              struct dump_locale_option *option)
{
    *text += option->quoted && **text == '\'' ? 1 : 0;
    size_t length =
        option->quoted ? strcspn(*text, "'\\") : strspn(*text, "abcdefghijklmnopqrstuvwxyz");
    option->value = arena_copy_bytes(arena, *text, length);
    *text += length;
    if (option->quoted && *(*text)++ != '\'')
        return false;
    return length > 0;
}

static bool locale_read(struct arena *arena, const char *text, struct dump_locale *locale)
{
    while (*text == ' ' && locale->count < LOCALE_OPTION_COUNT) {
        struct dump_locale_option *option = &locale->options[locale->count];
        text++;
        if (!locale_take_keyword(&text, option) || !locale_take_value(arena, &text, option))
            return false;
        locale->count++;
    }
    return strcmp(text, ";") == 0;
}

bool dump_locale_take(struct arena *arena, const char *line, struct dump_locale *locale)
{
    if (strncmp(line, STATEMENT, strlen(STATEMENT)) != 0)
        return false;
    const char *options = strstr(line, TEMPLATE);
    *locale = (struct dump_locale){0};
    if (options && !locale_read(arena, options + strlen(TEMPLATE), locale))
        *locale = (struct dump_locale){0};
    return true;
}
