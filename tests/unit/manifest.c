/* Manifests as Odoo of each series understands them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "runtime/odoo/manifest.h"

static const struct error *read_text(struct arena *arena, const char *text, const char *module,
                                     const char *series, const struct manifest **manifest)
{
    return manifest_read(arena, (struct text){.bytes = text, .length = strlen(text)},
                         "acme/__manifest__.py", module, series, manifest);
}

static const struct manifest *read_good(struct arena *arena, const char *text, const char *series)
{
    const struct manifest *manifest = NULL;
    const struct error *error = read_text(arena, text, "acme", series, &manifest);
    if (error)
        fail_msg("%s: %s", text, error->message);
    return manifest;
}

static const char *as_json(struct arena *arena, const struct value *value)
{
    struct buffer buffer = {0};
    json_write(&buffer, value, JSON_COMPACT);
    const char *text = arena_copy(arena, buffer_string(&buffer));
    buffer_release(&buffer);
    return text;
}

/* What Odoo of a series makes of a version; `obstacle` NULL: it takes it. */
static const struct {
    const char *series;
    const char *member; /* what the manifest says */
    const char *version;
    const char *obstacle;
} version_cases[] = {
    {"14.0", "", "14.0.1.0", NULL},
    {"14.0", "'version': '1.2.3'", "14.0.1.2.3", NULL},
    {"14.0", "'version': '14.0'", "14.0.14.0", NULL},
    {"14.0", "'version': '14.0.1.0.0'", "14.0.1.0.0", NULL},
    {"16.0", "'version': '1.2.3.4'", "16.0.1.2.3.4", NULL},
    {"16.0", "'version': '18.0.1.0.0'", "16.0.18.0.1.0.0",
     "its version 18.0.1.0.0 is not of series 16.0"},
    {"16.0", "'version': 1.0", "16.0.1.0",
     "Odoo 16.0 does not take its version without quotes: 1.0"},
    {"17.0", "", "17.0.1.0", NULL},
    {"17.0", "'version': '1.2.3'", "17.0.1.2.3", NULL},
    {"17.0", "'version': '17.0.1.2'", "17.0.1.2", NULL},
    {"17.0", "'version': '17.0'", "17.0.17.0", NULL},
    {"17.0", "'version': '1'", "17.0.1", "Odoo 17.0 does not take its version 1"},
    {"17.0", "'version': '1.2.3.4'", "17.0.1.2.3.4", "Odoo 17.0 does not take its version 1.2.3.4"},
    {"17.0", "'version': '17.0.1.2.3.4'", "17.0.1.2.3.4",
     "Odoo 17.0 does not take its version 17.0.1.2.3.4"},
    {"18.0", "'version': '17.0.1.0.0'", "18.0.17.0.1.0.0",
     "its version 17.0.1.0.0 is not of series 18.0"},
    {"18.0", "'version': '1.0b'", "18.0.1.0b", "Odoo 18.0 does not take its version 1.0b"},
    {"19.0", "", "19.0.1.0", NULL},
    {"19.0", "'version': '1.0'", "19.0.1.0", NULL},
    {"19.0", "'version': '1.2.3'", "19.0.1.2.3", NULL},
    {"19.0", "'version': 1.5", "19.0.1.5", NULL},
    {"19.0", "'version': 2", "2", "Odoo 19.0 does not take its version without quotes: 2"},
    {"19.0", "'version': '19.0.1.0'", "19.0.1.0", NULL},
    {"19.0", "'version': '19.0.1.2.3'", "19.0.1.2.3", NULL},
    {"19.0", "'version': '19.0'", "19.0", "Odoo 19.0 does not take its version 19.0"},
    {"19.0", "'version': '19.01'", "19.01", "Odoo 19.0 does not take its version 19.01"},
    {"19.0", "'version': '18.0.1.0.0'", "18.0.1.0.0",
     "its version 18.0.1.0.0 is not of series 19.0"},
    {"19.0", "'version': '18.0.1.0'", "18.0.1.0", "Odoo 19.0 does not take its version 18.0.1.0"},
    {"19.0", "'version': '1..0'", "1..0", "Odoo 19.0 does not take its version 1..0"},
    {"19.0", "'version': ''", "", "Odoo 19.0 does not take its version "},
    {"19.0", "'installable': False, 'version': 'x'", "x",
     "its manifest says that it is not installable"},
};

static void test_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof version_cases / sizeof version_cases[0]; i++) {
        struct arena *arena = arena_create();
        const char *text = arena_format(arena, "{%s}", version_cases[i].member);
        const struct manifest *manifest = read_good(arena, text, version_cases[i].series);
        const char *obstacle = version_cases[i].obstacle;
        if (strcmp(manifest->version, version_cases[i].version) != 0)
            fail_msg("%s %s: %s", version_cases[i].series, text, manifest->version);
        if (strcmp(manifest->obstacle ? manifest->obstacle : "", obstacle ? obstacle : "") != 0)
            fail_msg("%s %s: %s", version_cases[i].series, text, manifest->obstacle);
        arena_destroy(arena);
    }
}

