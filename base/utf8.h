/* UTF-8 (RFC 3629), one character at a time. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Reads the character at `bytes`, of which `length` (at least 1) are there. Returns how many bytes
 * it has, 0 where they are not UTF-8 (cut short, overlong, a surrogate, beyond U+10FFFF). */
size_t utf8_read(const char *bytes, size_t length, uint32_t *character);

#define UTF8_SIZE 4 /* bytes a character has at most */

/* Writes the character and returns how many bytes it has, 0 where it is none (a surrogate, beyond
 * U+10FFFF). */
size_t utf8_write(char bytes[static UTF8_SIZE], uint32_t character);

/* How many leading bytes are valid UTF-8: `length` where all are. */
size_t utf8_valid_length(const char *bytes, size_t length);

/* Characters in valid UTF-8. */
size_t utf8_count(const char *bytes, size_t length);

/* The length of the first `count` characters; a byte that is not UTF-8 counts as one. */
size_t utf8_skip(const char *bytes, size_t length, size_t count);

/* The length of the byte order mark that the text begins with: 0 where there is none. */
size_t utf8_mark_length(const char *bytes, size_t length);

/* The greatest length up to `limit` that does not cut a character of `bytes` in two. */
size_t utf8_cut(const char *bytes, size_t length, size_t limit);

#endif
