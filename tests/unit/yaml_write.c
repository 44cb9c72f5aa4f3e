/* Texts that YAML reads back as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text_line.h"
#include "base/yaml.h"
#include "base/yaml_write.h"

static const char *const texts[] = {
    "",
    "plain",
    "null",
    "Yes",
    "~",
    "1e3",
    "a: b",
    " blanks ",
    "quotes \" ' \\ ",
    "lines\n\tand tabs\r\n",
    "\x01\x1b[31m\x7f",
    "\xc2\x80\xc2\x9b\xc2\x85",
    "\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xef\xbf\xbe\xef\xbf\xbf",
    "t\xc3\xa4xt \xf0\x9f\x8e\xac",
    "# no comment",
};

static void test_what_is_written_is_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct arena *arena = arena_create();
        struct diagnostics diagnostics = diagnostics_create(arena);
        struct buffer document = {0};
        yaml_write_name(&document, texts[i]);
        buffer_append_string(&document, ": ");
        yaml_write_text(&document, texts[i]);
        buffer_append_character(&document, '\n');
        struct text text = {.bytes = buffer_string(&document), .length = document.length};
        const struct value *value =
            yaml_read(arena, source_create(arena, "a.yaml", text), &diagnostics);
        assert_int_equal(diagnostics.error_count, 0);
        assert_non_null(value);
        assert_string_equal(value->as.object.members[0].key, texts[i]);
        assert_string_equal(value_as_string(value->as.object.members[0].value), texts[i]);
        buffer_release(&document);
        arena_destroy(arena);
    }
}

static void test_names_are_plain_where_they_can_be(void **state)
{
    (void)state;
    static const struct {
        const char *name, *written;
    } cases[] = {{"sale_stock", "sale_stock"}, {"null", "\"null\""}, {"oN", "\"oN\""},
                 {"l10n_de", "l10n_de"},       {"1a", "\"1a\""},     {"", "\"\""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer output = {0};
        yaml_write_name(&output, cases[i].name);
        assert_string_equal(buffer_string(&output), cases[i].written);
        buffer_release(&output);
    }
}

static void test_lines(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    assert_string_equal(text_line(arena, "a\r\n\tb\xe2\x80\xa8"
                                         "c\xff"),
                        "a b c ");
    assert_string_equal(text_line(arena, "\n\x1b[31m red"), "[31m red");
    assert_string_equal(text_line(arena, "\xc3\xa4  b"), "\xc3\xa4  b");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_back),
        cmocka_unit_test(test_names_are_plain_where_they_can_be),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