static void test_all_members(void **state)
{
    (void)state;
    static const char text[] = "# Copyright\n"
                               "{\n"
                               "    'name': 'Acme ' 'Sale',\n"
                               "    'version': '18.0.1.2.3',\n"
                               "    'author': \"Acme, Odoo Community Association (OCA)\",\n"
                               "    'license': 'AGPL-3',\n"
                               "    'depends': ('sale', 'stock',),\n"
                               "    'external_dependencies': {\n"
                               "        'python': ['openupgradelib>=3.6', 'cbor2'],\n"
                               "        'bin': ['wkhtmltopdf'],\n"
                               "    },\n"
                               "    'application': True,\n"
                               "    'auto_install': ['sale'],\n"
                               "    'description': '''Long\ntext''',\n"
                               "}\n";
    struct arena *arena = arena_create();
    const struct manifest *manifest = read_good(arena, text, "18.0");
    assert_string_equal(manifest->module, "acme");
    assert_string_equal(manifest->title, "Acme Sale");
    assert_string_equal(manifest->author, "Acme, Odoo Community Association (OCA)");
    assert_string_equal(manifest->license, "AGPL-3");
    assert_string_equal(as_json(arena, manifest->depends), "[\"sale\",\"stock\"]");
    assert_string_equal(as_json(arena, manifest->packages), "[\"openupgradelib>=3.6\",\"cbor2\"]");
    assert_string_equal(as_json(arena, manifest->programs), "[\"wkhtmltopdf\"]");
    assert_true(manifest->installable && manifest->application && manifest->auto_install);
    assert_null(manifest->obstacle);
    arena_destroy(arena);
}

static void test_defaults(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct manifest *manifest = read_good(arena, "{}", "18.0");
    assert_string_equal(manifest->title, "acme");
    assert_string_equal(manifest->author, "Odoo S.A.");
    assert_string_equal(manifest->license, "LGPL-3");
    assert_string_equal(as_json(arena, manifest->depends), "[]");
    assert_string_equal(as_json(arena, manifest->packages), "[]");
    assert_string_equal(as_json(arena, manifest->programs), "[]");
    assert_true(manifest->installable);
    assert_false(manifest->application || manifest->auto_install);
    /* 19.0 makes everything but base depend on base, and looks elsewhere for the author */
    manifest = read_good(arena, "{'maintainer': 'Acme'}", "19.0");
    assert_string_equal(as_json(arena, manifest->depends), "[\"base\"]");
    assert_string_equal(manifest->author, "Acme");
    assert_null(read_text(arena, "{'depends': ['x']}", "base", "19.0", &manifest));
    assert_string_equal(as_json(arena, manifest->depends), "[]");
    arena_destroy(arena);
}

static const struct {
    const char *text;
    bool auto_install;
    const char *obstacle;
} obstacle_cases[] = {
    {"{'auto_install': True, 'depends': ['a']}", true, NULL},
    {"{'auto_install': []}", true, NULL},
    {"{'auto_install': ['a'], 'depends': ['a', 'b']}", true, NULL},
    {"{'auto_install': {'c'}, 'depends': ['a']}", true,
     "its auto_install names c, which is not in its depends"},
    {"{'installable': 0}", false, "its manifest says that it is not installable"},
    {"{'installable': 1}", false, NULL},
    {"# coding: latin-1\n{'name': '\xE9'}", false,
     "its manifest is latin-1, and Odoo reads manifests as plain UTF-8"},
    {"\xEF\xBB\xBF{}", false,
     "its manifest is UTF-8 with a byte order mark, and Odoo reads manifests as plain UTF-8"},
};

static void test_obstacles(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof obstacle_cases / sizeof obstacle_cases[0]; i++) {
        struct arena *arena = arena_create();
        const struct manifest *manifest = read_good(arena, obstacle_cases[i].text, "18.0");
        const char *obstacle = obstacle_cases[i].obstacle;
        if (strcmp(manifest->obstacle ? manifest->obstacle : "", obstacle ? obstacle : "") != 0)
            fail_msg("%s: %s", obstacle_cases[i].text, manifest->obstacle);
        assert_int_equal(manifest->auto_install, obstacle_cases[i].auto_install);
        arena_destroy(arena);
    }
}

static const struct {
    const char *text;
    const char *message;
} error_cases[] = {
    {"['acme']", "acme/__manifest__.py:1:1: a manifest is a dictionary"},
    {"{'depends': ['a' + 'b']}",
     "acme/__manifest__.py:1:18: here a comma or \"]\" should stand, not \"+\""},
    {"{\n'depends': 'base'}", "acme/__manifest__.py:2:12: \"depends\" is no list of modules"},
    {"{'depends': ['base', 1]}", "acme/__manifest__.py:1:13: \"depends\" is no list of modules"},
    {"{'external_dependencies': ['a']}",
     "acme/__manifest__.py:1:27: \"external_dependencies\" is no dictionary"},
    {"{'external_dependencies': {'python': 'a'}}",
     "acme/__manifest__.py:1:38: \"python\" is no list of Python packages"},
    {"{'external_dependencies': {'bin': {'a': 1}}}",
     "acme/__manifest__.py:1:35: \"bin\" is no list of programs"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_cases / sizeof error_cases[0]; i++) {
        struct arena *arena = arena_create();
        const struct manifest *manifest;
        const struct error *error =
            read_text(arena, error_cases[i].text, "acme", "19.0", &manifest);
        assert_string_equal(error ? error->message : "", error_cases[i].message);
        assert_true(error && error->outcome == OUTCOME_INVALID && error->help);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions), cmocka_unit_test(test_all_members),
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_obstacles),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
