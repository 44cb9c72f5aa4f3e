#include "runtime/odoo/python_literal.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/map.h"
#include "base/utf8.h"
#include "runtime/odoo/python_literal_private.h"
#include "runtime/odoo/python_text.h"

static const char help_literal[] = "write the value itself: Odoo reads manifests without running "
                                   "anything";

static struct value *read_value(struct python_reader *reader);

struct value *python_fail(struct python_reader *reader, size_t offset, const char *help,
                          const char *format, ...)
{
    if (reader->error)
        return NULL;
    va_list arguments;
    va_start(arguments, format);
    const char *what = arena_format_arguments(reader->arena, format, arguments);
    va_end(arguments);
    struct position place = source_position(reader->source, offset);
    reader->error = error_create(reader->arena, OUTCOME_INVALID, help, "%s:%u:%u: %s",
                                 reader->source->path, place.line, place.column, what);
    return NULL;
}

/* One blank, comment or joined line. Returns whether there was one. */
static bool skip_blank(struct python_reader *reader)
{
    const char *next = reader->bytes + reader->at;
    switch (*next) {
    case ' ':
    case '\t':
    case '\f':
        reader->at++;
        return true;
    case '\n':
        reader->at += reader->depth > 0;
        return reader->depth > 0;
    case '#':
        reader->at += strcspn(next, "\n");
        return true;
    case '\\':
        if (next[1] != '\n' || next[2] == '\0')
            return false;
        reader->at += 2;
        return true;
    default:
        return false;
    }
}

void python_skip_blanks(struct python_reader *reader)
{
    while (skip_blank(reader))
        continue;
}

static bool is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || (unsigned char)byte >= 0x80;
}

size_t python_skip_word(struct python_reader *reader)
{
    size_t start = reader->at;
    while (is_word_byte(reader->bytes[reader->at]))
        reader->at++;
    return reader->at - start;
}

/* What stands here, for messages: a word or one character. */
static const char *describe(const struct python_reader *reader)
{
    struct python_reader ahead = *reader;
    const char *start = reader->bytes + reader->at;
    if (reader->at >= reader->length)
        return "the end of the file";
    if (*start == '\n')
        return "the end of the line";
    size_t length = python_skip_word(&ahead);
    if (length > 40)
        length = utf8_cut(start, length, 40);
    else if (length == 0)
        length = 1;
    if (length == 1 && ((unsigned char)*start < 0x20 || *start == 0x7F))
        return arena_format(reader->arena, "the control character %02X", (unsigned char)*start);
    return arena_format(reader->arena, "\"%.*s\"", (int)length, start);
}

static bool open_bracket(struct python_reader *reader)
{
    if (reader->depth == PYTHON_LITERAL_DEPTH_LIMIT) {
        python_fail(reader, reader->at, "nest less deeply",
                    "brackets are nested more than %d levels deep", PYTHON_LITERAL_DEPTH_LIMIT);
        return false;
    }
    reader->depth++;
    reader->at++;
    python_skip_blanks(reader);
    return true;
}

/* Behind an item: past a comma or up to the closing bracket. */
static bool end_item(struct python_reader *reader, char closing, bool *comma)
{
    python_skip_blanks(reader);
    *comma = reader->bytes[reader->at] == ',';
    if (*comma) {
        reader->at++;
        python_skip_blanks(reader);
    } else if (reader->bytes[reader->at] != closing) {
        python_fail(reader, reader->at,
                    reader->at < reader->length ? help_literal : "close the bracket",
                    "here a comma or \"%c\" should stand, not %s", closing, describe(reader));
        return false;
    }
    return true;
}

static bool close_bracket(struct python_reader *reader, char closing)
{
    if (reader->bytes[reader->at] != closing)
        return false;
    reader->at++;
    reader->depth--;
    return true;
}

/* A list, or what stands in parentheses: a tuple, or a value that is just in parentheses. */
static struct value *read_sequence(struct python_reader *reader, char closing)
{
    struct value *sequence = value_array(reader->arena);
    bool comma = false;
    bool hashable = closing == ')';
    if (!open_bracket(reader))
        return NULL;
    while (!close_bracket(reader, closing)) {
        struct value *item = read_value(reader);
        if (!item || !end_item(reader, closing, &comma))
            return NULL;
        hashable = hashable && reader->hashable;
        value_append(reader->arena, sequence, item);
    }
    bool only_parentheses = closing == ')' && sequence->as.array.count == 1 && !comma;
    if (!only_parentheses)
        reader->hashable = hashable;
    return only_parentheses ? sequence->as.array.items[0] : sequence;
}

