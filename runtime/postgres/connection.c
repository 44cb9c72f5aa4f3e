#include "runtime/postgres/connection.h"

#include <stdint.h>

#include "base/memory.h"

PGconn *connection_start(struct session_target target)
{
    const char *keywords[12], *values[12];
    size_t count = 0;
    /* A server that is gone is noticed within two minutes; the address may say otherwise. */
    keywords[count] = "keepalives_idle", values[count++] = "30";
    keywords[count] = "keepalives_interval", values[count++] = "10";
    keywords[count] = "keepalives_count", values[count++] = "3";
    keywords[count] = "tcp_user_timeout", values[count++] = "120000";
    keywords[count] = "dbname", values[count++] = target.url;
    if (target.database) /* the first dbname is taken apart as a URI; a later one replaces its
                            database */
        keywords[count] = "dbname", values[count++] = target.database;
    if (target.password)
        keywords[count] = "password", values[count++] = target.password;
    keywords[count] = "application_name", values[count++] = target.application_name;
    keywords[count] = "client_encoding", values[count++] = "UTF8";
    keywords[count] = NULL, values[count] = NULL;
    PGconn *connection = PQconnectStartParams(keywords, values, 1);
    if (!connection)
        memory_release(memory_allocate(SIZE_MAX)); /* libpq had no memory left: ends the program */
    return connection;
}
