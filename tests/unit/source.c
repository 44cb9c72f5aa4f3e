/* Sources: lines by every kind of break, positions of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/source.h"

static const struct {
    const char *text;
    const char *lines[6];
} cases[] = {
    {"", {""}},
    {"a", {"a"}},
    {"a\n", {"a", ""}},
    {"a\nb\r\nc\rd", {"a", "b", "c", "d"}},
    {"\n\n", {"", "", ""}},
    {"\r\n\r\n", {"", "", ""}},
    {"a\n\rb", {"a", "", "b"}},
    {"a\xC2\x85"
     "b\xE2\x80\xA8"
     "c\xE2\x80\xA9"
     "d",
     {"a", "b", "c", "d"}},
    {"\xC2\xA9\n\xE2\x82\xAC\n", {"\xC2\xA9", "\xE2\x82\xAC", ""}},
    {"\xEF\xBB\xBF"
     "a\nb",
     {"a", "b"}},
    {"a\xE2\x80", {"a\xE2\x80"}},
};

static struct source *create(struct arena *arena, const char *text)
{
    return source_create(arena, "x", (struct text){.bytes = text, .length = strlen(text)});
}

static void check_line(const struct source *source, uint32_t number, const char *expected)
{
    struct text line = source_line(source, number);
    assert_int_equal(line.length, strlen(expected));
    assert_memory_equal(line.bytes, expected, line.length);
}

/* Asked for first to last, and last to first. */
static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        const struct source *forwards = create(arena, cases[i].text);
        const struct source *backwards = create(arena, cases[i].text);
        uint32_t count = 0;
        for (; cases[i].lines[count]; count++)
            check_line(forwards, count + 1, cases[i].lines[count]);
        check_line(forwards, count + 1, "");
        check_line(forwards, 0, "");
        check_line(forwards, UINT32_MAX, "");
        for (; count > 0; count--)
            check_line(backwards, count, cases[i].lines[count - 1]);
        arena_destroy(arena);
    }
}

static void test_positions(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    static const char text[] = "ab\n\xC3\xA9x\r\n\nend";
    static const struct {
        size_t offset;
        uint32_t line, column;
    } places[] = {{0, 1, 1}, {1, 1, 2}, {2, 1, 3}, {3, 2, 1},  {5, 2, 2},
                  {6, 2, 3}, {8, 3, 1}, {9, 4, 1}, {11, 4, 3}, {12, 4, 4}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct source *source = create(arena, text);
        struct position position = source_position(source, places[i].offset);
        assert_ptr_equal(position.source, source);
        assert_int_equal(position.line, places[i].line);
        assert_int_equal(position.column, places[i].column);
    }
    struct position behind_mark = source_position(create(arena, "\xEF\xBB\xBF"
                                                                "ab"),
                                                  4);
    assert_int_equal(behind_mark.column, 2);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
