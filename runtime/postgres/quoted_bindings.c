#include "runtime/postgres/quoted_bindings.h"

#include <string.h>

#include "base/template.h"

struct quoting {
    const struct run *run;
    struct arena *arena;
    PGconn *connection;
};

static const char *quoting_lookup(void *context, const char *name)
{
    const struct quoting *quoting = context;
    const char *value = map_get(quoting->run->environment->bindings, name);
    char *quoted = value ? PQescapeLiteral(quoting->connection, value, strlen(value)) : NULL;
    const char *kept = quoted ? arena_copy(quoting->arena, quoted) : "NULL";
    PQfreemem(quoted);
    return kept;
}

const char *quoted_bindings_expand(const struct run *run, struct arena *arena, PGconn *connection,
                                   const char *sql)
{
    struct quoting quoting = {.run = run, .arena = arena, .connection = connection};
    return template_expand(arena, sql, quoting_lookup, &quoting);
}