/* The text by which equal values are found, "1" and 1 apart. */
static const char *write_json(struct python_reader *reader, const struct value *value)
{
    struct buffer buffer = {0};
    json_write(&buffer, value, JSON_COMPACT);
    const char *text = arena_copy_bytes(reader->arena, buffer_string(&buffer), buffer.length);
    buffer_release(&buffer);
    return text;
}

static const char *key_text(struct python_reader *reader, const struct value *key, size_t offset)
{
    const char *text = value_as_string(key);
    if (text)
        return text;
    if (key->kind != VALUE_ARRAY && key->kind != VALUE_OBJECT)
        return write_json(reader, key);
    python_fail(reader, offset, "use a text as the key", "a %s cannot be a key here",
                key->kind == VALUE_OBJECT ? "dictionary"
                : reader->hashable        ? "tuple"
                                          : "list");
    return NULL;
}

static struct value *read_dictionary(struct python_reader *reader, const struct value *key,
                                     size_t key_offset)
{
    struct value *dictionary = value_object(reader->arena);
    for (;;) {
        const char *text = key_text(reader, key, key_offset);
        python_skip_blanks(reader);
        if (text && reader->bytes[reader->at] != ':')
            python_fail(reader, reader->at, "write key: value", "here \":\" should stand, not %s",
                        describe(reader));
        if (reader->error)
            return NULL;
        reader->at++;
        python_skip_blanks(reader);
        struct value *item = read_value(reader);
        bool comma;
        if (!item || !end_item(reader, '}', &comma))
            return NULL;
        value_set(reader->arena, dictionary, text, item);
        if (close_bracket(reader, '}'))
            return dictionary;
        key_offset = reader->at;
        key = read_value(reader);
        if (!key)
            return NULL;
    }
}

static struct value *read_set(struct python_reader *reader, struct value *item, size_t offset)
{
    struct value *set = value_array(reader->arena);
    struct map *seen = map_create(reader->arena);
    for (;;) {
        if (!reader->hashable)
            return python_fail(reader, offset, "use a list",
                               "a set can hold no lists, sets or dictionaries");
        if (map_add(seen, write_json(reader, item), item))
            value_append(reader->arena, set, item);
        bool comma;
        if (!end_item(reader, '}', &comma))
            return NULL;
        if (close_bracket(reader, '}'))
            return set;
        offset = reader->at;
        item = read_value(reader);
        if (!item)
            return NULL;
    }
}

static struct value *read_braces(struct python_reader *reader)
{
    if (!open_bracket(reader))
        return NULL;
    struct value *value = NULL;
    if (close_bracket(reader, '}')) {
        value = value_object(reader->arena);
    } else {
        size_t offset = reader->at;
        struct value *first = read_value(reader);
        if (!first)
            return NULL;
        python_skip_blanks(reader);
        value = reader->bytes[reader->at] == ':' ? read_dictionary(reader, first, offset)
                                                 : read_set(reader, first, offset);
    }
    reader->hashable = false;
    return value;
}

/* `set()` is how Python writes an empty set. */
static bool skip_empty_call(struct python_reader *reader)
{
    struct python_reader ahead = *reader;
    python_skip_blanks(&ahead);
    if (ahead.bytes[ahead.at] != '(' || !open_bracket(&ahead) || !close_bracket(&ahead, ')'))
        return false;
    reader->at = ahead.at;
    return true;
}

static struct value *read_word(struct python_reader *reader)
{
    size_t start = reader->at;
    const char *shown = describe(reader);
    size_t length = python_skip_word(reader);
    const char *word = arena_copy_bytes(reader->arena, reader->bytes + start, length);
    if (strcmp(word, "True") == 0 || strcmp(word, "False") == 0)
        return value_boolean(reader->arena, word[0] == 'T');
    if (strcmp(word, "None") == 0)
        return value_null(reader->arena);
    if (strcmp(word, "set") == 0 && skip_empty_call(reader)) {
        reader->hashable = false;
        return value_array(reader->arena);
    }
    return python_fail(reader, start, help_literal, "%s is no literal", shown);
}

