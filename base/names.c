#include "base/names.h"

#include "base/map.h"

struct names {
    struct arena *arena;
    struct map *given; /* each name to the number that was last put behind it: a size_t */
};

struct names *names_create(struct arena *arena)
{
    struct names *names = arena_allocate(arena, sizeof *names);
    *names = (struct names){.arena = arena, .given = map_create(arena)};
    return names;
}

static bool names_give(const struct names *names, const char *name)
{
    if (map_get(names->given, name))
        return false;
    size_t *number = arena_allocate(names->arena, sizeof *number);
    *number = 1;
    return map_add(names->given, name, number);
}

const char *names_add(struct names *names, const char *name, const char *separator)
{
    size_t *number = map_get(names->given, name);
    const char *chosen = name;
    while (!names_give(names, chosen))
        chosen = arena_format(names->arena, "%s%s%zu", name, separator, ++*number);
    return chosen;
}
