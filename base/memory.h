/* The one place where memory is asked of the system.
 *
 * None of these return on failure: a program that cannot get memory says so in one line and ends
 * with exit code 1. That is safe at any moment, because a run survives being killed at any moment.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Returns `size` bytes of undefined content; the caller releases them. */
void *memory_allocate(size_t size);

/* Returns `memory` (which may be NULL) with room for `size` bytes, possibly moved. */
void *memory_resize(void *memory, size_t size);

/* Gives back what the two above returned; NULL is allowed. */
void memory_release(void *memory);

/* Returns what another library has allocated; for NULL it ends as the others do. */
void *memory_check(void *memory);

#endif
