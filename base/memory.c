/* For madvise, which POSIX has not. */
#define _DEFAULT_SOURCE
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

static void *memory_require(void *memory, size_t size)
{
    if (memory)
        return memory;
    fprintf(stderr, "drehbuch: out of memory (%zu bytes were asked for)\n", size);
    _Exit(1);
}

void *memory_allocate(size_t size)
{
    return memory_require(malloc(size ? size : 1), size);
}

void *memory_allocate_large(size_t size)
{
    if (size < HUGE_PAGE || size > SIZE_MAX - HUGE_PAGE)
        return memory_allocate(size);
    size = (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    void *memory = memory_require(aligned_alloc(HUGE_PAGE, size), size);
    (void)madvise(memory, size, MADV_HUGEPAGE); /* a hint: small pages do as well, more slowly */
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    return memory_require(realloc(memory, size ? size : 1), size);
}

void memory_release(void *memory)
{
    free(memory);
}
