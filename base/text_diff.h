/* Differences between two texts, as `diff -u` shows them. */
#ifndef BASE_TEXT_DIFF_H
#define BASE_TEXT_DIFF_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/terminal.h"

/* Appends the hunks, with `context` lines around what has changed, each line behind `indent`;
 * nothing where the texts are equal. No lines of file names. What was removed and added is coloured
 * as `terminal` (NULL: no colours) says. */
void text_diff_write(struct buffer *output, const char *before, const char *after, int context,
                     const char *indent, const struct terminal *terminal);

#endif
