#include "base/source.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* Found out from the beginning, as far as was asked for. */
struct source_lines {
    uint32_t *starts; /* offset of each line's first byte */
    size_t count;
    size_t capacity;
    bool complete;
};

static void source_release(void *object)
{
    struct source_lines *lines = object;
    memory_release(lines->starts);
}

static void source_add_line(struct source_lines *lines, size_t offset)
{
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity ? 2 * lines->capacity : 64;
        lines->starts = memory_resize(lines->starts, lines->capacity * sizeof *lines->starts);
    }
    lines->starts[lines->count++] = (uint32_t)offset;
}

struct source *source_create(struct arena *arena, const char *path, struct text text)
{
    struct source *source = arena_allocate(arena, sizeof *source);
    *source = (struct source){.path = path, .text = text};
    source->lines = arena_allocate(arena, sizeof *source->lines);
    arena_on_destroy(arena, source_release, source->lines);
    source_add_line(source->lines, utf8_mark_length(text.bytes, text.length));
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
    if (bytes[0] != '\xC2' && bytes[0] != '\xE2')
        return 0;
    if (length > 1 && memcmp(bytes, "\xC2\x85", 2) == 0)
        return 2;
    if (length > 2 &&
        (memcmp(bytes, "\xE2\x80\xA8", 3) == 0 || memcmp(bytes, "\xE2\x80\xA9", 3) == 0))
        return 3;
    return 0;
}

/* Finds the next line. */
static void source_find_line(const struct source *source)
{
    struct source_lines *lines = source->lines;
    const struct text *text = &source->text;
    for (size_t i = lines->starts[lines->count - 1]; i < text->length; i++) {
        size_t length = source_break(text->bytes + i, text->length - i);
        if (length == 0)
            continue;
        source_add_line(lines, i + length);
        return;
    }
    lines->complete = true;
}

struct text source_line(const struct source *source, uint32_t line)
{
    const struct source_lines *lines = source->lines;
    while (lines->count <= line && !lines->complete)
        source_find_line(source);
    if (line == 0 || line > lines->count)
        return (struct text){.bytes = "", .length = 0};
    size_t start = lines->starts[line - 1];
    size_t end = line < lines->count ? lines->starts[line] : source->text.length;
    struct text text = {.bytes = source->text.bytes + start, .length = end - start};
    for (size_t size = 3; line < lines->count && size > 0; size--) {
        if (text.length < size || source_break(text.bytes + text.length - size, size) != size)
            continue;
        text.length -= size;
        break;
    }
    return text;
}

struct position source_position(const struct source *source, size_t offset)
{
    const struct source_lines *lines = source->lines;
    while (lines->starts[lines->count - 1] <= offset && !lines->complete)
        source_find_line(source);
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
