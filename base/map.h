/* A map from strings to pointers (uthash inside), owned by an arena. Iteration is in order of
 * insertion, so that no output depends on hashing. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct map;

struct map *map_create(struct arena *arena);

/* NULL where the key is absent. */
void *map_get(const struct map *map, const char *key);

/* Adds the key, which is kept, not copied. Returns false, and changes nothing, where it is there
 * already. */
bool map_add(struct map *map, const char *key, void *value);

/* Adds or replaces. */
void map_set(struct map *map, const char *key, void *value);

size_t map_count(const struct map *map);

/* The entries in order of insertion: start with map_first, end at NULL. */
struct map_entry;
const struct map_entry *map_first(const struct map *map);
const struct map_entry *map_next(const struct map_entry *entry);
const char *map_entry_key(const struct map_entry *entry);
void *map_entry_value(const struct map_entry *entry);

#endif
