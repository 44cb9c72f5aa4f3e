/* `${name}` in texts: the only way an environment's value reaches a step. `$${` stands for a
 * literal `${`. */
#ifndef BASE_TEMPLATE_H
#define BASE_TEMPLATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"

/* Calls `visit` for each name in `text` (not NUL-terminated), with the byte offset of its `${`.
 * Returns false, with *offset at the fault, where a `${` is not closed or its name is not one
 * ([a-z][a-z0-9_]*). */
bool template_visit(const char *text,
                    void (*visit)(void *context, const char *name, size_t length, size_t offset),
                    void *context, size_t *offset);

/* Whether there is a name in `text`; NULL has none. */
bool template_has_names(const char *text);

/* `text` with each name replaced by what `lookup` returns (never NULL for a name that was checked).
 */
const char *template_expand(struct arena *arena, const char *text,
                            const char *(*lookup)(void *context, const char *name), void *context);

/* A copy of a tree with all its strings (not keys) expanded; parts without `${` are shared with the
 * original. */
const struct value *template_expand_value(struct arena *arena, const struct value *value,
                                          const char *(*lookup)(void *context, const char *name),
                                          void *context);

/* `text` with each `${` escaped, so that expansion gives `text` again; itself where it has none. */
const char *template_escape(struct arena *arena, const char *text);

#endif
