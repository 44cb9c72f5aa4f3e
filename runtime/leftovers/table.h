/* What runs have left, for people and for programs. */
#ifndef RUNTIME_LEFTOVERS_TABLE_H
#define RUNTIME_LEFTOVERS_TABLE_H

#include "base/buffer.h"
#include "base/terminal.h"
#include "base/value.h"
#include "runtime/leftovers/leftovers.h"

/* A table: what, name, size, and why it stays where it does. `checkpoints`: only those, with
 * whether the source is still the same. Nothing where there are none. */
void leftovers_write(struct buffer *output, const struct leftovers *leftovers, bool checkpoints,
                     const struct terminal *terminal);

/* "7 things, 1.2 GB, could go" or "nothing"; of databases, as only they are measured. */
const char *leftovers_sum(struct arena *arena, const struct leftovers *leftovers);

/* A list of objects. */
struct value *leftovers_value(struct arena *arena, const struct leftovers *leftovers);

#endif
