/* What the files that show the dry run share. */
#ifndef RUNTIME_DIFF_WRITE_PRIVATE_H
#define RUNTIME_DIFF_WRITE_PRIVATE_H

#include "base/buffer.h"
#include "base/terminal.h"
#include "base/value.h"

struct writing {
    struct arena *arena;
    struct buffer *output;
    const struct terminal *terminal;
};

void write_toned(struct writing *writing, enum terminal_tone tone, const char *text);

/* A value in one line. */
const char *write_value(struct writing *writing, const struct value *value);

/* One table of a step, with its rows. */
void write_table(struct writing *writing, const struct value *told);

#endif
