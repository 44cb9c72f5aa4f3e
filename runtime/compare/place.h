/* What a person names on the command line as a database to be compared. */
#ifndef RUNTIME_COMPARE_PLACE_H
#define RUNTIME_COMPARE_PLACE_H

#include <uv.h>

#include "base/diagnostic.h"
#include "runtime/environment.h"

struct compare_place {
    struct database_address address;
    const char *label;                     /* "acme (working database of acme-test)" */
    const struct environment *environment; /* whose secrets are not shown; NULL: none */
};

/* `name` is a libpq URI, ENV, ENV:source, ENV:work, or a run folder, whose working database is
 * meant under the name that it has now. What is wrong with an environment file goes to
 * `diagnostics`. `loop` is run where a server has to be asked. */
const struct error *compare_place_find(struct arena *arena, uv_loop_t *loop, const char *name,
                                       struct diagnostics *diagnostics,
                                       struct compare_place *place);

#endif
