/* Copies of databases inside of one server. */
#ifndef RUNTIME_POSTGRES_TEMPLATE_H
#define RUNTIME_POSTGRES_TEMPLATE_H

#include <stdint.h>

/* What to put behind CREATE DATABASE ... TEMPLATE ..., so that copying so many bytes is fast on a
 * server of this version (as PQserverVersion tells it): "" or " STRATEGY ...". */
const char *template_strategy(int version, int64_t bytes);

#endif
