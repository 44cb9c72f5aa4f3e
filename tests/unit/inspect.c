/* Whose modules are by their names, and what has become of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/inspect/own_modules.h"
#include "runtime/inspect/successors.h"

static void test_own_modules(void **state)
{
    static const struct {
        const char *series, *name;
        bool installed;
        enum module_class class;
        const char *evidence;
    } cases[] = {
        {"18.0", "base", true, MODULE_COMMUNITY, "list of 18.0"},
        {"14.0", "base", true, MODULE_COMMUNITY, "list of 14.0"},
        {"19.0", "account_accountant", true, MODULE_ENTERPRISE, "list of 19.0"},
        {"16.0", "web_studio", false, MODULE_ENTERPRISE, "list of 16.0"},
        {"18.0", "theme_zap", true, MODULE_COMMUNITY, "website themes"},
        {"18.0", "queue_job", true, MODULE_THIRD_PARTY, "in no list"},
        {"18.0", "web_kanban_gauge", false, MODULE_COMMUNITY, "list of 16.0"},
        {"18.0", "web_kanban_gauge", true, MODULE_THIRD_PARTY, "list of 16.0, not of 18.0"},
        {"13.0", "base", false, MODULE_COMMUNITY, "list of 19.0"},
    };
    struct arena *arena = arena_create();
    const struct own_modules *own = own_modules_load(arena);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *evidence;
        assert_int_equal(
            own_modules_find(own, cases[i].series, cases[i].name, cases[i].installed, &evidence),
            cases[i].class);
        assert_string_equal(evidence, cases[i].evidence);
    }
    assert_true(own_modules_know(own, "19.0"));
    assert_false(own_modules_know(own, "13.0"));
    arena_destroy(arena);
}

static void test_apriori(void **state)
{
    static const struct {
        const char *text, *old, *new;
        bool merged, fails;
    } cases[] = {
        {"renamed_modules = {\n    # a comment }\n    \"a\": \"b\",\n}\nmerged_modules = {}\n", "a",
         "b", false, false},
        {"x = 1\nrenamed_modules = {}\nmerged_modules = {\n    'c': 'd',\n}\n", "c", "d", true,
         false},
        {"renamed_modules = {}\nmerged_modules = {}\n", "a", NULL, false, false},
        {"renamed_modules = {\n    \"a\": \"b\",\n}\n", "a", NULL, false, true},
        {"renamed_modules = dict(a='b')\nmerged_modules = {}\n", "a", NULL, false, true},
        {"renamed_modules = {\n    \"a\": __import__('os'),\n}\nmerged_modules = {}\n", "a", NULL,
         false, true},
        {"renamed_modules = {", "a", NULL, false, true},
        {"", "a", NULL, false, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct successors *successors = successors_create(arena);
        struct text text = {.bytes = cases[i].text, .length = strlen(cases[i].text)};
        const struct error *error = successors_add_apriori(successors, text, "apriori.py");
        assert_int_equal(error != NULL, cases[i].fails);
        const struct successor *found = error ? NULL : successors_find(successors, cases[i].old);
        assert_int_equal(found != NULL, cases[i].new != NULL);
        if (found) {
            assert_string_equal(found->name, cases[i].new);
            assert_int_equal(found->merged, cases[i].merged);
        }
        arena_destroy(arena);
    }
}

static void test_one_list_goes_on_where_another_ends(void **state)
{
    static const char *const lists[] = {
        "renamed_modules = {\n'a': 'b', 'm': 'n',\n}\nmerged_modules = {}\n",
        "renamed_modules = {\n'b': 'c',\n}\nmerged_modules = {\n'n': 'o',\n}\n",
        "renamed_modules = {\n'x': 'y', 'y': 'x',\n}\nmerged_modules = {}\n",
    };
    struct arena *arena = arena_create();
    struct successors *successors = successors_create(arena);
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct text text = {.bytes = lists[i], .length = strlen(lists[i])};
        assert_null(successors_add_apriori(successors, text, "apriori.py"));
    }
    const struct successor *found = successors_find(successors, "a");
    assert_string_equal(found->name, "c");
    assert_false(found->merged);
    found = successors_find(successors, "m");
    assert_string_equal(found->name, "o");
    assert_true(found->merged);
    assert_non_null(successors_find(successors, "x")); /* and it ends */
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_modules),
        cmocka_unit_test(test_apriori),
        cmocka_unit_test(test_one_list_goes_on_where_another_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
