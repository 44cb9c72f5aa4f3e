#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define BLOCK_SIZE                                                                                 \
    ((size_t)64 * 1024) /* of the first; each is twice as large as the one before ... */
#define BLOCK_LIMIT ((size_t)4 * 1024 * 1024) /* ... up to this */
/* What arenas hold are structs of pointers, 64-bit numbers and less; none has a long double. */
union widest {
    void *pointer;
    int64_t integer;
    double real;
};
#define ALIGNMENT _Alignof(union widest)

/* A block begins with this header and goes on with its bytes. */
struct block {
    struct block *previous;
    _Alignas(union widest) char bytes[];
};

struct release {
    struct release *previous;
    void (*function)(void *object);
    void *object;
};

struct arena {
    struct block *blocks; /* newest first; each is released at the end */
    struct release *releases;
    char *free; /* the unused rest of the newest ordinary block */
    size_t available;
    size_t block_size; /* of the next ordinary block */
};

struct arena *arena_create(void)
{
    struct arena *arena = memory_allocate(sizeof *arena);
    *arena = (struct arena){.block_size = BLOCK_SIZE};
    return arena;
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    for (struct release *release = arena->releases; release; release = release->previous)
        release->function(release->object);
    for (struct block *block = arena->blocks; block;) {
        struct block *previous = block->previous;
        memory_release(block);
        block = previous;
    }
    memory_release(arena);
}

static char *arena_add_block(struct arena *arena, size_t size)
{
    struct block *block = memory_allocate(sizeof *block + size);
    block->previous = arena->blocks;
    arena->blocks = block;
    return block->bytes;
}

static void *arena_take(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - BLOCK_SIZE)
        return memory_allocate(SIZE_MAX); /* cannot be had: ends the program with its message */
    size = ((size ? size : 1) + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (size > arena->block_size / 4 && size > arena->available)
        return arena_add_block(arena,
                               size); /* large: a block of its own, the current one stays in use */
    if (size > arena->available) {
        arena->available = arena->block_size - sizeof(struct block);
        arena->free = arena_add_block(arena, arena->available);
        if (arena->block_size < BLOCK_LIMIT)
            arena->block_size *= 2;
    }
    void *result = arena->free;
    arena->free += size;
    arena->available -= size;
    return result;
}

void *arena_allocate(struct arena *arena, size_t size)
{
    return memset(arena_take(arena, size), 0, size);
}

void *arena_extend(struct arena *arena, void *items, size_t count, size_t item_size)
{
    /* The capacity is the next power of two from 4 on, so it need not be stored. */
    if (count == 0)
        return arena_allocate(arena, 4 * item_size);
    if (count < 4 || (count & (count - 1)) != 0)
        return items;
    if (count > SIZE_MAX / 2 / item_size)
        return memory_allocate(SIZE_MAX);
    void *grown = arena_allocate(arena, 2 * count * item_size);
    return memcpy(grown, items, count * item_size);
}

char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_take(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *arena_copy(struct arena *arena, const char *string)
{
    return arena_copy_bytes(arena, string, strlen(string));
}

char *arena_format_arguments(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        return arena_copy(
            arena,
            format); /* an encoding error: the bare format still tells the reader something */
    char *result = arena_take(arena, (size_t)length + 1);
    vsnprintf(result, (size_t)length + 1, format, arguments);
    return result;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *result = arena_format_arguments(arena, format, arguments);
    va_end(arguments);
    return result;
}

void arena_on_destroy(struct arena *arena, void (*release)(void *object), void *object)
{
    struct release *entry = arena_allocate(arena, sizeof *entry);
    *entry = (struct release){.previous = arena->releases, .function = release, .object = object};
    arena->releases = entry;
}
