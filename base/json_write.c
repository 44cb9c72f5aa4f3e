#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"

struct writer {
    struct buffer *output;
    enum json_style style;
    int depth;
};

static void json_write_value(struct writer *writer, const struct value *value);

static void json_write_escape(struct buffer *output, unsigned character)
{
    switch (character) {
    case '"':
        buffer_append(output, "\\\"", 2);
        break;
    case '\\':
        buffer_append(output, "\\\\", 2);
        break;
    case '\b':
        buffer_append(output, "\\b", 2);
        break;
    case '\f':
        buffer_append(output, "\\f", 2);
        break;
    case '\n':
        buffer_append(output, "\\n", 2);
        break;
    case '\r':
        buffer_append(output, "\\r", 2);
        break;
    case '\t':
        buffer_append(output, "\\t", 2);
        break;
    default:
        buffer_format(output, "\\u%04x", character);
    }
}

/* How many leading bytes go out as they are. */
static size_t json_clean_length(const char *bytes, size_t length)
{
    size_t clean = 0;
    while (clean < length) {
        unsigned char next = (unsigned char)bytes[clean];
        if (next < 0x20 || next == '"' || next == '\\')
            break;
        uint32_t character;
        size_t size = next < 0x80 ? 1 : utf8_read(bytes + clean, length - clean, &character);
        if (size == 0)
            break;
        clean += size;
    }
    return clean;
}

void json_write_string(struct buffer *output, const char *string)
{
    size_t length = strlen(string);
    buffer_append_character(output, '"');
    while (length > 0) {
        size_t clean = json_clean_length(string, length);
        buffer_append(output, string, clean);
        string += clean;
        length -= clean;
        if (length == 0)
            break;
        if ((unsigned char)*string < 0x80)
            json_write_escape(output, (unsigned char)*string);
        else
            buffer_append_string(output, "\xEF\xBF\xBD");
        string++;
        length--;
    }
    buffer_append_character(output, '"');
}

static void json_write_integer(struct buffer *output, int64_t integer)
{
    buffer_format(output, "%lld", (long long)integer);
}

static void json_write_real(struct buffer *output, double real)
{
    if (real - real != 0) { /* an infinity or not a number */
        buffer_append_string(output, "null");
        return;
    }
    char text[NUMBER_TEXT_SIZE];
    number_write_real(text, real);
    buffer_append_string(output, text);
}

static void json_write_line(struct writer *writer)
{
    if (writer->style == JSON_COMPACT)
        return;
    buffer_append_character(writer->output, '\n');
    for (int i = 0; i < writer->depth; i++)
        buffer_append(writer->output, "  ", 2);
}

static void json_write_array(struct writer *writer, const struct value *array)
{
    buffer_append_character(writer->output, '[');
    writer->depth++;
    for (size_t i = 0; i < array->as.array.count; i++) {
        if (i > 0)
            buffer_append_character(writer->output, ',');
        json_write_line(writer);
        json_write_value(writer, array->as.array.items[i]);
    }
    writer->depth--;
    if (array->as.array.count > 0)
        json_write_line(writer);
    buffer_append_character(writer->output, ']');
}

static int json_compare_members(const void *left, const void *right)
{
    const struct value_member *const *first = left;
    const struct value_member *const *second = right;
    return strcmp((*first)->key, (*second)->key);
}

static void json_write_member(struct writer *writer, const struct value_member *member)
{
    json_write_line(writer);
    json_write_string(writer->output, member->key);
    buffer_append_string(writer->output, writer->style == JSON_COMPACT ? ":" : ": ");
    json_write_value(writer, member->value);
}

static void json_write_object(struct writer *writer, const struct value *object)
{
    size_t count = object->as.object.count;
    const struct value_member *few[32];
    const struct value_member **sorted =
        count <= sizeof few / sizeof few[0] ? few : memory_allocate(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &object->as.object.members[i];
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, json_compare_members);
    buffer_append_character(writer->output, '{');
    writer->depth++;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_character(writer->output, ',');
        json_write_member(writer, sorted[i]);
    }
    writer->depth--;
    if (count > 0)
        json_write_line(writer);
    buffer_append_character(writer->output, '}');
    if (sorted != few)
        memory_release(sorted);
}

static void json_write_value(struct writer *writer, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        buffer_append_string(writer->output, "null");
        break;
    case VALUE_BOOLEAN:
        buffer_append_string(writer->output, value->as.boolean ? "true" : "false");
        break;
    case VALUE_INTEGER:
        json_write_integer(writer->output, value->as.integer);
        break;
    case VALUE_REAL:
        json_write_real(writer->output, value->as.real);
        break;
    case VALUE_STRING:
        json_write_string(writer->output, value->as.string.bytes);
        break;
    case VALUE_ARRAY:
        json_write_array(writer, value);
        break;
    case VALUE_OBJECT:
        json_write_object(writer, value);
        break;
    }
}

void json_write(struct buffer *output, const struct value *value, enum json_style style)
{
    struct writer writer = {.output = output, .style = style};
    json_write_value(&writer, value);
    if (style == JSON_INDENTED)
        buffer_append_character(output, '\n');
}

struct digest json_digest(const struct value *value)
{
    struct buffer text = {0};
    json_write(&text, value, JSON_COMPACT);
    struct digest digest = digest_bytes(buffer_string(&text), text.length);
    buffer_release(&text);
    return digest;
}
