#include "base/text_line.h"

#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"

bool text_line_ends_at(uint32_t character)
{
    return character < ' ' || (character >= 0x7f && character < 0xa0) || character == 0x2028 ||
           character == 0x2029 || character == 0xfeff || character == 0xfffe || character == 0xffff;
}

const char *text_line(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    struct buffer line = {0};
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t size = utf8_read(text + at, length - at, &character);
        if (size > 0 && !text_line_ends_at(character))
            buffer_append(&line, text + at, size);
        else if (line.length > 0 && line.bytes[line.length - 1] != ' ')
            buffer_append_character(&line, ' ');
        at += size > 0 ? size : 1;
    }
    const char *copy = arena_copy(arena, buffer_string(&line));
    buffer_release(&line);
    return copy;
}
