/* How two values differ, member by member. */
#ifndef BASE_VALUE_DIFF_H
#define BASE_VALUE_DIFF_H

#include "base/buffer.h"
#include "base/terminal.h"
#include "base/value.h"

/* One place where they differ. */
struct value_difference {
    const struct value *path;   /* the keys that lead there: a list of texts; of both as wholes: an
                                   empty one */
    const struct value *before; /* NULL: it has come */
    const struct value *after;  /* NULL: it has gone */
};

struct value_differences {
    struct value_difference *items;
    size_t count;
};

/* Goes down into objects, in the order of `after` (what has gone stands first); of lists of texts
 * and numbers tells the items that came and went. Everything else is one difference as a whole.
 * NULL stands for nothing at all. */
struct value_differences value_diff(struct arena *arena, const struct value *before,
                                    const struct value *after);

/* A line each, "parameters.ribbon.name: "TEST" -> "COPY"", behind `indent`; texts of several lines
 * as `diff -u` would show them. */
void value_diff_write(struct buffer *output, const struct value_differences *differences,
                      const char *indent, const struct terminal *terminal);

/* A list of {path, before, after}; what has come has no `before`, what has gone no `after`. */
struct value *value_diff_value(struct arena *arena, const struct value_differences *differences);

#endif
