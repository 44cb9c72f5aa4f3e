/* A value of the environment: written there, or kept in an environment variable, a file, or printed
 * by a command. */
#ifndef RUNTIME_FETCH_H
#define RUNTIME_FETCH_H

#include "base/diagnostic.h"
#include "base/value.h"

/* Returns the value as text, or NULL after reporting why it cannot be had ("binding-unavailable").
 * Paths count from `folder`, the environment file's. The text itself is never part of a message. */
const char *fetch_value(struct arena *arena, const char *folder, const struct value *reference,
                        struct diagnostics *diagnostics);

#endif
