/* Texts of others in a line of ours. */
#ifndef BASE_TEXT_LINE_H
#define BASE_TEXT_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Whether the character ends a line for YAML or a terminal, steers that, or cannot stand in a
 * document at all. */
bool text_line_ends_at(uint32_t character);

/* `text` in one line: such characters, and bytes that are no UTF-8, are a blank together, and gone
 * at the beginning. */
const char *text_line(struct arena *arena, const char *text);

#endif
