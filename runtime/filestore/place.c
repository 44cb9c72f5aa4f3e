#include "runtime/filestore/place.h"

#include <string.h>

bool filestore_is_remote(const char *path)
{
    size_t length = strcspn(path, ":/");
    return length > 0 && path[length] == ':';
}

const char *filestore_dump_folder(struct arena *arena, const char *work_filestore)
{
    return work_filestore ? arena_format(arena, "%s.source", work_filestore) : NULL;
}
