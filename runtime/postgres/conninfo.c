#include "runtime/postgres/conninfo.h"

#include <libpq-fe.h>
#include <string.h>

#include "base/buffer.h"

static void conninfo_add(struct buffer *text, const char *keyword, const char *value)
{
    buffer_format(text, "%s%s='", text->length > 0 ? " " : "", keyword);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            buffer_append_character(text, '\\');
        buffer_append_character(text, *value);
    }
    buffer_append_character(text, '\'');
}

const char *conninfo_write(struct arena *arena, const struct database_address *address,
                           const char *database)
{
    struct buffer text = {0};
    PQconninfoOption *options =
        PQconninfoParse(address->url, NULL); /* it was parsed when it was loaded */
    for (const PQconninfoOption *option = options; option && option->keyword; option++) {
        if (!option->val || strcmp(option->keyword, "password") == 0)
            continue;
        bool replaced = strcmp(option->keyword, "dbname") == 0 && database;
        conninfo_add(&text, option->keyword, replaced ? database : option->val);
    }
    PQconninfoFree(options);
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

const char *const *conninfo_environment(struct arena *arena, const struct database_address *address)
{
    const char **variables = arena_allocate(arena, 3 * sizeof *variables);
    variables[0] = "LC_ALL=C"; /* what they say is read */
    if (address && address->password)
        variables[1] = arena_format(arena, "PGPASSWORD=%s", address->password);
    return variables;
}
