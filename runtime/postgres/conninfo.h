/* Connection strings for PostgreSQL's client programs. */
#ifndef RUNTIME_POSTGRES_CONNINFO_H
#define RUNTIME_POSTGRES_CONNINFO_H

#include "runtime/environment.h"

/* A key=value string for `address`, with its database replaced where `database` is not NULL. Holds
 * no password. */
const char *conninfo_write(struct arena *arena, const struct database_address *address,
                           const char *database);

/* Variables for PostgreSQL's programs, NULL-terminated: "LC_ALL=C", as what they say is read, and
 * "PGPASSWORD=..." where the address (which may be NULL) has a password. An environment is visible
 * to its own user alone, unlike the list of arguments. */
const char *const *conninfo_environment(struct arena *arena,
                                        const struct database_address *address);

#endif
