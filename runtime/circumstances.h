/* What the steps of a run worked with besides the source and the plan: the values of bindings, and
 * the third-party code that Odoo loaded. Only what was done in the same circumstances may be taken
 * over by another run. */
#ifndef RUNTIME_CIRCUMSTANCES_H
#define RUNTIME_CIRCUMSTANCES_H

#include "runtime/run.h"

/* Eight hexadecimal digits for those of all steps up to the one at `index`. They depend on secrets
 * too, but tell too little to find out what these are. Code counts for the
 * versions that the plan has reached by then, so that work on the addons of a later one leaves what
 * was kept before it as good as it was. In `arena`. */
const char *circumstances_mark(struct arena *arena, const struct run *run, size_t index);

#endif
