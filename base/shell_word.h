/* One word for a POSIX shell: for commands that a person copies, and for ssh, whose other side
 * splits words again. */
#ifndef BASE_SHELL_WORD_H
#define BASE_SHELL_WORD_H

#include "base/arena.h"

/* `word` itself where a shell takes it literally, else in quotes. */
const char *shell_word_quote(struct arena *arena, const char *word);

#endif
