#include "runtime/postgres/template.h"

/* From some size on, copying the files is faster than writing all pages into the log as well. On an
 * idle PostgreSQL 15 with fsync: 8 MB in 48 ms by WAL_LOG, 68 by FILE_COPY; 23 MB in 77 and 78; 71
 * MB in 140 and 90; 263 MB in 530 and 270. The two checkpoints that it takes cost more on a busy
 * server, so the limit is somewhat above. */
#define FILE_COPY_FROM ((int64_t)64 * 1024 * 1024)

const char *template_strategy(int version, int64_t bytes)
{
    if (version < 150000)
        return ""; /* files are copied in any case */
    return bytes < FILE_COPY_FROM ? " STRATEGY wal_log" : " STRATEGY file_copy";
}
