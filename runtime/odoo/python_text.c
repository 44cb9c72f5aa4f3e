#include "runtime/odoo/python_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/utf8.h"

static const char help_utf8[] = "save the file as UTF-8 and remove its declaration of another "
                                "encoding";

/* A character set of one byte a character: what it has elsewhere than Unicode's first 256. */
struct charset {
    const char *encoding;
    const char *const *names;        /* as Python knows them, with '-' for '_' */
    uint32_t (*read)(unsigned byte); /* 0: the byte stands for nothing */
};

static uint32_t read_latin_1(unsigned byte)
{
    return byte;
}

static uint32_t read_latin_9(unsigned byte)
{
    static const struct {
        unsigned byte;
        uint32_t character;
    } own[] = {
        {0xA4, 0x20AC}, {0xA6, 0x0160}, {0xA8, 0x0161}, {0xB4, 0x017D},
        {0xB8, 0x017E}, {0xBC, 0x0152}, {0xBD, 0x0153}, {0xBE, 0x0178},
    };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i].byte == byte)
            return own[i].character;
    return byte;
}

static uint32_t read_cp1252(unsigned byte)
{
    static const uint16_t own[32] = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
    };
    return byte >= 0x80 && byte < 0xA0 ? own[byte - 0x80] : byte;
}

static const char *const latin_1_names[] = {"latin-1", "latin1",      "iso-8859-1", "iso8859-1",
                                            "8859",    "iso-latin-1", "l1",         NULL};
static const char *const latin_9_names[] = {"latin-9",    "latin9", "iso-8859-15",
                                            "iso8859-15", "l9",     NULL};
static const char *const cp1252_names[] = {"cp1252", "windows-1252", "1252", NULL};

static const struct charset charsets[] = {
    {"latin-1", latin_1_names, read_latin_1},
    {"latin-9", latin_9_names, read_latin_9},
    {"cp1252", cp1252_names, read_cp1252},
};

/* Python takes '_' for '-' and letters of either case. */
static const char *normalize_name(struct arena *arena, const char *name, size_t length)
{
    char *copy = arena_copy_bytes(arena, name, length);
    for (char *next = copy; *next; next++)
        if (*next == '_')
            *next = '-';
    return copy;
}

static const struct charset *find_charset(const char *declared)
{
    for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++)
        for (const char *const *name = charsets[i].names; *name; name++)
            if (strcasecmp(declared, *name) == 0)
                return &charsets[i];
    return NULL;
}

static bool is_name_character(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || (character && strchr("-_.", character));
}

/* What a comment declares after "coding:" or "coding=", NULL where it declares nothing. */
static const char *find_declaration(struct arena *arena, const char *comment, size_t length)
{
    static const char word[] = "coding";
    for (size_t i = 0; i + sizeof word <= length; i++) {
        size_t at = i + strlen(word);
        if (memcmp(comment + i, word, strlen(word)) != 0 ||
            (comment[at] != ':' && comment[at] != '='))
            continue;
        at++;
        while (at < length && (comment[at] == ' ' || comment[at] == '\t'))
            at++;
        size_t end = at;
        while (end < length && is_name_character(comment[end]))
            end++;
        if (end > at)
            return normalize_name(arena, comment + at, end - at);
    }
    return NULL;
}

static size_t line_length(const char *bytes, size_t length)
{
    size_t end = 0;
    while (end < length && bytes[end] != '\n' && bytes[end] != '\r')
        end++;
    return end;
}

/* The encoding that the first or second line declares. The second counts only where the first holds
 * nothing but a comment. */
static const char *find_encoding(struct arena *arena, struct text bytes)
{
    size_t start = 0;
    for (int line = 0; line < 2 && start < bytes.length; line++) {
        size_t length = line_length(bytes.bytes + start, bytes.length - start);
        size_t blank = 0;
        while (blank < length && strchr(" \t\f", bytes.bytes[start + blank]))
            blank++;
        bool comment = blank < length && bytes.bytes[start + blank] == '#';
        const char *found =
            comment ? find_declaration(arena, bytes.bytes + start + blank, length - blank) : NULL;
        if (found || (!comment && blank < length))
            return found;
        start += length;
        if (start + 1 < bytes.length && bytes.bytes[start] == '\r' &&
            bytes.bytes[start + 1] == '\n')
            start++;
        start++;
    }
    return NULL;
}

