/* Memory with one owner and one end.
 *
 * A compilation or a run has one arena; whatever is allocated from it lives until the arena is
 * destroyed, so nothing in it is ever released alone. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_create(void);
void arena_destroy(struct arena *arena);

/* Returns `size` zeroed bytes, aligned for pointers and 64-bit numbers, and so for all structs of
 * them. */
void *arena_allocate(struct arena *arena, size_t size);

/* Makes room for one more item behind `count` items of an array that only this function has grown.
 * Returns the array, possibly moved; start with NULL and 0. */
void *arena_extend(struct arena *arena, void *items, size_t count, size_t item_size);

/* Copies, always with a NUL behind the last byte. */
char *arena_copy(struct arena *arena, const char *string);
char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t length);

/* printf into a new string. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_format_arguments(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Calls `release(object)` when the arena is destroyed, last registered first. For what the arena
 * does not own itself: a connection, a table of a library. */
void arena_on_destroy(struct arena *arena, void (*release)(void *object), void *object);

#endif
