#include "compiler/passage.h"

#include <string.h>

#include "base/utf8.h"

#define NEEDLE_LIMIT ((size_t)24)

/* How far in the document a text can reach: indentation and escapes make it longer. */
#define REACH_FACTOR ((size_t)8)
#define REACH_LEAST ((size_t)4096)

struct passage passage_of_value(const struct value *text)
{
    return (struct passage){
        .text = text->as.string.bytes, .length = text->as.string.length, .value = text};
}

struct passage passage_of_file(const struct source *source)
{
    const struct text *text = &source->text;
    size_t mark = utf8_mark_length(text->bytes, text->length);
    return (struct passage){
        .text = text->bytes + mark, .length = text->length - mark, .source = source};
}

static bool is_at(const char *text, size_t length, const char *needle, size_t needle_length)
{
    return length >= needle_length && memcmp(text, needle, needle_length) == 0;
}

/* How often the needle stands in the first `length` bytes of `text`. */
static size_t count_before(const char *text, size_t length, const char *needle,
                           size_t needle_length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += is_at(text + i, length - i + needle_length, needle, needle_length);
    return count;
}

/* YAML keeps the characters of a word, so the word is looked for in the document, from the start of
 * the value on, passing over as many as come before it in the value. */
struct position passage_position(const struct passage *passage, size_t offset,
                                 const struct diagnostics *diagnostics)
{
    if (diagnostics_full(diagnostics))
        return (struct position){0};
    if (passage->source)
        return source_position(passage->source,
                               (size_t)(passage->text - passage->source->text.bytes) + offset);
    struct position start = passage->value->position;
    if (!start.source || offset >= passage->length)
        return start;
    const char *needle = passage->text + offset;
    size_t length = strcspn(needle, " \t\r\n\\'\"");
    if (length == 0)
        length = 1;
    if (length > NEEDLE_LIMIT)
        length = NEEDLE_LIMIT;
    size_t earlier = count_before(passage->text, offset, needle, length);
    const struct text *document = &start.source->text;
    size_t i = (size_t)(source_line(start.source, start.line).bytes - document->bytes);
    i += start.column > 0 ? start.column - 1 : 0;
    size_t reach = REACH_FACTOR * passage->length + REACH_LEAST;
    size_t end = document->length - i > reach ? i + reach : document->length;
    for (; i < end; i++)
        if (is_at(document->bytes + i, end - i, needle, length) && earlier-- == 0)
            return source_position(start.source, i);
    return start;
}
