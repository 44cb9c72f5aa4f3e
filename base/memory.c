#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

static void *memory_require(void *memory, size_t size)
{
    if (memory)
        return memory;
    fprintf(stderr, "drehbuch: out of memory (%zu bytes were asked for)\n", size);
    _Exit(1);
}

void *memory_check(void *memory)
{
    if (memory)
        return memory;
    fprintf(stderr, "drehbuch: out of memory\n");
    _Exit(1);
}

void *memory_allocate(size_t size)
{
    return memory_require(malloc(size ? size : 1), size);
}

void *memory_resize(void *memory, size_t size)
{
    return memory_require(realloc(memory, size ? size : 1), size);
}

void memory_release(void *memory)
{
    free(memory);
}
