/* A text that a person wrote, kept so that messages can show the line they speak of. */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/file.h"

struct source {
    const char *path; /* as shown in messages and origins: relative to the plan's root folder where
                         it has one */
    struct text text;
    const uint32_t
        *line_starts; /* offset of each line's first byte; built on first use by source_line */
    size_t line_count;
};

/* Where something stands: lines and columns count from 1, columns in characters (not bytes). line
 * 0: nowhere. */
struct position {
    const struct source *source; /* NULL for values that no text holds */
    uint32_t line;
    uint32_t column;
};

/* The text of line `line` (from 1) without its line break, "" where there is none. */
struct text source_line(struct arena *arena, const struct source *source, uint32_t line);

#endif
