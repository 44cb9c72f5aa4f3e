#include "compiler/route.h"

#include <string.h>

#include "base/buffer.h"
#include "base/notation.h"

static const char *const versions[ROUTE_LIMIT] = {"14.0", "15.0", "16.0", "17.0", "18.0", "19.0"};

static size_t version_index(const char *version)
{
    size_t index = 0;
    while (index < ROUTE_LIMIT && (!version || strcmp(versions[index], version) != 0))
        index++;
    return index;
}

static void route_report(const struct value *upgrade, const char *key, const char *message,
                         const char *help, struct diagnostics *diagnostics)
{
    const struct value *value = value_get(upgrade, key);
    struct diagnostic *diagnostic =
        diagnostics_add(diagnostics, "upgrade-versions", value->position, "%s", message);
    diagnostic->length = diagnostic_span(value);
    diagnostic->help = help;
}

/* Whether the versions fit how the upgrade is made. */
static bool route_check(const struct value *upgrade, size_t from, size_t to, bool hops,
                        struct diagnostics *diagnostics)
{
    if (hops && from < to)
        return true;
    if (!hops && from == to)
        return true;
    if (!hops)
        route_report(upgrade, "to", "with `none` the database keeps its version",
                     "make `from` and `to` the same, or say `with: openupgrade` or `enterprise`",
                     diagnostics);
    else if (from == to)
        route_report(upgrade, "to", "there is nothing to upgrade between the same versions",
                     "name a newer version, or say `with: none`", diagnostics);
    else
        route_report(upgrade, "to", "an upgrade cannot go back to an older version",
                     "`to` must be newer than `from`", diagnostics);
    return false;
}

struct route route_read(const struct value *upgrade, struct diagnostics *diagnostics)
{
    struct route route = {.with = value_get_string(upgrade, "with")};
    size_t from = version_index(value_get_string(upgrade, "from"));
    size_t to = version_index(value_get_string(upgrade, "to"));
    if (!route.with || from == ROUTE_LIMIT || to == ROUTE_LIMIT)
        return route;
    route.hops = strcmp(route.with, "none") != 0;
    bool every = strcmp(route.with, "openupgrade") == 0;
    if (!route_check(upgrade, from, to, route.hops, diagnostics))
        return route;
    for (size_t i = from; i <= to && i < ROUTE_LIMIT; i++)
        if (every || i == from || i == to)
            route.versions[route.count++] = versions[i];
    return route;
}

size_t route_find(const struct route *route, const char *version)
{
    for (size_t i = 0; i < route->count; i++)
        if (strcmp(route->versions[i], version) == 0)
            return i;
    return ROUTE_LIMIT;
}

const char *route_describe(struct arena *arena, const struct route *route)
{
    struct buffer text = {0};
    for (size_t i = 0; i < route->count; i++) {
        const char *glue = i + 1 == route->count ? " and " : ", ";
        buffer_format(&text, "%s\"%s\"", i == 0 ? "" : glue, route->versions[i]);
    }
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

size_t route_find_or_report(const struct route *route, const char *version,
                            struct position position, struct diagnostics *diagnostics)
{
    int series;
    if (route->count == 0 || !version || !notation_read_version(version, &series))
        return ROUTE_LIMIT;
    size_t index = route_find(route, version);
    if (index < ROUTE_LIMIT)
        return index;
    struct diagnostic *diagnostic =
        diagnostics_add(diagnostics, "version-not-on-the-way", position,
                        "the database is never at version \"%s\" in this upgrade", version);
    diagnostic->length = (uint32_t)strlen(version) + 2;
    diagnostic->help =
        arena_format(diagnostics->arena, "on the way %s %s", route->count == 1 ? "is only" : "are",
                     route_describe(diagnostics->arena, route));
    return ROUTE_LIMIT;
}
