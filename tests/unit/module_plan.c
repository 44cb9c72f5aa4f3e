/* What a plan does to modules on its way: which code has to be where, and what an uninstall takes
 * along. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"
#include "runtime/steps/module_plan.h"

/* The source: a and b are third-party, b depends on a, c on b; d was never installed. */
static const char *const source[][3] = {
    {"base", "installed", ""}, {"a", "installed", "base"}, {"b", "installed", "a"},
    {"c", "installed", "b"},   {"d", "uninstalled", "a"},
};

static struct module_plan make_plan(struct arena *arena, const char *modules)
{
    struct map *known = map_create(arena);
    for (size_t i = 0; i < sizeof source / sizeof source[0]; i++) {
        struct source_module *module = arena_allocate(arena, sizeof *module);
        *module = (struct source_module){
            .name = source[i][0], .state = source[i][1], .depends = value_array(arena)};
        value_append(arena, module->depends, value_string(arena, source[i][2]));
        map_add(known, module->name, module);
    }
    const char *text = arena_format(
        arena, "{\"versions\":[\"17.0\",\"18.0\",\"19.0\"],\"modules\":{%s}}", modules);
    struct value *spec = NULL;
    assert_null(
        json_read(arena, (struct text){.bytes = text, .length = strlen(text)}, "test", &spec));
    return (struct module_plan){
        .arena = arena, .spec = spec, .decisions = value_get(spec, "modules"), .modules = known};
}

/* "a b<19.0": a has to be there, b may be missing as it is uninstalled at 19.0. */
static const char *describe_needs(struct arena *arena, const struct map *needs)
{
    struct buffer text = {0};
    for (const struct map_entry *entry = map_first(needs); entry; entry = map_next(entry)) {
        const struct module_need *need = map_entry_value(entry);
        assert_string_equal(need->module, map_entry_key(entry));
        buffer_format(&text, "%s%s%s%s", text.length > 0 ? " " : "", need->module,
                      need->leaves ? "<" : "", need->leaves ? need->leaves : "");
    }
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

static const struct {
    const char *modules;
    const char *needs[3]; /* at 17.0, 18.0, 19.0 */
} need_cases[] = {
    {"", {"", "", ""}},
    {"\"a\":{\"action\":\"keep\"}", {"a", "a", "a"}},
    {"\"d\":{\"action\":\"keep\"}", {"", "", ""}},
    {"\"a\":{\"action\":\"update\",\"at\":\"19.0\"}", {"a", "a", "a"}},
    {"\"d\":{\"action\":\"install\",\"at\":\"18.0\"}", {"", "d", "d"}},
    {"\"new\":{\"action\":\"install\",\"at\":\"19.0\"}", {"", "", "new"}},
    {"\"a\":{\"action\":\"install\",\"at\":\"19.0\"}", {"a", "a", "a"}},
    {"\"a\":{\"action\":\"uninstall\",\"at\":\"17.0\"}", {"a<17.0", "", ""}},
    {"\"a\":{\"action\":\"uninstall\",\"at\":\"18.0\"}", {"a<18.0", "a<18.0", ""}},
    {"\"d\":{\"action\":\"uninstall\",\"at\":\"18.0\"}", {"", "", ""}},
    {"\"a\":{\"action\":\"rename\",\"to\":\"z\",\"at\":\"18.0\"}", {"a", "z", "z"}},
    {"\"a\":{\"action\":\"merge\",\"into\":\"base\",\"at\":\"19.0\"}", {"a", "a", "base"}},
    {"\"d\":{\"action\":\"rename\",\"to\":\"z\",\"at\":\"18.0\"}", {"", "", ""}},
};

static void test_needs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof need_cases / sizeof need_cases[0]; i++) {
        struct arena *arena = arena_create();
        const struct module_plan plan = make_plan(arena, need_cases[i].modules);
        for (size_t version = 0; version < 3; version++) {
            const char *needs = describe_needs(arena, module_plan_needs(&plan, version));
            if (strcmp(needs, need_cases[i].needs[version]) != 0)
                fail_msg("%s, version %zu: %s", need_cases[i].modules, version, needs);
        }
        arena_destroy(arena);
    }
}

static const struct value *depends_of_source(void *context, const char *module)
{
    const struct module_plan *plan = context;
    const struct source_module *known = map_get(plan->modules, module);
    return known ? known->depends : NULL;
}

static const struct {
    const char *modules;
    size_t version;
    const char *dragged;
} dragged_cases[] = {
    {"", 0, "{}"},
    {"\"a\":{\"action\":\"uninstall\",\"at\":\"17.0\"}", 0, "{\"a\":[\"b\",\"c\"]}"},
    {"\"a\":{\"action\":\"uninstall\",\"at\":\"17.0\"}", 1, "{}"},
    {"\"a\":{\"action\":\"uninstall\",\"at\":\"17.0\"},"
     "\"b\":{\"action\":\"uninstall\",\"at\":\"17.0\"}",
     0, "{\"a\":[\"c\"],\"b\":[\"c\"]}"},
    {"\"a\":{\"action\":\"uninstall\",\"at\":\"17.0\"},"
     "\"b\":{\"action\":\"uninstall\",\"at\":\"17.0\"},"
     "\"c\":{\"action\":\"uninstall\",\"at\":\"17.0\"}",
     0, "{}"},
    /* uninstalled later is too late, earlier is in time */
    {"\"a\":{\"action\":\"uninstall\",\"at\":\"18.0\"},"
     "\"b\":{\"action\":\"uninstall\",\"at\":\"19.0\"},"
     "\"c\":{\"action\":\"uninstall\",\"at\":\"17.0\"}",
     1, "{\"a\":[\"b\"]}"},
    /* what was never installed drags nothing along, and is not dragged */
    {"\"d\":{\"action\":\"uninstall\",\"at\":\"17.0\"}", 0, "{}"},
    {"\"d\":{\"action\":\"install\",\"at\":\"17.0\"},"
     "\"a\":{\"action\":\"uninstall\",\"at\":\"18.0\"},"
     "\"b\":{\"action\":\"merge\",\"into\":\"base\",\"at\":\"18.0\"}",
     1, "{\"a\":[\"d\"]}"},
};

static void test_dragged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dragged_cases / sizeof dragged_cases[0]; i++) {
        struct arena *arena = arena_create();
        struct module_plan plan = make_plan(arena, dragged_cases[i].modules);
        struct buffer text = {0};
        json_write(&text,
                   module_plan_dragged(&plan, dragged_cases[i].version, depends_of_source, &plan),
                   JSON_COMPACT);
        if (strcmp(buffer_string(&text), dragged_cases[i].dragged) != 0)
            fail_msg("%s: %s", dragged_cases[i].modules, buffer_string(&text));
        buffer_release(&text);
        arena_destroy(arena);
    }
}

static void test_versions(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct module_plan plan = make_plan(arena, "");
    assert_int_equal(module_plan_find_version(&plan, "17.0"), 0);
    assert_int_equal(module_plan_find_version(&plan, "19.0"), 2);
    assert_int_equal(module_plan_find_version(&plan, "16.0"), 3);
    assert_int_equal(module_plan_find_version(&plan, NULL), 3);
    assert_true(module_plan_is_installed(&plan, "a"));
    assert_false(module_plan_is_installed(&plan, "d"));
    assert_false(module_plan_is_installed(&plan, "nowhere"));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_dragged),
        cmocka_unit_test(test_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
