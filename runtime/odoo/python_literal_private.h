/* The parts of the reader of Python literals, among themselves. */
#ifndef RUNTIME_ODOO_PYTHON_LITERAL_PRIVATE_H
#define RUNTIME_ODOO_PYTHON_LITERAL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/source.h"
#include "base/value.h"

struct python_reader {
    struct arena *arena;
    const struct source *source; /* for positions */
    const char *bytes;           /* valid UTF-8, a NUL behind the last */
    size_t length;
    size_t at;
    int depth;                 /* open brackets: within them line breaks are blanks */
    bool hashable;             /* of the value read last: may it be a key or in a set? */
    const struct error *error; /* the first one; reading ends with it */
};

/* Keeps the first error, which is at byte `offset`, and returns NULL. */
struct value *python_fail(struct python_reader *reader, size_t offset, const char *help,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Past blanks, comments, joined lines, and within brackets line breaks. */
void python_skip_blanks(struct python_reader *reader);

/* Past letters, digits, '_' and all beyond ASCII; returns how many bytes. */
size_t python_skip_word(struct python_reader *reader);

/* python_string.c: whether a text begins here, with or without a prefix. */
bool python_begins_string(const struct python_reader *reader);

/* All texts that stand here side by side, as one. */
struct value *python_read_strings(struct python_reader *reader);

/* python_number.c: whether a number without a sign begins here. */
bool python_begins_number(const struct python_reader *reader);

/* A number, with or without one sign. */
struct value *python_read_number(struct python_reader *reader);

#endif
