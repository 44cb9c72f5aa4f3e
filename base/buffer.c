#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* Makes room for `more` bytes and the NUL behind them. */
static void buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t needed = more > SIZE_MAX - buffer->length - 1 ? SIZE_MAX : buffer->length + more + 1;
    if (needed <= buffer->capacity)
        return;
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : 2 * capacity;
    buffer->bytes = memory_resize(buffer->bytes, capacity);
    buffer->capacity = capacity;
}

void buffer_append(struct buffer *buffer, const char *bytes, size_t length)
{
    buffer_reserve(buffer, length);
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
}

void buffer_append_string(struct buffer *buffer, const char *string)
{
    buffer_append(buffer, string, strlen(string));
}

void buffer_append_character(struct buffer *buffer, char character)
{
    buffer_append(buffer, &character, 1);
}

void buffer_format_arguments(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        return;
    buffer_reserve(buffer, (size_t)length);
    vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, arguments);
    buffer->length += (size_t)length;
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_format_arguments(buffer, format, arguments);
    va_end(arguments);
}

const char *buffer_string(const struct buffer *buffer)
{
    return buffer->bytes ? buffer->bytes : "";
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    if (buffer->bytes)
        buffer->bytes[0] = '\0';
}

void buffer_truncate(struct buffer *buffer, size_t length)
{
    buffer->length = length;
    if (buffer->bytes)
        buffer->bytes[length] = '\0';
}

void buffer_consume(struct buffer *buffer, size_t length)
{
    if (length == 0)
        return;
    buffer->length -= length;
    memmove(buffer->bytes, buffer->bytes + length, buffer->length + 1);
}

void buffer_release(struct buffer *buffer)
{
    memory_release(buffer->bytes);
    *buffer = (struct buffer){0};
}
