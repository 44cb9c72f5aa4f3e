/* A text that a plan holds or names, and where its bytes stand in what the author wrote. */
#ifndef COMPILER_PASSAGE_H
#define COMPILER_PASSAGE_H

#include "base/diagnostic.h"

struct passage {
    const char *text;
    size_t length;
    const struct value *value;   /* what it is written in, or NULL ... */
    const struct source *source; /* ... the file that it is the whole of, but for a byte order
                                    mark */
};

struct passage passage_of_value(const struct value *text);
struct passage passage_of_file(const struct source *source);

/* The place of the byte at `offset`, as near as can be told: YAML may have folded or escaped what
 * stands in the document. For a message to be added to `diagnostics`: takes a search, and is spared
 * where they are full. */
struct position passage_position(const struct passage *passage, size_t offset,
                                 const struct diagnostics *diagnostics);

#endif
