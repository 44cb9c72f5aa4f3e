/* Names that are all different. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/names.h"

static void test_a_second_one_gets_a_number(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct names *names = names_create(arena);
    static const struct {
        const char *name, *given;
    } cases[] = {
        {"a", "a"},   {"b", "b"},       {"a", "a-2"}, {"a-4", "a-4"}, {"a", "a-3"},
        {"a", "a-5"}, {"a-2", "a-2-2"}, {"", ""},     {"", "-2"},     {"-2", "-2-2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(names_add(names, cases[i].name, "-"), cases[i].given);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_second_one_gets_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
