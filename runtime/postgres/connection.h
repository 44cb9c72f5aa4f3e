/* How every connection to PostgreSQL begins. Private to session.c and link.c. */
#ifndef RUNTIME_POSTGRES_CONNECTION_H
#define RUNTIME_POSTGRES_CONNECTION_H

#include "runtime/postgres/session.h"

#define CONNECT_TIMEOUT                                                                            \
    30000 /* milliseconds; libpq's own does not hold for asynchronous connecting */

/* Begins to connect; PQconnectPoll goes on. Never NULL. */
PGconn *connection_start(struct session_target target);

#endif
