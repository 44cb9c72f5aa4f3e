/* Connection strings for PostgreSQL's client programs. */
#ifndef RUNTIME_POSTGRES_CONNINFO_H
#define RUNTIME_POSTGRES_CONNINFO_H

#include "runtime/environment.h"

/* A key=value string for `address`, with its database replaced where `database` is not NULL. Holds
 * no password. */
const char *conninfo_write(struct arena *arena, const struct database_address *address,
                           const char *database);

/* "PGPASSWORD=..." for a child's environment, NULL-terminated; empty where the address has no
 * password. An environment is visible to its own user alone, unlike the list of arguments. */
const char *const *conninfo_environment(struct arena *arena,
                                        const struct database_address *address);

#endif
