/* What is wrong with a document, said to its author: name, place, sentence, and what to do.
 *
 * Diagnostics are collected, so that an author sees all of them in one go, and printed in order of
 * place. Each has a name (`module-undecided`) that `drehbuch explain` knows. */
#ifndef BASE_DIAGNOSTIC_H
#define BASE_DIAGNOSTIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/source.h"
#include "base/value.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
    const char *name; /* a literal in kebab-case, from the catalogue */
    enum severity severity;
    struct position position;
    uint32_t length;     /* characters the caret line underlines; 0: one */
    const char *message; /* one sentence, no full stop */
    const char *help;    /* what to do, or NULL */
    bool conceals_line;  /* the line in question holds a secret: it is not shown */
    size_t sequence;     /* order of discovery: breaks ties of place */
};

#define DIAGNOSTIC_LIMIT ((size_t)1000)

struct diagnostics {
    struct arena *arena;
    struct diagnostic *items;
    size_t count;
    size_t error_count;
    struct diagnostic scratch; /* what callers get to fill in for those that are only counted */
};

/* A list that keeps its texts in `arena`. */
struct diagnostics diagnostics_create(struct arena *arena);

/* Adds an error and returns it, for the caller to add `help` and `length`; it may move when the
 * next one is added. After DIAGNOSTIC_LIMIT a last "too-many-errors" is added and the rest is only
 * counted (the returned one is then a scratch value). Very long messages are cut. */
struct diagnostic *diagnostics_add(struct diagnostics *list, const char *name,
                                   struct position position, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for a warning, which does not count as an error. */
struct diagnostic *diagnostics_warn(struct diagnostics *list, const char *name,
                                    struct position position, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether further ones are only counted: no use in working out their help. */
bool diagnostics_full(const struct diagnostics *list);

/* Whether so few were reported that it is worth while to look for what was meant. */
bool diagnostics_suggest(const struct diagnostics *list);

/* The characters that a value takes in its source's line, for `length`; 1 for what has several
 * lines or cannot be told. */
uint32_t diagnostic_span(const struct value *value);

/* The candidate nearest in spelling to `word`, or NULL where none is near enough to be meant. */
const char *diagnostic_nearest(const char *word, const char *const *candidates, size_t count);

/* Stable order: by source (in order of first mention), line, column, discovery. Duplicates (same
 * name, place and message) are dropped. Call before writing. */
void diagnostics_sort(struct diagnostics *list);

/* For people: `plan.yaml:31:5: error: … [name]`, the line, a caret, `help: …`. `colour` adds ANSI
 * colours. */
void diagnostics_write_text(const struct diagnostics *list, struct buffer *output, bool colour);

/* For programs:
 * {"diagnostics":[{"name","severity","path","line","column","length","message","help"}…]}. */
void diagnostics_write_json(const struct diagnostics *list, struct buffer *output);

/* SARIF 2.1.0, for code scanning. */
void diagnostics_write_sarif(const struct diagnostics *list, struct buffer *output);

#endif
