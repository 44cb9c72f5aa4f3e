/* The schemas that are built into the program. Each is prepared when it is first asked for, and
 * kept as long as the program runs. */
#ifndef COMPILER_SCHEMAS_H
#define COMPILER_SCHEMAS_H

#include "base/error.h"
#include "base/schema.h"

/* An error means that the program itself is broken. */
const struct error *schemas_plan(const struct schema **schema);
const struct error *schemas_compiled(const struct schema **schema);

#endif
