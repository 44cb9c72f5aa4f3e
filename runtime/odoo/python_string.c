#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "runtime/odoo/python_literal_private.h"

static const char help_character[] = "write the character itself";

/* The beginning of one text: prefix and quotes. */
struct opening {
    size_t length; /* of prefix and quotes; 0: no text begins here */
    char quote;
    bool triple;
    bool raw;
    bool bytes;
    bool formatted; /* f'…', t'…': computed, so no literal */
};

/* The letters in front of a quote: each once, u only alone, r with b or f or t. */
static bool read_prefix(const char *text, size_t length, struct opening *opening)
{
    bool plain = false;
    for (size_t i = 0; i < length; i++) {
        char letter = (char)(text[i] | 0x20);
        bool *mark = letter == 'r'                    ? &opening->raw
                     : letter == 'b'                  ? &opening->bytes
                     : letter == 'f' || letter == 't' ? &opening->formatted
                     : letter == 'u'                  ? &plain
                                                      : NULL;
        if (!mark || *mark)
            return false;
        *mark = true;
    }
    return !(plain && length > 1) && !(opening->bytes && opening->formatted);
}

static struct opening read_opening(const char *text)
{
    struct opening opening = {0};
    size_t length = 0;
    while (length < 2 && text[length] && strchr("rRbBuUfFtT", text[length]))
        length++;
    char quote = text[length];
    if ((quote != '"' && quote != '\'') || !read_prefix(text, length, &opening))
        return (struct opening){0};
    opening.quote = quote;
    opening.triple = text[length + 1] == quote && text[length + 2] == quote;
    opening.length = length + (opening.triple ? 3 : 1);
    return opening;
}

bool python_begins_string(const struct python_reader *reader)
{
    return read_opening(reader->bytes + reader->at).length > 0;
}

static int digit_value(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    character |= 0x20;
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : 16;
}

/* Reads `minimum` to `maximum` digits. False where there are fewer. */
static bool read_digits(struct python_reader *reader, int base, int minimum, int maximum,
                        uint32_t *number)
{
    int count = 0;
    for (*number = 0; count < maximum; count++) {
        int digit = digit_value(reader->bytes[reader->at]);
        if (digit >= base)
            break;
        *number = *number * (uint32_t)base + (uint32_t)digit;
        reader->at++;
    }
    return count >= minimum;
}

static void append_character(struct python_reader *reader, size_t start,
                             const struct opening *opening, uint32_t character,
                             struct buffer *output)
{
    char encoded[UTF8_SIZE];
    size_t size = utf8_write(encoded, character);
    if (character == 0)
        python_fail(reader, start, "remove it", "a text with NUL cannot be used");
    else if (size == 0)
        python_fail(reader, start, help_character, "this is no character of Unicode");
    else if (opening->bytes && character >= 0x80)
        python_fail(reader, start, "use a text without b in front",
                    "bytes that are not ASCII cannot be used");
    else
        buffer_append(output, encoded, size);
}

/* \ooo, \xhh, \uhhhh, \Uhhhhhhhh; the reader is behind the letter (in front of an octal digit). */
static void read_numbered(struct python_reader *reader, size_t start, const struct opening *opening,
                          char letter, struct buffer *output)
{
    uint32_t character;
    int length = letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
    bool good = letter >= '0' && letter <= '7'
                    ? read_digits(reader, 8, 1, 3, &character)
                    : read_digits(reader, 16, length, length, &character);
    if (!good)
        python_fail(reader, start, help_character, "\\%c needs %d hexadecimal digits", letter,
                    length);
    else
        append_character(reader, start, opening, opening->bytes ? character & 0xFF : character,
                         output);
}

