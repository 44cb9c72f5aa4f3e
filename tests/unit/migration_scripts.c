/* Which migration scripts of a module an update runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "runtime/diff/diff.h"

static void test_which_run(void **state)
{
    static const struct {
        const char *installed, *code, *script;
        bool runs;
    } cases[] = {
        {"18.0.1.0.0", "19.0.1.2.0", "19.0.1.1.0/pre-x.py", true},
        {"18.0.1.0.0", "19.0.1.2.0", "19.0.1.2.0/post-x.py", true},
        {"18.0.1.0.0", "19.0.1.2.0", "19.0.1.2.1/post-x.py", false},
        {"18.0.1.0.0", "19.0.1.2.0", "18.0.1.0.0/post-x.py", false},
        {"18.0.1.0.0", "19.0.1.2.0", "18.0.1.0.1/post-x.py", true},
        {"19.0.1.0", "19.0.1.10", "19.0.1.9/end-x.py", true},
        {"18.0.1.0", "19.0.1.2", "1.2/pre-x.py", true},
        {"18.0.1.2", "19.0.1.2", "1.2/pre-x.py", false}, /* it has run in 18.0 */
        {"18.0.11.3", "19.0.11.3", "11.1/end-x.py", false},
        {"18.0.1.9", "19.0.1.10", "1.10.0/pre-x.py", true},
        {"19.0.1.2", "19.0.1.2", "1.2/pre-x.py", false},
        {"18.0.1.0", "19.0.1.2", "0.0.0/pre-x.py", true},
        {"19.0.1.2", "19.0.1.2", "0.0.0/pre-x.py", false},
        {"18.0.1.0", "19.0.1.2", "tests/pre-x.py", false},
        {"", "19.0.1.2", "1.2/pre-x.py", false}, /* an install is no update */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct value *scripts = value_array(arena);
        value_append(arena, scripts, value_string(arena, cases[i].script));
        const struct value *found =
            diff_scripts(arena, scripts, cases[i].installed, cases[i].code, "19.0");
        assert_int_equal(value_count(found), cases[i].runs ? 1 : 0);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_which_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
