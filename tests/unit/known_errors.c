/* The catalogue of known errors: every entry's example is seen as that entry first, and what an
 * environment adds is checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "runtime/known_errors.h"

static struct known_errors *create(struct arena *arena)
{
    struct known_errors *known = NULL;
    const struct error *error = known_errors_create(arena, &known);
    if (error)
        print_error("%s\n", error->message);
    assert_null(error);
    return known;
}

static unsigned origins_of(const struct value *entry)
{
    const struct value *list = value_get(entry, "in");
    unsigned origins = list ? 0 : KNOWN_IN_ODOO;
    for (size_t i = 0; i < value_count(list); i++)
        origins |= known_origin_of(value_as_string(value_item(list, i)));
    return origins;
}

static const struct value *sightings(struct arena *arena, const struct known_seen *seen)
{
    struct value *effects = value_object(arena);
    known_seen_describe(arena, seen, effects);
    return value_get(effects, "known_errors");
}

static void test_examples(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct known_errors *known = create(arena);
    const struct value *entries = known_errors_entries(known);
    size_t faults = 0;
    assert_true(value_count(entries) >= 20);
    for (size_t i = 0; i < value_count(entries); i++) {
        const struct value_member *entry = &entries->as.object.members[i];
        const char *example = value_get_string(entry->value, "example");
        bool quiet = value_get(entry->value, "level") != NULL;
        assert_non_null(example);
        struct known_seen *seen = known_seen_create(arena, known, origins_of(entry->value));
        known_seen_take(seen, example, strlen(example), quiet, NULL);
        const struct value *found = sightings(arena, seen);
        bool good =
            value_count(found) > 0 && strcmp(found->as.object.members[0].key, entry->key) == 0;
        const char *help = known_seen_help(arena, seen);
        if (!good)
            print_error("%s: its example is seen as %s\n", entry->key,
                        value_count(found) ? found->as.object.members[0].key : "nothing");
        else if (help && strchr(help, '{'))
            print_error("%s: %s\n", entry->key, help);
        faults += !good || (help && strchr(help, '{'));
    }
    assert_int_equal(faults, 0);
    arena_destroy(arena);
}

static void test_severity(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *named; /* the module that the step names */
        bool quiet;
        unsigned origin;
        enum known_severity severity;
        const char *help; /* NULL: none */
    } cases[] = {
        {"all is well", NULL, false, KNOWN_IN_ODOO, KNOWN_HARMLESS, NULL},
        {"module acme_sale: not installable, skipped ", NULL, false, KNOWN_IN_ODOO, KNOWN_WARNS,
         "known: Odoo finds no module acme_sale for its version on the addons path; "},
        {"module acme_sale: not installable, skipped ", "acme_sale", false, KNOWN_IN_ODOO,
         KNOWN_FAILS, "known: Odoo finds no module acme_sale "},
        {"module acme_sale: not installable, skipped ", "acme", false, KNOWN_IN_ODOO, KNOWN_WARNS,
         "known: "},
        {"invalid module names, ignored: acme_stock, acme_sale ", "acme_sale", false, KNOWN_IN_ODOO,
         KNOWN_FAILS,
         "known: Odoo knows no modules of these names, and left them out (acme_stock, "
         "acme_sale); "},
        {"No space left on device", NULL, true, KNOWN_IN_ODOO, KNOWN_HARMLESS, NULL},
        {"No space left on device", NULL, false, KNOWN_IN_RSYNC, KNOWN_FAILS,
         "known: a disk is full"},
        {"could not serialize access due to concurrent update", NULL, true, KNOWN_IN_ODOO,
         KNOWN_WARNS, "known: "},
        {"unrecognized configuration parameter \"transaction_timeout\"", NULL, false,
         KNOWN_IN_PG_RESTORE, KNOWN_HARMLESS, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct known_seen *seen = known_seen_create(arena, create(arena), cases[i].origin);
        struct value *modules = value_array(arena);
        if (cases[i].named)
            value_append(arena, modules, value_string(arena, cases[i].named));
        known_seen_name_modules(seen, modules);
        enum known_severity severity =
            known_seen_take(seen, cases[i].text, strlen(cases[i].text), cases[i].quiet, NULL);
        assert_int_equal(severity, cases[i].severity);
        assert_int_equal(known_seen_failure(seen) != NULL, severity == KNOWN_FAILS);
        const char *help = known_seen_help(arena, seen);
        assert_int_equal(help != NULL, cases[i].help != NULL);
        if (help && cases[i].help && strncmp(help, cases[i].help, strlen(cases[i].help)) != 0)
            fail_msg("%s", help);
        arena_destroy(arena);
    }
}

