/* What `check.log` finds in a step's log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/odoo/log_search.h"

#define T "2026-11-24T07:15:04.123Z "

static void write_log(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct log_search *create(struct arena *arena)
{
    struct log_search *search = NULL;
    struct value *except = value_array(arena), *excuse = value_object(arena);
    value_append(arena, except, value_string(arena, "deprecated"));
    value_set(arena, excuse, "match", value_string(arena, "acme_\\w+ is late"));
    value_set(arena, excuse, "why", value_string(arena, "it always is"));
    value_append(arena, except, excuse);
    assert_null(log_search_create(arena, "\\b(ERROR|CRITICAL)\\b", except, &search));
    return search;
}

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *log;
        size_t findings;
        size_t excused[2];
        size_t line; /* of the first finding */
        const char *text;
    } cases[] = {
        {"", 0, {0, 0}, 0, NULL},
        {T "odoo: 1 ERROR a: x \n", 1, {0, 0}, 1, "1 ERROR a: x"},
        {T "odoo: ERRORS\n" T "odoo: CRITICAL x", 1, {0, 0}, 2, "CRITICAL x"},
        {T "odoo: ERROR a is deprecated\n", 0, {1, 0}, 0, NULL},
        {T "odoo: ERROR acme_sale is late\n" T "odoo: acme_sale is late\n", 0, {0, 1}, 0, NULL},
        {T "ERROR of drehbuch\nERROR\n" T "pg_dump: ERROR\n", 0, {0, 0}, 0, NULL},
        {T "odoo:\n" T "odoo: \n" T "\n\n", 0, {0, 0}, 0, NULL},
        /* Only the last attempt counts; a line of Odoo's cannot begin one. */
        {T "starting odoo 19.0\n" T "odoo: ERROR a\n" T "odoo: ERROR deprecated\n" T
           "starting odoo 19.0\n" T "odoo: ERROR b\n",
         1,
         {0, 0},
         5,
         "ERROR b"},
        {T "odoo: ERROR a\n" T "odoo: starting odoo 19.0\n", 1, {0, 0}, 1, "ERROR a"},
        {T "odoo: ERROR a\n" T "starting odoo 18.0: a shell\n", 0, {0, 0}, 0, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[] = "/tmp/log-search-XXXXXX";
        close(mkstemp(path));
        struct arena *arena = arena_create();
        struct log_search *search = create(arena);
        write_log(path, T "odoo: ERROR in another step\n" T "odoo: ERROR deprecated\n");
        assert_null(log_search_read(search, "other", path));
        write_log(path, cases[i].log);
        assert_null(log_search_read(search, "step", path));
        assert_int_equal(search->finding_count, cases[i].findings + 1);
        assert_int_equal(search->excuses[0].count, cases[i].excused[0] + 1);
        assert_int_equal(search->excuses[1].count, cases[i].excused[1]);
        assert_string_equal(search->excuses[1].why, "it always is");
        assert_string_equal(search->findings[0].step, "other");
        if (cases[i].findings > 0) {
            assert_string_equal(search->findings[1].step, "step");
            assert_string_equal(search->findings[1].text, cases[i].text);
            assert_int_equal(search->findings[1].line, cases[i].line);
        }
        arena_destroy(arena);
        unlink(path);
    }
}

/* More findings than are kept are counted; a missing log says nothing; a stopped search ends. */
static void test_bounds(void **state)
{
    (void)state;
    char path[] = "/tmp/log-search-XXXXXX";
    close(mkstemp(path));
    struct arena *arena = arena_create();
    struct log_search *search = create(arena);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < LOG_FINDING_LIMIT + 10; i++)
        assert_true(fputs(T "odoo: ERROR\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_null(log_search_read(search, "step", path));
    assert_int_equal(search->finding_count, LOG_FINDING_LIMIT + 10);
    atomic_store(&search->stopped, true);
    assert_null(log_search_read(search, "step", path));
    assert_int_equal(search->finding_count, LOG_FINDING_LIMIT + 10);
    unlink(path);
    atomic_store(&search->stopped, false);
    assert_null(log_search_read(search, "step", path));
    assert_non_null(log_search_read(search, "step", "/tmp"));
    arena_destroy(arena);
}

static void test_pattern(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct log_search *search = NULL;
    const struct error *error = log_search_create(arena, "(x", NULL, &search);
    assert_string_equal(error->message,
                        "the regular expression \"(x\" is wrong at character 3: missing closing "
                        "parenthesis");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
