/* The list of what pg_restore is to make (pg_restore --list). Private to stream*.c. */
#ifndef RUNTIME_POSTGRES_STREAM_LIST_H
#define RUNTIME_POSTGRES_STREAM_LIST_H

#include "base/error.h"
#include "base/map.h"

/* Takes out of the list in the file `path` what the map `built` has, by "CATALOGUE OID": "1259
 * 16437". */
const struct error *stream_list_shorten(struct arena *arena, const char *path,
                                        const struct map *built);

#endif
