/* The bindings that a plan declares, and where its texts use them. */
#ifndef COMPILER_BINDINGS_H
#define COMPILER_BINDINGS_H

#include "base/diagnostic.h"
#include "compiler/passage.h"

struct bindings;

enum binding_type { BINDING_TEXT, BINDING_URL, BINDING_NUMBER, BINDING_SECRET };

struct binding {
    const char *name;
    enum binding_type type;
    struct position position;
    bool used;
};

/* `declared`: the merged member `bindings`, or NULL. Keeps `diagnostics`. */
struct bindings *bindings_create(struct arena *arena, const struct value *declared,
                                 struct diagnostics *diagnostics);

/* The binding of that name, now counted as used, or NULL after a diagnostic at `offset`. */
const struct binding *bindings_use(struct bindings *bindings, const struct passage *passage,
                                   size_t offset, const char *name, size_t length);

/* The same for every `${name}` of a text that is expanded as it is. `exposed` says where the text
 * can be seen ("the process list"), so that a secret in it is an error; NULL where one may stand.
 * Returns whether it holds a secret. */
bool bindings_check(struct bindings *bindings, const struct passage *passage, const char *exposed);

/* The same for all strings in a value. */
bool bindings_check_value(struct bindings *bindings, const struct value *value,
                          const char *exposed);

/* The binding of that name, or NULL. */
const struct binding *bindings_find(const struct bindings *bindings, const char *name);

/* Reports a `${` that begins no binding. */
void bindings_report_syntax(struct bindings *bindings, const struct passage *passage,
                            size_t offset);

/* Warns of those that no text uses; not where a text was reported that may mean any of them. */
void bindings_warn_unused(const struct bindings *bindings);

#endif
