/* Where filestores are. */
#ifndef RUNTIME_FILESTORE_PLACE_H
#define RUNTIME_FILESTORE_PLACE_H

#include <stdbool.h>

#include "base/arena.h"

/* Whether the path is of another host: HOST:FOLDER or USER@HOST:FOLDER, as rsync and scp write it.
 * A colon then stands before the first slash. */
bool filestore_is_remote(const char *path);

/* The folder that the files of a dump lie in which is the environment's source: beside the working
 * filestore. NULL where the environment names no working filestore. */
const char *filestore_dump_folder(struct arena *arena, const char *work_filestore);

#endif
