/* Names that are all different: one that is there already gets a number. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/arena.h"

struct names;

struct names *names_create(struct arena *arena);

/* `name`, which is kept, or where it was given before: `name`, `separator` and the first number
 * from 2 on with which it is new. However often one name comes, it takes the same time. */
const char *names_add(struct names *names, const char *name, const char *separator);

#endif