/* What stands for itself behind a backslash and what for another character, in pairs. */
static const char simple_escapes[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";

static bool append_simple(char letter, struct buffer *output)
{
    for (const char *pair = simple_escapes; *pair; pair += 2) {
        if (*pair != letter)
            continue;
        buffer_append_character(output, pair[1]);
        return true;
    }
    return false;
}

/* The reader is at the backslash. */
static void read_escape(struct python_reader *reader, const struct opening *opening,
                        struct buffer *output)
{
    size_t start = reader->at++;
    char letter = reader->bytes[reader->at];
    if (reader->at == reader->length)
        return;
    if (letter >= '0' && letter <= '7') {
        read_numbered(reader, start, opening, letter, output);
        return;
    }
    if ((letter == 'N' || letter == 'u' || letter == 'U') && opening->bytes)
        letter = '\0'; /* in bytes these are no escapes */
    if (letter == 'N') {
        python_fail(reader, start, help_character,
                    "a character given by its name (\\N{…}) is not known here");
        return;
    }
    bool numbered = letter == 'x' || letter == 'u' || letter == 'U';
    if (numbered || letter == '\n' || append_simple(letter, output))
        reader->at++;
    else
        buffer_append_character(output, '\\'); /* what is no escape stays as it is */
    if (numbered)
        read_numbered(reader, start, opening, letter, output);
}

/* A backslash in a raw text stays, and so does the quote behind it. */
static void copy_raw_escape(struct python_reader *reader, struct buffer *output)
{
    size_t length = reader->at + 1 < reader->length ? 2 : 1;
    if (length == 2 && (unsigned char)reader->bytes[reader->at + 1] >= 0x80)
        length = 1;
    buffer_append(output, reader->bytes + reader->at, length);
    reader->at += length;
}

static bool closes(const struct python_reader *reader, const struct opening *opening)
{
    const char *next = reader->bytes + reader->at;
    return next[0] == opening->quote &&
           (!opening->triple || (next[1] == opening->quote && next[2] == opening->quote));
}

static void read_character(struct python_reader *reader, const struct opening *opening,
                           struct buffer *output)
{
    char next = reader->bytes[reader->at];
    if (next == '\\' && opening->raw) {
        copy_raw_escape(reader, output);
    } else if (next == '\\') {
        read_escape(reader, opening, output);
    } else if (opening->bytes && (unsigned char)next >= 0x80) {
        python_fail(reader, reader->at, "use a text without b in front",
                    "bytes can hold ASCII only");
    } else {
        buffer_append_character(output, next);
        reader->at++;
    }
}

/* One text, appended to `output`. */
static void read_string(struct python_reader *reader, const struct opening *opening,
                        struct buffer *output)
{
    size_t start = reader->at;
    if (opening->formatted) {
        python_fail(reader, start,
                    "write the text itself: Odoo reads manifests without running "
                    "anything",
                    "a text that is computed (f'…') is no literal");
        return;
    }
    reader->at += opening->length;
    while (!reader->error && !closes(reader, opening)) {
        bool line_ends = reader->bytes[reader->at] == '\n' && !opening->triple;
        if (reader->at == reader->length || line_ends)
            python_fail(reader, start, "close the quotes", "this text does not end%s",
                        line_ends ? " on its line" : "");
        else
            read_character(reader, opening, output);
    }
    reader->at += opening->triple ? 3 : 1;
}

static struct value *string_value(struct python_reader *reader, const struct buffer *text)
{
    struct value *value = value_string(
        reader->arena, arena_copy_bytes(reader->arena, buffer_string(text), text->length));
    value->quoted = true;
    return value;
}

struct value *python_read_strings(struct python_reader *reader)
{
    struct buffer text = {0};
    struct opening opening = read_opening(reader->bytes + reader->at);
    bool bytes = opening.bytes;
    while (opening.length > 0 && !reader->error) {
        if (opening.bytes != bytes)
            python_fail(reader, reader->at, "use one kind only",
                        "texts and bytes cannot stand side by side");
        else
            read_string(reader, &opening, &text);
        if (!reader->error) {
            python_skip_blanks(reader);
            opening = read_opening(reader->bytes + reader->at);
        }
    }
    struct value *value = reader->error ? NULL : string_value(reader, &text);
    buffer_release(&text);
    return value;
}
