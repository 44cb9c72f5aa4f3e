#include <string.h>

#include "base/text_line.h"
#include "base/utf8.h"
#include "compiler/import/draft.h"

bool draft_fits_block(const char *text)
{
    size_t length = strlen(text);
    if (length < 2 || text[length - 1] != '\n' || text[length - 2] == '\n')
        return false;
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t size = utf8_read(text + at, length - at, &character);
        bool kept = character == '\n' || character == '\t';
        if (size == 0 || (text_line_ends_at(character) && !kept))
            return false;
        at += size;
    }
    return true;
}

const char *draft_place(struct arena *arena, struct position origin)
{
    const char *path = origin.source ? origin.source->path : "";
    return text_line(arena,
                     origin.line > 0 ? arena_format(arena, "%s:%u", path, origin.line) : path);
}
