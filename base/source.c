#include "base/source.h"

#include <string.h>

struct source_lines {
    struct arena *arena;
    uint32_t *starts; /* offset of each line's first byte; NULL until first asked for */
    size_t count;
};

struct source *source_create(struct arena *arena, const char *path, struct text text)
{
    struct source *source = arena_allocate(arena, sizeof *source);
    *source = (struct source){.path = path, .text = text};
    source->lines = arena_allocate(arena, sizeof *source->lines);
    source->lines->arena = arena;
    return source;
}

/* The length of the line break at `bytes`, 0 where there is none. YAML 1.1's breaks, because
 * libyaml counts lines by them: LF, CR, CR LF, U+0085, U+2028, U+2029. */
static size_t source_break(const char *bytes, size_t length)
{
    if (bytes[0] == '\n')
        return 1;
    if (bytes[0] == '\r')
        return length > 1 && bytes[1] == '\n' ? 2 : 1;
    if (length > 1 && memcmp(bytes, "\xC2\x85", 2) == 0)
        return 2;
    if (length > 2 &&
        (memcmp(bytes, "\xE2\x80\xA8", 3) == 0 || memcmp(bytes, "\xE2\x80\xA9", 3) == 0))
        return 3;
    return 0;
}

static void source_add_line(struct source_lines *lines, size_t offset)
{
    lines->starts = arena_extend(lines->arena, lines->starts, lines->count, sizeof *lines->starts);
    lines->starts[lines->count++] = (uint32_t)offset;
}

static void source_find_lines(const struct source *source)
{
    const struct text *text = &source->text;
    size_t mark = text->length >= 3 && memcmp(text->bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    source_add_line(source->lines, mark);
    for (size_t i = mark; i < text->length;) {
        size_t length = source_break(text->bytes + i, text->length - i);
        i += length ? length : 1;
        if (length)
            source_add_line(source->lines, i);
    }
}

struct text source_line(const struct source *source, uint32_t line)
{
    struct source_lines *lines = source->lines;
    if (!lines->starts)
        source_find_lines(source);
    if (line == 0 || line > lines->count)
        return (struct text){.bytes = "", .length = 0};
    const char *start = source->text.bytes + lines->starts[line - 1];
    const char *end =
        source->text.bytes + (line < lines->count ? lines->starts[line] : source->text.length);
    size_t length = 0;
    while (start + length < end &&
           source_break(start + length, (size_t)(end - start) - length) == 0)
        length++;
    return (struct text){.bytes = start, .length = length};
}
