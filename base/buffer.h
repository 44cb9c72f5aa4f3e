/* Bytes that grow: what is written piece by piece (JSON, reports, a child's output). */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>

/* Zero-initialise to make an empty one. `bytes` is NULL while nothing was appended, else has a NUL
 * behind `length`. The holder calls buffer_release. */
struct buffer {
    char *bytes;
    size_t length;
    size_t capacity;
};

void buffer_append(struct buffer *buffer, const char *bytes, size_t length);
void buffer_append_string(struct buffer *buffer, const char *string);
void buffer_append_character(struct buffer *buffer, char character);
void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_format_arguments(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* The content as a string, "" while empty; valid until the next change. */
const char *buffer_string(const struct buffer *buffer);

/* Empties it and keeps its memory. */
void buffer_clear(struct buffer *buffer);

/* Drops all behind the first `length` bytes. */
void buffer_truncate(struct buffer *buffer, size_t length);

/* Drops the first `length` bytes. */
void buffer_consume(struct buffer *buffer, size_t length);

void buffer_release(struct buffer *buffer);

#endif
