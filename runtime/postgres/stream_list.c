#include "runtime/postgres/stream_list.h"

#include <string.h>

#include "base/buffer.h"
#include "base/file.h"

#define LIST_LIMIT ((size_t)256 * 1024 * 1024)

/* Whether the line "3402; 1259 16437 INDEX public res_partner_name odoo" is of what is built. */
static bool list_has_built(const struct map *built, const char *line)
{
    const char *object = strchr(line, ' ');
    const char *between = object ? strchr(object + 1, ' ') : NULL;
    const char *end = between ? strchr(between + 1, ' ') : NULL;
    char key[32]; /* two numbers of 32 bits */
    size_t length = end ? (size_t)(end - object - 1) : sizeof key;
    if (length >= sizeof key)
        return false;
    memcpy(key, object + 1, length);
    key[length] = '\0';
    return map_get(built, key) != NULL;
}

const struct error *stream_list_shorten(struct arena *arena, const char *path,
                                        const struct map *built)
{
    struct text text;
    const struct error *error = file_read(arena, path, LIST_LIMIT, &text);
    if (error)
        return error;
    struct buffer kept = {0};
    for (const char *line = text.bytes, *next; *line; line = next) {
        size_t length = strcspn(line, "\n");
        next = line + length + (line[length] == '\n' ? 1 : 0);
        if (line[0] == ';' || !list_has_built(built, line))
            buffer_append(&kept, line, (size_t)(next - line));
    }
    error = file_replace(arena, path, buffer_string(&kept), kept.length, 0600);
    buffer_release(&kept);
    return error;
}