static struct value *read_plain(struct python_reader *reader)
{
    char first = reader->bytes[reader->at];
    if (first == '(')
        return read_sequence(reader, ')');
    if (first == '[')
        return read_sequence(reader, ']');
    if (first == '{')
        return read_braces(reader);
    reader->hashable = true;
    if (python_begins_string(reader))
        return python_read_strings(reader);
    if (first == '+' || first == '-' || python_begins_number(reader))
        return python_read_number(reader);
    if (is_word_byte(first))
        return read_word(reader);
    return python_fail(reader, reader->at, help_literal, "here a value should stand, not %s",
                       describe(reader));
}

static struct value *read_value(struct python_reader *reader)
{
    size_t start = reader->at;
    struct value *value = read_plain(reader);
    if (value && value->position.line == 0)
        value->position = source_position(reader->source, start);
    return value;
}

/* Up to where the literal begins: Python lets it be indented on the first line alone. */
static bool skip_head(struct python_reader *reader)
{
    size_t line = 0;
    for (;;) {
        python_skip_blanks(reader);
        if (reader->bytes[reader->at] != '\n')
            break;
        line = ++reader->at;
    }
    for (size_t i = reader->at; i > line; i--) {
        if (reader->bytes[i - 1] == '\n' || reader->bytes[i - 1] == '\f') {
            line = i;
            break;
        }
    }
    if (line == 0 || line == reader->at || reader->at == reader->length)
        return true;
    python_fail(reader, reader->at, "begin it in the first column",
                "Python refuses a literal that is indented");
    return false;
}

/* Behind the literal only comments and empty lines may stand. */
static bool skip_tail(struct python_reader *reader)
{
    size_t line = reader->at;
    for (;;) {
        python_skip_blanks(reader);
        if (reader->bytes[reader->at] != '\n')
            break;
        line = ++reader->at;
    }
    if (reader->at < reader->length)
        python_fail(reader, reader->at, "leave only one literal in the file",
                    "behind the literal nothing more may stand, but here is %s", describe(reader));
    else if (line > 0 && reader->bytes[line - 1] == '\n' &&
             strspn(reader->bytes + line, " \t") > 0 && !strpbrk(reader->bytes + line, "#\f"))
        python_fail(reader, line, "remove the blanks, or end the line",
                    "Python refuses a last line that holds nothing but blanks");
    return !reader->error;
}

/* Values with commas between are a tuple also without parentheses. */
static struct value *read_top(struct python_reader *reader)
{
    struct value *first = read_value(reader);
    if (!first)
        return NULL;
    python_skip_blanks(reader);
    if (reader->bytes[reader->at] != ',')
        return first;
    struct value *tuple = value_array(reader->arena);
    value_append(reader->arena, tuple, first);
    while (reader->bytes[reader->at] == ',') {
        reader->at++;
        python_skip_blanks(reader);
        if (reader->bytes[reader->at] == '\n' || reader->at == reader->length)
            break;
        struct value *item = read_value(reader);
        if (!item)
            return NULL;
        value_append(reader->arena, tuple, item);
        python_skip_blanks(reader);
    }
    tuple->position = first->position;
    return tuple;
}

const struct error *python_literal_read(struct arena *arena, struct text bytes, const char *name,
                                        struct value **value)
{
    if (bytes.length > PYTHON_LITERAL_SIZE_LIMIT)
        return error_create(arena, OUTCOME_INVALID, "is this the right file?",
                            "%s: the file has %zu bytes, more than the %zu that are read", name,
                            bytes.length, PYTHON_LITERAL_SIZE_LIMIT);
    struct text text;
    const char *encoding;
    const struct error *error = python_text_read(arena, bytes, name, &text, &encoding);
    if (error)
        return error;
    struct python_reader reader = {
        .arena = arena,
        .source = source_create(arena, name, text),
        .bytes = text.length > 0 ? text.bytes : "",
        .length = text.length,
    };
    if (skip_head(&reader))
        *value = read_top(&reader);
    if (!reader.error)
        skip_tail(&reader);
    return reader.error;
}
