/* A text that a person wrote, kept so that messages can show the line they speak of. */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/file.h"

struct source_lines; /* where each line begins */

struct source {
    const char *path; /* as shown in messages and origins: relative to the plan's root folder where
                         it has one */
    struct text text;
    struct source_lines *lines;
};

/* Where something stands: lines and columns count from 1, columns in characters (not bytes). line
 * 0: nowhere. */
struct position {
    const struct source *source; /* NULL for values that no text holds */
    uint32_t line;
    uint32_t column;
};

/* Keeps `path` and the text's bytes, which live as long as `arena`. */
struct source *source_create(struct arena *arena, const char *path, struct text text);

/* The text of line `line` (from 1) without its line break and without a byte order mark, "" where
 * there is none. It points into the source's text, so no NUL ends it. */
struct text source_line(const struct source *source, uint32_t line);

/* The place of the byte at `offset`. */
struct position source_position(const struct source *source, size_t offset);

#endif
