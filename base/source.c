#include "base/source.h"

#include <string.h>

#include "base/utf8.h"

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

static const struct source_lines *source_lines(const struct source *source)
{
    if (!source->lines->starts)
        source_find_lines(source);
    return source->lines;
}

struct text source_line(const struct source *source, uint32_t line)
{
    const struct source_lines *lines = source_lines(source);
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

struct position source_position(const struct source *source, size_t offset)
{
    const struct source_lines *lines = source_lines(source);
    size_t low = 0;
    size_t high = lines->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (lines->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    size_t start = lines->starts[low];
    size_t before = offset > start ? utf8_count(source->text.bytes + start, offset - start) : 0;
    return (struct position){
        .source = source, .line = (uint32_t)low + 1, .column = (uint32_t)before + 1};
}
