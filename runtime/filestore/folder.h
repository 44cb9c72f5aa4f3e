/* How drehbuch knows its own folders: a file in them with what the database's comment would say
 * (runtime/postgres/marker.h). */
#ifndef RUNTIME_FILESTORE_FOLDER_H
#define RUNTIME_FILESTORE_FOLDER_H

#include <stdbool.h>

#include "base/error.h"

#define FILESTORE_MARKER ".drehbuch.json"

/* The marker's text (for marker_run and its like), or NULL where the folder has none of ours. */
const char *filestore_marker(struct arena *arena, const char *folder);

/* Writes the marker into the folder, to disk. */
const struct error *filestore_mark(struct arena *arena, const char *folder, const char *marker);

/* The name that a copy has until it is whole: depends on the marker, so that nobody else's folder
 * has it. */
const char *filestore_partial(struct arena *arena, const char *folder, const char *marker);

/* All that was written to the folder, to disk. */
const struct error *filestore_sync(struct arena *arena, const char *folder);

/* Removes a folder of ours, as filestore_remove_start does; blocks. */
const struct error *filestore_remove(struct arena *arena, const char *folder);

/* Whether `suffix`, behind a folder's name, is what that of an unfinished copy or removal ends
 * with. Nobody else chooses such a name. */
bool filestore_is_remains(const char *suffix);

/* Removes what crashes have left beside the folder: unfinished copies and removals, but for
 * `spared` (a path like filestore_partial's, or NULL). Blocks. */
const struct error *filestore_remove_remains(struct arena *arena, const char *folder,
                                             const char *spared);

#endif
