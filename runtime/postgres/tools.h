/* Which of the installed PostgreSQL client programs fit a server: pg_dump refuses one that is newer
 * than itself, and a dump of a newer pg_dump asks more of the server that it is restored to. */
#ifndef RUNTIME_POSTGRES_TOOLS_H
#define RUNTIME_POSTGRES_TOOLS_H

#include <uv.h>

#include "base/error.h"

/* pg_dump and pg_restore of one version. */
struct tools {
    const char *folder;
    int version; /* the major one: 15 */
};

/* Gets the tools, or the error: the server's version, what was found where, what to install. Both
 * live in the arena of the search. */
typedef void tools_found(void *context, const struct tools *tools, const struct error *error);

/* Looks for those of the smallest major version that is at least that of a server, whose
 * `server_version` is as PQserverVersion gives it: in the folders that Debian's and PostgreSQL's
 * packages have for each version, then in PATH. `found` comes later from the loop, or at once. */
void tools_find(uv_loop_t *loop, struct arena *arena, int server_version, tools_found *found,
                void *context);

/* The path of one of them: "/usr/lib/postgresql/15/bin/pg_dump". The one that is in Debian's PATH
 * is a script that looks for this one every time. */
const char *tools_program(struct arena *arena, const struct tools *tools, const char *name);

#endif
