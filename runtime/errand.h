/* One step by hand, outside of any plan: what `drehbuch backup` and `drehbuch restore` do.
 *
 * There is no journal. What the step logs goes to a temporary folder, which stays where it failed.
 */
#ifndef RUNTIME_ERRAND_H
#define RUNTIME_ERRAND_H

#include <uv.h>

#include "base/error.h"
#include "base/value.h"
#include "runtime/environment.h"

struct errand {
    const char *kind; /* "database.backup" */
    const char *name; /* what the step is called where it speaks: "backup" */
    struct value *spec;
    const struct environment *environment;

    /* Hear what the step says on the way; masked. May be NULL. */
    void (*warn)(void *context, const char *message);
    void (*progress)(void *context, const char *message);
    void *context;
};

/* Asks the kind's preflight and, where that is content, performs the step. Ctrl-C cancels it.
 * `effects` gets what it was seen to do. */
const struct error *errand_perform(struct arena *arena, uv_loop_t *loop,
                                   const struct errand *errand, struct value **effects);

#endif
