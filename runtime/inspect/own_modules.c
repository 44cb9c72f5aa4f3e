#include "runtime/inspect/own_modules.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "schemas/embedded.h"

struct listing {
    enum module_class class;
    const char *evidence;
};

struct own_modules {
    struct arena *arena;
    struct map *series; /* name of a series to its map of names to listings */
    struct map *always; /* names to listings: what has no series */
    struct map *any;    /* the same of all series; the latest counts */
};

const char *module_class_name(enum module_class class)
{
    static const char *const names[MODULE_CLASS_COUNT] = {[MODULE_THIRD_PARTY] = "third-party",
                                                          [MODULE_COMMUNITY] = "community",
                                                          [MODULE_ENTERPRISE] = "enterprise",
                                                          [MODULE_IMPORTED] = "imported"};
    return names[class];
}

/* `lines` are lists of names with spaces between. */
static void add_names(struct own_modules *own, struct map *names, const struct value *lines,
                      enum module_class class, const char *evidence)
{
    struct listing *listing = arena_allocate(own->arena, sizeof *listing);
    *listing = (struct listing){.class = class, .evidence = evidence};
    for (size_t i = 0; i < value_count(lines); i++) {
        const char *at = value_as_string(value_item(lines, i));
        while (*at) {
            size_t length = strcspn(at, " ");
            const char *name = arena_copy_bytes(own->arena, at, length);
            map_set(names, name, listing);
            map_set(own->any, name, listing);
            at += length + strspn(at + length, " ");
        }
    }
}

static void add_series(struct own_modules *own, const struct value_member *series)
{
    const char *evidence = arena_format(own->arena, "list of %s", series->key);
    struct map *names = map_create(own->arena);
    /* A name in both lists is Community's: it moved there. */
    add_names(own, names, value_get(series->value, "enterprise"), MODULE_ENTERPRISE, evidence);
    add_names(own, names, value_get(series->value, "community"), MODULE_COMMUNITY, evidence);
    map_set(own->series, series->key, names);
}

struct own_modules *own_modules_load(struct arena *arena)
{
    struct own_modules *own = arena_allocate(arena, sizeof *own);
    *own = (struct own_modules){.arena = arena,
                                .series = map_create(arena),
                                .always = map_create(arena),
                                .any = map_create(arena)};
    struct text text = {.bytes = odoo_modules,
                        .length = embedded_length(odoo_modules, odoo_modules_end)};
    struct value *document = NULL;
    const struct error *error = json_read(arena, text, "schemas/odoo-modules.json", &document);
    assert(!error); /* it is part of the program, and tests/unit/inspect.c reads it */
    (void)error;
    add_names(own, own->always, value_get(document, "themes"), MODULE_COMMUNITY, "website themes");
    const struct value *series = value_get(document, "series");
    for (size_t i = 0; i < value_count(series); i++)
        add_series(own, &series->as.object.members[i]);
    return own;
}

bool own_modules_know(const struct own_modules *own, const char *series)
{
    return map_get(own->series, series) != NULL;
}

enum module_class own_modules_find(const struct own_modules *own, const char *series,
                                   const char *name, bool installed, const char **evidence)
{
    const struct map *names = map_get(own->series, series);
    const struct listing *listing = names ? map_get(names, name) : NULL;
    const struct listing *elsewhere = map_get(own->any, name);
    if (!listing)
        listing = map_get(own->always, name);
    if (!listing && !installed)
        listing = elsewhere;
    if (listing)
        *evidence = listing->evidence;
    else
        *evidence = elsewhere
                        ? arena_format(own->arena, "%s, not of %s", elsewhere->evidence, series)
                        : "in no list";
    return listing ? listing->class : MODULE_THIRD_PARTY;
}
