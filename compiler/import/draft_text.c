#include <string.h>

#include "base/utf8.h"
#include "compiler/import/draft.h"

/* What ends a line for YAML or a terminal, or cannot stand in a document at all. */
static bool is_unfit(uint32_t character)
{
    return character < ' ' || (character >= 0x7f && character < 0xa0) || character == 0x2028 ||
           character == 0x2029 || character == 0xfeff ||
           (character >= 0xfffe && character <= 0xffff);
}

const char *draft_one_line(struct arena *arena, const char *text)
{
    struct buffer line = {0};
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t size = utf8_read(text + at, length - at, &character);
        if (size == 0 || is_unfit(character))
            buffer_append_character(&line, ' ');
        else
            buffer_append(&line, text + at, size);
        at += size > 0 ? size : 1;
    }
    const char *copy = arena_copy(arena, buffer_string(&line));
    buffer_release(&line);
    return copy;
}

bool draft_fits_block(const char *text)
{
    size_t length = strlen(text);
    if (length < 2 || text[length - 1] != '\n' || text[length - 2] == '\n')
        return false;
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t size = utf8_read(text + at, length - at, &character);
        bool kept = character == '\n' || character == '\t';
        if (size == 0 || (is_unfit(character) && !kept))
            return false;
        at += size;
    }
    return true;
}

const char *draft_place(struct arena *arena, struct position origin)
{
    const char *path = origin.source ? origin.source->path : "";
    return draft_one_line(arena,
                          origin.line > 0 ? arena_format(arena, "%s:%u", path, origin.line) : path);
}
