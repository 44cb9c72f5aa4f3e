/* Any bytes as a journal: refused with a message, or read. What is read stays readable when a crash
 * cuts it off anywhere. Because no fuzzer finds digests, entries are tried a second time with a
 * chain that fits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/json.h"
#include "runtime/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool read_journal(struct text text, size_t *count)
{
    struct arena *arena = arena_create();
    struct value *entries;
    const struct error *error = journal_parse(arena, text, "journal", &entries);
    if (error && (!error->message || error->outcome == OUTCOME_DONE))
        abort();
    *count = error ? 0 : value_count(entries);
    arena_destroy(arena);
    return !error;
}

static void read_and_cut(struct text text)
{
    size_t count, fewer;
    if (!read_journal(text, &count))
        return;
    size_t lines = 0;
    for (size_t i = 0; i < text.length; i++)
        lines += text.bytes[i] == '\n';
    struct text cut = {.bytes = text.bytes, .length = text.length / 2};
    if (count != lines || !read_journal(cut, &fewer) || fewer > count)
        abort();
}

/* Appends the lines that are objects, chained. */
static void chain_lines(struct arena *arena, struct text text, struct buffer *chained)
{
    struct digest previous = digest_bytes("", 0);
    int64_t sequence = 0;
    const char *end = text.bytes + text.length;
    for (const char *line = text.bytes; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        struct text one = {.bytes = line, .length = (size_t)((newline ? newline : end) - line)};
        struct value *entry;
        line = newline ? newline + 1 : end;
        if (json_read(arena, one, "line", &entry) || entry->kind != VALUE_OBJECT)
            continue;
        value_set(arena, entry, "sequence", value_integer(arena, sequence++));
        value_set(arena, entry, "previous", value_string(arena, arena_copy(arena, previous.hex)));
        size_t start = chained->length;
        json_write(chained, entry, JSON_COMPACT);
        previous = digest_bytes(chained->bytes + start, chained->length - start);
        buffer_append_character(chained, '\n');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_create();
    struct text text = {.bytes = arena_copy_bytes(arena, (const char *)bytes, length),
                        .length = length};
    struct buffer chained = {0};
    read_and_cut(text);
    chain_lines(arena, text, &chained);
    read_and_cut((struct text){.bytes = buffer_string(&chained), .length = chained.length});
    buffer_release(&chained);
    arena_destroy(arena);
    return 0;
}
