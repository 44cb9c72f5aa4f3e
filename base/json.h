/* JSON: read strictly (jansson), written canonically.
 *
 * Canonical means: members sorted by key (byte order), no white space or a fixed indentation,
 * integers as decimal digits, reals as the shortest text that reads back the same, strings in UTF-8
 * with only `"`, `\` and control characters escaped. The same value gives the same bytes on every
 * machine and in every locale. What JSON cannot hold is replaced: bytes that are not UTF-8 by
 * U+FFFD, infinities and not-a-number by null. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/value.h"

#define JSON_DEPTH_LIMIT 100

/* Reads one JSON text. Duplicate keys, NUL characters, invalid UTF-8, numbers out of range, more
 * than JSON_DEPTH_LIMIT levels and anything behind the text are errors (OUTCOME_INVALID) that name
 * `name`, line and column. */
const struct error *json_read(struct arena *arena, struct text text, const char *name,
                              struct value **value);

enum json_style {
    JSON_COMPACT,
    JSON_INDENTED, /* two spaces, as `jq .` prints, newline at the end */
};

void json_write(struct buffer *output, const struct value *value, enum json_style style);

/* A string with its quotes and escapes. */
void json_write_string(struct buffer *output, const char *string);

/* SHA-256 over the compact canonical form. */
struct digest json_digest(const struct value *value);

#endif
