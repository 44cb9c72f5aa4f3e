/* Arenas: alignment, zeroes, growth, copies, releases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void test_allocations_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    unsigned char *before = NULL;
    size_t before_size = 0;
    /* Sizes around those of a block and of what gets a block of its own. */
    static const size_t sizes[] = {0,     1,     15,    16,    17,      1000, 16383, 16384,
                                   16385, 65535, 65536, 65537, 1 << 20, 3,    16384, 100};
    for (size_t round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *bytes = arena_allocate(arena, sizes[i]);
            assert_int_equal((uintptr_t)bytes % _Alignof(int64_t), 0);
            for (size_t j = 0; j < sizes[i]; j++)
                assert_int_equal(bytes[j], 0);
            if (sizes[i] > 0)
                memset(bytes, 0xAA, sizes[i]);
            for (size_t j = 0; before && j < before_size; j++)
                assert_int_equal(before[j], 0xAA);
            before = bytes;
            before_size = sizes[i];
        }
    }
    arena_destroy(arena);
}

static void test_extend_keeps_the_items(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    uint32_t *items = NULL;
    for (uint32_t i = 0; i < 10000; i++) {
        items = arena_extend(arena, items, i, sizeof *items);
        items[i] = i;
    }
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(items[i], i);
    arena_destroy(arena);
}

static void test_copies_end_with_nul(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    static const char bytes[] = {'a', '\0', 'b', 'c'};
    const char *copy = arena_copy_bytes(arena, bytes, 3);
    assert_memory_equal(copy, "a\0b", 4);
    assert_string_equal(arena_copy_bytes(arena, NULL, 0), "");
    assert_string_equal(arena_copy(arena, "text"), "text");
    assert_string_equal(arena_format(arena, "%d-%s", 5, "x"), "5-x");
    char large[5000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    assert_string_equal(arena_format(arena, "%s", large), large);
    arena_destroy(arena);
}

struct log {
    char text[8];
    size_t length;
};

struct entry {
    struct log *log;
    char name;
};

static void write_entry(void *object)
{
    const struct entry *entry = object;
    entry->log->text[entry->log->length++] = entry->name;
}

static void test_releases_run_last_first(void **state)
{
    (void)state;
    struct log log = {0};
    struct arena *arena = arena_create();
    struct entry entries[] = {{&log, 'a'}, {&log, 'b'}, {&log, 'c'}};
    for (size_t i = 0; i < 3; i++)
        arena_on_destroy(arena, write_entry, &entries[i]);
    assert_int_equal(log.length, 0);
    arena_destroy(arena);
    assert_string_equal(log.text, "cba");
    arena_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocations_are_zeroed_aligned_and_apart),
        cmocka_unit_test(test_extend_keeps_the_items),
        cmocka_unit_test(test_copies_end_with_nul),
        cmocka_unit_test(test_releases_run_last_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
