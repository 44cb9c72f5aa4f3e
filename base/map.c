#include "base/map.h"

#include <string.h>

#include "base/memory.h"

#define uthash_malloc(size) memory_allocate(size)
#define uthash_free(memory, size) memory_release(memory)
#include <uthash.h>

struct map_entry {
    const char *key;
    void *value;
    UT_hash_handle hh;
};

struct map {
    struct arena *arena;
    struct map_entry *entries;
};

static void map_release(void *object)
{
    struct map *map = object;
    HASH_CLEAR(hh, map->entries);
}

struct map *map_create(struct arena *arena)
{
    struct map *map = arena_allocate(arena, sizeof *map);
    map->arena = arena;
    arena_on_destroy(arena, map_release, map);
    return map;
}

/* A key with what it costs to find out, once for each search. */
struct probe {
    const char *key;
    size_t length;
    unsigned hash;
};

static struct probe map_probe(const char *key)
{
    struct probe probe = {.key = key, .length = strlen(key)};
    HASH_VALUE(key, probe.length, probe.hash);
    return probe;
}

static struct map_entry *map_find(const struct map *map, const struct probe *probe)
{
    struct map_entry *entry = NULL;
    HASH_FIND_BYHASHVALUE(hh, map->entries, probe->key, probe->length, probe->hash, entry);
    return entry;
}

static void map_insert(struct map *map, const struct probe *probe, void *value)
{
    struct map_entry *entry = arena_allocate(map->arena, sizeof *entry);
    entry->key = probe->key;
    entry->value = value;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, map->entries, probe->key, probe->length, probe->hash, entry);
}

void *map_get(const struct map *map, const char *key)
{
    const struct probe probe = map_probe(key);
    const struct map_entry *entry = map_find(map, &probe);
    return entry ? entry->value : NULL;
}

bool map_add(struct map *map, const char *key, void *value)
{
    const struct probe probe = map_probe(key);
    if (map_find(map, &probe))
        return false;
    map_insert(map, &probe, value);
    return true;
}

void map_set(struct map *map, const char *key, void *value)
{
    const struct probe probe = map_probe(key);
    struct map_entry *entry = map_find(map, &probe);
    if (entry)
        entry->value = value;
    else
        map_insert(map, &probe, value);
}

size_t map_count(const struct map *map)
{
    return HASH_COUNT(map->entries);
}

const struct map_entry *map_first(const struct map *map)
{
    return map->entries;
}

const struct map_entry *map_next(const struct map_entry *entry)
{
    return entry->hh.next;
}

const char *map_entry_key(const struct map_entry *entry)
{
    return entry->key;
}

void *map_entry_value(const struct map_entry *entry)
{
    return entry->value;
}