static size_t line_of(struct text bytes, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset; i++)
        line += bytes.bytes[i] == '\n' ||
                (bytes.bytes[i] == '\r' && (i + 1 == bytes.length || bytes.bytes[i + 1] != '\n'));
    return line;
}

static const struct error *invalid_byte(struct arena *arena, struct text bytes, const char *name,
                                        size_t offset, const char *encoding)
{
    return error_create(
        arena, OUTCOME_INVALID, help_utf8, "%s:%zu: byte %02X (byte %zu of the file) is not %s",
        name, line_of(bytes, offset), (unsigned char)bytes.bytes[offset], offset + 1, encoding);
}

static const struct error *decode(struct arena *arena, struct text bytes, const char *name,
                                  const struct charset *charset, struct text *text)
{
    struct buffer decoded = {0};
    for (size_t i = 0; i < bytes.length; i++) {
        uint32_t character = charset->read((unsigned char)bytes.bytes[i]);
        if (character == 0) {
            buffer_release(&decoded);
            return invalid_byte(arena, bytes, name, i, charset->encoding);
        }
        char encoded[UTF8_SIZE];
        buffer_append(&decoded, encoded, utf8_write(encoded, character));
    }
    text->length = decoded.length;
    text->bytes = arena_copy_bytes(arena, buffer_string(&decoded), decoded.length);
    buffer_release(&decoded);
    return NULL;
}

/* CR and CR LF become LF, as Python reads files. */
static struct text unify_lines(struct arena *arena, struct text text)
{
    if (text.length == 0 || !memchr(text.bytes, '\r', text.length))
        return text;
    char *bytes = arena_copy_bytes(arena, text.bytes, text.length);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] == '\r' && i + 1 < text.length && text.bytes[i + 1] == '\n')
            continue;
        bytes[length++] = text.bytes[i] == '\r' ? '\n' : text.bytes[i];
    }
    bytes[length] = '\0';
    return (struct text){.bytes = bytes, .length = length};
}

static const struct error *decode_declared(struct arena *arena, struct text bytes, const char *name,
                                           size_t valid, struct text *text, const char **encoding)
{
    const char *declared = find_encoding(arena, bytes);
    if (!declared)
        return invalid_byte(arena, bytes, name, valid,
                            "UTF-8, and the file declares no other encoding");
    const struct charset *charset = find_charset(declared);
    if (charset) {
        *encoding = charset->encoding;
        return decode(arena, bytes, name, charset, text);
    }
    if (strncasecmp(declared, "utf-8", 5) == 0 || strcasecmp(declared, "utf8") == 0)
        return invalid_byte(arena, bytes, name, valid, "UTF-8, which the file is said to be");
    if (strcasecmp(declared, "ascii") == 0 || strcasecmp(declared, "us-ascii") == 0)
        return invalid_byte(arena, bytes, name, valid, "ASCII, which the file is said to be");
    return error_create(arena, OUTCOME_INVALID, help_utf8,
                        "%s: the file declares an encoding that is not known here: %s", name,
                        declared);
}

const struct error *python_text_read(struct arena *arena, struct text bytes, const char *name,
                                     struct text *text, const char **encoding)
{
    *encoding = NULL;
    *text = bytes;
    if (bytes.length >= 2 && ((unsigned char)bytes.bytes[0] ^ (unsigned char)bytes.bytes[1]) == 1 &&
        (unsigned char)bytes.bytes[0] >= 0xFE)
        return error_create(arena, OUTCOME_INVALID, help_utf8, "%s: the file is UTF-16", name);
    const char *zero = bytes.length > 0 ? memchr(bytes.bytes, '\0', bytes.length) : NULL;
    if (zero)
        return invalid_byte(arena, bytes, name, (size_t)(zero - bytes.bytes), "text");
    size_t valid = utf8_valid_length(bytes.bytes, bytes.length);
    if (valid < bytes.length) {
        const struct error *error = decode_declared(arena, bytes, name, valid, text, encoding);
        if (error)
            return error;
    } else if (bytes.length >= 3 && memcmp(bytes.bytes, "\xEF\xBB\xBF", 3) == 0) {
        *encoding = "UTF-8 with a byte order mark";
        *text = (struct text){.bytes = bytes.bytes + 3, .length = bytes.length - 3};
    }
    *text = unify_lines(arena, *text);
    return NULL;
}
