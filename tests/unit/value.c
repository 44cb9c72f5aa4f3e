/* Values: building, reading, large objects, equality. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/value.h"

static void test_build_and_read(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct value *object = value_object(arena);
    value_set(arena, object, "text", value_string(arena, "x"));
    value_set(arena, object, "number", value_integer(arena, 7));
    value_set(arena, object, "truth", value_boolean(arena, true));
    value_set(arena, object, "nothing", value_null(arena));
    value_set(arena, object, "real", value_real(arena, 1.5));
    value_set(arena, object, "formatted", value_format(arena, "%d%s", 1, "a"));
    struct value *list = value_array(arena);
    for (int64_t i = 0; i < 100; i++)
        value_append(arena, list, value_integer(arena, i));
    value_set(arena, object, "list", list);
    assert_string_equal(value_get_string(object, "text"), "x");
    assert_string_equal(value_get_string(object, "formatted"), "1a");
    assert_int_equal(value_get_integer(object, "number", 0), 7);
    assert_true(value_get_boolean(object, "truth", false));
    assert_int_equal(value_count(object), 7);
    assert_int_equal(value_count(list), 100);
    assert_int_equal(value_item(list, 99)->as.integer, 99);
    assert_string_equal(value_member(object, "text")->key, "text");
    value_set(arena, object, "text", value_string(arena, "y"));
    assert_string_equal(value_get_string(object, "text"), "y");
    assert_int_equal(value_count(object), 7);
    arena_destroy(arena);
}

static void test_other_kinds_give_the_fallback(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct value *object = value_object(arena);
    value_set(arena, object, "text", value_string(arena, "x"));
    value_set(arena, object, "number", value_integer(arena, 7));
    const struct value *text = value_get(object, "text");
    assert_null(value_get(object, "absent"));
    assert_null(value_get(NULL, "text"));
    assert_null(value_get(text, "text"));
    assert_null(value_member(text, "text"));
    assert_null(value_get_string(object, "number"));
    assert_null(value_get_string(object, "absent"));
    assert_int_equal(value_get_integer(object, "text", -3), -3);
    assert_int_equal(value_get_integer(NULL, "number", -3), -3);
    assert_true(value_get_boolean(object, "number", true));
    assert_null(value_as_string(NULL));
    assert_null(value_as_string(object));
    assert_int_equal(value_count(NULL), 0);
    assert_int_equal(value_count(text), 0);
    assert_null(value_item(object, 0));
    assert_null(value_item(NULL, 0));
    struct value *list = value_array(arena);
    assert_null(value_item(list, 0));
    arena_destroy(arena);
}

/* Objects of all sizes, around the one from which on an index is kept. */
static void test_large_objects(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct value *object = value_object(arena);
    for (int64_t i = 0; i < 20000; i++) {
        const char *key = arena_format(arena, "key-%lld", (long long)i);
        assert_null(value_get(object, key));
        if (i % 2 == 0)
            value_set(arena, object, key, value_integer(arena, i));
        else
            assert_null(value_add(arena, object, key, (struct position){.line = 5},
                                  value_integer(arena, i)));
        if (i < 100 || i % 1000 == 0)
            for (int64_t j = 0; j <= i; j += i < 100 ? 1 : 97) {
                const char *earlier = arena_format(arena, "key-%lld", (long long)j);
                assert_int_equal(value_get_integer(object, earlier, -1), j);
            }
    }
    value_set(arena, object, "key-19999", value_integer(arena, 5));
    assert_int_equal(value_get_integer(object, "key-19999", -1), 5);
    assert_int_equal(value_count(object), 20000);
    for (size_t i = 0; i < 20000; i++)
        assert_string_equal(object->as.object.members[i].key, arena_format(arena, "key-%zu", i));
    arena_destroy(arena);
}

static void test_add_keeps_the_first(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct value *object = value_object(arena);
    struct position first = {.line = 1, .column = 2};
    struct position second = {.line = 3, .column = 4};
    assert_null(value_add(arena, object, "a", first, value_integer(arena, 1)));
    const struct value_member *present =
        value_add(arena, object, "a", second, value_integer(arena, 2));
    assert_non_null(present);
    assert_int_equal(present->key_position.line, 1);
    assert_int_equal(value_get_integer(object, "a", 0), 1);
    assert_int_equal(value_count(object), 1);
    arena_destroy(arena);
}

static struct value *object_of(struct arena *arena, const char *first, const char *second)
{
    struct value *object = value_object(arena);
    value_set(arena, object, first, value_string(arena, first));
    value_set(arena, object, second, value_string(arena, second));
    return object;
}

static struct value *list_of(struct arena *arena, int64_t first, double second)
{
    struct value *list = value_array(arena);
    value_append(arena, list, value_integer(arena, first));
    value_append(arena, list, value_real(arena, second));
    return list;
}

static void test_equality(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct {
        const struct value *left, *right;
        bool equal;
    } cases[] = {
        {NULL, NULL, true},
        {NULL, value_null(arena), false},
        {value_null(arena), value_null(arena), true},
        {value_boolean(arena, true), value_boolean(arena, true), true},
        {value_boolean(arena, true), value_boolean(arena, false), false},
        {value_boolean(arena, true), value_integer(arena, 1), false},
        {value_integer(arena, 1), value_integer(arena, 1), true},
        {value_integer(arena, 1), value_real(arena, 1.0), true},
        {value_real(arena, 1.0), value_integer(arena, 1), true},
        {value_real(arena, 1.5), value_integer(arena, 1), false},
        {value_real(arena, 0.1), value_real(arena, 0.1), true},
        {value_real(arena, 0.0), value_real(arena, -0.0), true},
        {value_integer(arena, INT64_MAX), value_real(arena, 0x1p63), false},
        {value_integer(arena, INT64_MIN), value_real(arena, -0x1p63), true},
        {value_integer(arena, (INT64_C(1) << 53) + 1), value_real(arena, 0x1p53), false},
        {value_integer(arena, 0), value_real(arena, 1e300), false},
        {value_string(arena, "a"), value_string(arena, "a"), true},
        {value_string(arena, "a"), value_string(arena, "ab"), false},
        {value_string(arena, "1"), value_integer(arena, 1), false},
        {object_of(arena, "a", "b"), object_of(arena, "b", "a"), true},
        {object_of(arena, "a", "b"), object_of(arena, "a", "c"), false},
        {object_of(arena, "a", "b"), object_of(arena, "a", "a"), false},
        {value_object(arena), value_array(arena), false},
        {list_of(arena, 1, 2), list_of(arena, 1, 2.0), true},
        {list_of(arena, 1, 2), list_of(arena, 2, 1), false},
        {list_of(arena, 1, 2), value_array(arena), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (value_equal(cases[i].left, cases[i].right) != cases[i].equal)
            fail_msg("case %zu", i);
    arena_destroy(arena);
}

static void test_kind_names(void **state)
{
    (void)state;
    static const char *const names[] = {"nothing", "true or false", "whole number", "number",
                                        "text",    "list",          "object"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(value_kind_name((enum value_kind)i), names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build_and_read), cmocka_unit_test(test_other_kinds_give_the_fallback),
        cmocka_unit_test(test_large_objects),  cmocka_unit_test(test_add_keeps_the_first),
        cmocka_unit_test(test_equality),       cmocka_unit_test(test_kind_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
