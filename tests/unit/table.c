/* Tables in all their forms, and differences between texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "base/text_diff.h"

static const struct table_column columns[] = {
    {"name", TABLE_LEFT, 8}, {"rows", TABLE_RIGHT, 0}, {"remark", TABLE_LEFT, 6}};

static struct table *make(struct arena *arena)
{
    struct table *table = table_create(arena, columns, 3);
    table_add(table, (const char *const[]){"res_partner", "324", NULL});
    table_mean(table, 0, TERMINAL_BAD);
    table_add(table, (const char *const[]){"Größe", "7", "a \"word\",\nand | more"});
    return table;
}

static void test_forms(void **state)
{
    struct arena *arena = arena_create();
    struct buffer output = {0};
    static const struct terminal pipe = {.width = 20};
    const struct table *table = make(arena);
    (void)state;
    assert_int_equal(table_rows(table), 2);
    table_write(&output, table, &pipe);
    assert_string_equal(buffer_string(&output), "name         rows  remark\n"
                                                "res_partner   324\n"
                                                "Größe           7  a \"word\", and | more\n");
    buffer_clear(&output);
    table_write_csv(&output, table);
    assert_string_equal(buffer_string(&output), "name,rows,remark\n"
                                                "res_partner,324,\n"
                                                "Größe,7,\"a \"\"word\"\",\nand | more\"\n");
    buffer_clear(&output);
    table_write_markdown(&output, table);
    assert_string_equal(buffer_string(&output), "| name | rows | remark |\n"
                                                "| --- | ---: | --- |\n"
                                                "| res\\_partner | 324 |  |\n"
                                                "| Größe | 7 | a \"word\", and \\| more |\n");
    buffer_release(&output);
    arena_destroy(arena);
}

static void test_narrow_terminals(void **state)
{
    static const struct {
        struct terminal terminal;
        const char *text;
    } cases[] = {
        {{.interactive = true, .utf8 = true, .width = 28},
         "name        rows  remark\n"
         "res_partn…   324\n"
         "Größe          7  a \"word\",…\n"},
        {{.interactive = true, .width = 24},
         "name      rows  remark\n"
         "res_p...   324\n"
         "Größe        7  a \"wo...\n"},
        /* No column is shortened below its minimum. */
        {{.interactive = true, .utf8 = true, .width = 5},
         "name      rows  remark\n"
         "res_par…   324\n"
         "Größe        7  a \"wo…\n"},
        {{.interactive = true, .colours = true, .width = 80},
         "\033[1mname\033[0m         \033[1mrows\033[0m  \033[1mremark\033[0m\n"
         "\033[31mres_partner\033[0m   324\n"
         "Größe           7  a \"word\", and | more\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct buffer output = {0};
        table_write(&output, make(arena), &cases[i].terminal);
        assert_string_equal(buffer_string(&output), cases[i].text);
        buffer_release(&output);
        arena_destroy(arena);
    }
}

static void test_differences(void **state)
{
    static const struct {
        const char *before, *after, *difference;
    } cases[] = {
        {"one\ntwo\n", "one\ntwo\n", ""},
        {"one\ntwo\nthree\n", "one\n2\nthree",
         "  @@ -1,3 +1,3 @@\n"
         "   one\n"
         "  -two\n"
         "  -three\n"
         "  +2\n"
         "  +three\n"},
        {"", "new\n", "  @@ -0,0 +1 @@\n  +new\n"},
        {"old", "", "  @@ -1 +0,0 @@\n  -old\n"},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n",
         "  @@ -8,2 +8,2 @@\n"
         "   8\n"
         "  -9\n"
         "  +nine\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer output = {0};
        text_diff_write(&output, cases[i].before, cases[i].after, 1, "  ", NULL);
        assert_string_equal(buffer_string(&output), cases[i].difference);
        buffer_release(&output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_narrow_terminals),
        cmocka_unit_test(test_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
