/* The versions that a database goes through from where it is to where it shall be. */
#ifndef COMPILER_ROUTE_H
#define COMPILER_ROUTE_H

#include "base/diagnostic.h"

#define ROUTE_LIMIT 6 /* Odoo 14.0 to 19.0 */

struct route {
    const char *with;
    const char *versions[ROUTE_LIMIT]; /* the first is where it is, the last where it shall be */
    size_t count;                      /* 0: the plan does not say; there are diagnostics */
    bool hops;                         /* between the versions; false with `none` */
};

/* Reads the member `upgrade` of a plan. */
struct route route_read(const struct value *upgrade, struct diagnostics *diagnostics);

/* The number of the version on the route, or ROUTE_LIMIT where it is not on it. */
size_t route_find(const struct route *route, const char *version);

/* The same, with a diagnostic where the text `version` at `position` is not on the route; no
 * diagnostic where it is NULL, no version at all, or there is no route. */
size_t route_find_or_report(const struct route *route, const char *version,
                            struct position position, struct diagnostics *diagnostics);

/* `"18.0" and "19.0"`: for messages. */
const char *route_describe(struct arena *arena, const struct route *route);

#endif
