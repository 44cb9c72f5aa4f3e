#include "runtime/dump/entry_name.h"

#include <stdbool.h>
#include <string.h>

#define PART_LIMIT 255 /* bytes of a file's or folder's name */
#define PART_COUNT 8   /* below filestore/; Odoo has two, or three */

/* A name that can be made in a folder and stays in it. */
static bool part_is_good(const char *part, size_t length)
{
    if (length == 0 || length > PART_LIMIT || (length == 1 && part[0] == '.') ||
        (length == 2 && part[0] == '.' && part[1] == '.'))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)part[i] < ' ' || part[i] == '\x7f' || part[i] == '\\')
            return false;
    return true;
}

static bool path_is_good(const char *path)
{
    for (int count = 0; count < PART_COUNT; count++) {
        size_t length = strcspn(path, "/");
        if (!part_is_good(path, length))
            return false;
        if (path[length] == '\0')
            return true;
        path += length + 1;
        if (path[0] == '\0') /* a folder's name ends with a slash */
            return true;
    }
    return false;
}

enum entry_place entry_name_place(const char *name)
{
    static const char filestore[] = ENTRY_FILESTORE;
    size_t length = strlen(name);
    if (strcmp(name, ENTRY_SQL) == 0)
        return ENTRY_IS_SQL;
    if (strcmp(name, ENTRY_MANIFEST) == 0)
        return ENTRY_IS_MANIFEST;
    if (strncmp(name, filestore, strlen(filestore)) != 0)
        return ENTRY_IS_FOREIGN;
    if (name[strlen(filestore)] == '\0')
        return ENTRY_IS_FOLDER;
    if (!path_is_good(name + strlen(filestore)))
        return ENTRY_IS_FOREIGN;
    return name[length - 1] == '/' ? ENTRY_IS_FOLDER : ENTRY_IS_FILE;
}