/* What is found in a file of that text: the diagnostic's name, line and column; "" for nothing. */
static const char *add_file(struct arena *arena, const char *text)
{
    char path[] = "/tmp/known-errors-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    struct diagnostics diagnostics = diagnostics_create(arena);
    struct known_errors *known = create(arena);
    size_t before = value_count(known_errors_entries(known));
    assert_null(known_errors_add_file(known, path, &diagnostics));
    unlink(path);
    if (diagnostics.count == 0) {
        assert_int_equal(value_count(known_errors_entries(known)), before + 1);
        return "";
    }
    assert_int_equal(diagnostics.count, 1);
    const struct diagnostic *item = &diagnostics.items[0];
    return arena_format(arena, "%s %u:%u", item->name, item->position.line, item->position.column);
}

static void test_files(void **state)
{
    (void)state;
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"a: { pattern: 'x(?<n>y)', meaning: 'm {n} {1}', remedy: r }\n", ""},
        {"a: { pattern: '(x', meaning: m, remedy: r }\n", "regex 1:15"},
        {"a: { pattern: x, meaning: 'm {n}', remedy: r }\n", "known-error-group 1:27"},
        {"a: { pattern: x, meaning: m, remedy: 'r {1}' }\n", "known-error-group 1:38"},
        {"a: { pattern: x, meaning: m, remedy: 'r {' }\n", "known-error-group 1:38"},
        {"a: { pattern: x, meaning: m, remedy: r, concerns: modules }\n", "known-error-group 1:51"},
        {"\ndisk-full: { pattern: x, meaning: m, remedy: r }\n", "known-error-twice 2:1"},
        {"a: { pattern: x, meaning: m }\n", "missing-key 1:4"},
        {"a: { pattern: x, meaning: m, remedy: r, harm: 1 }\n", "unknown-key 1:41"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        assert_string_equal(add_file(arena, cases[i].text), cases[i].found);
        arena_destroy(arena);
    }
}

/* What an environment knows goes before what is built in, where they fit the same record. */
static void test_own(void **state)
{
    (void)state;
    static const char text[] =
        "acme: { pattern: left on acme, meaning: own, remedy: r, severity: fails }\n";
    static const char line[] = "No space left on acme: No space left on device";
    char path[] = "/tmp/known-errors-XXXXXX";
    int file = mkstemp(path);
    assert_int_equal(write(file, text, sizeof text - 1), sizeof text - 1);
    close(file);
    struct arena *arena = arena_create();
    struct diagnostics diagnostics = diagnostics_create(arena);
    struct known_errors *known = create(arena);
    assert_null(known_errors_add_file(known, path, &diagnostics));
    unlink(path);
    struct known_seen *seen = known_seen_create(arena, known, KNOWN_IN_ODOO);
    known_seen_take(seen, line, sizeof line - 1, false, NULL);
    assert_int_equal(value_count(sightings(arena, seen)), 2);
    assert_string_equal(known_seen_help(arena, seen), "known: own; r");
    static const char later[] = "No space left on device";
    known_seen_take(seen, later, sizeof later - 1, false, NULL);
    assert_string_equal(known_seen_failure(seen)->id, "disk-full");
    arena_destroy(arena);
}

/* A pattern that tries for ever is given up, and a flood of matches takes no memory. */
static void test_bounds(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char path[] = "/tmp/known-errors-XXXXXX";
    int file = mkstemp(path);
    static const char text[] = "slow: { pattern: '(a+)+$(?!\\n)b', meaning: m, remedy: r }\n";
    assert_int_equal(write(file, text, sizeof text - 1), sizeof text - 1);
    close(file);
    struct diagnostics diagnostics = diagnostics_create(arena);
    struct known_errors *known = create(arena);
    assert_null(known_errors_add_file(known, path, &diagnostics));
    unlink(path);
    assert_int_equal(diagnostics.count, 0);
    struct known_seen *seen = known_seen_create(arena, known, KNOWN_IN_ODOO);
    static const char line[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac";
    assert_int_equal(known_seen_take(seen, line, sizeof line - 1, false, NULL), KNOWN_HARMLESS);
    static const char full[] = "No space left on device";
    for (int i = 0; i < 10000; i++)
        known_seen_take(seen, full, sizeof full - 1, true, NULL);
    assert_null(sightings(arena, seen));
    known_seen_take(seen, full, sizeof full - 1, false, NULL);
    known_seen_take(seen, full, sizeof full - 1, false, NULL);
    assert_int_equal(value_get_integer(sightings(arena, seen), "disk-full", 0), 2);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_severity),
        cmocka_unit_test(test_files),    cmocka_unit_test(test_own),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
