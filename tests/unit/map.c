/* Maps: presence, replacement, order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/map.h"

static void test_add_get_set(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct map *map = map_create(arena);
    int one = 1, two = 2;
    assert_null(map_get(map, "a"));
    assert_null(map_first(map));
    assert_true(map_add(map, "a", &one));
    assert_false(map_add(map, "a", &two));
    assert_ptr_equal(map_get(map, "a"), &one);
    map_set(map, "a", &two);
    assert_ptr_equal(map_get(map, "a"), &two);
    map_set(map, "b", &one);
    assert_ptr_equal(map_get(map, "b"), &one);
    assert_true(map_add(map, "", &two));
    assert_ptr_equal(map_get(map, ""), &two);
    assert_null(map_get(map, "ab"));
    assert_int_equal(map_count(map), 3);
    arena_destroy(arena);
}

static void test_order_is_that_of_insertion(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct map *map = map_create(arena);
    for (size_t i = 0; i < 5000; i++)
        assert_true(map_add(map, arena_format(arena, "key %zu", i * 7919 % 5000), map));
    map_set(map, "key 0", arena);
    size_t i = 0;
    for (const struct map_entry *entry = map_first(map); entry; entry = map_next(entry), i++) {
        assert_string_equal(map_entry_key(entry), arena_format(arena, "key %zu", i * 7919 % 5000));
        assert_ptr_equal(map_entry_value(entry), i == 0 ? (void *)arena : (void *)map);
    }
    assert_int_equal(i, 5000);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_get_set),
        cmocka_unit_test(test_order_is_that_of_insertion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
