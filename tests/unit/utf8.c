/* UTF-8 by the boundaries of RFC 3629. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

static void test_read(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        size_t size; /* 0: not UTF-8 */
        uint32_t character;
    } cases[] = {
        {"\0", 1, 1, 0},
        {"a", 1, 1, 'a'},
        {"\x7F", 1, 1, 0x7F},
        {"\xC2\x80", 2, 2, 0x80},
        {"\xDF\xBF", 2, 2, 0x7FF},
        {"\xE0\xA0\x80", 3, 3, 0x800},
        {"\xED\x9F\xBF", 3, 3, 0xD7FF},
        {"\xEE\x80\x80", 3, 3, 0xE000},
        {"\xEF\xBF\xBF", 3, 3, 0xFFFF},
        {"\xF0\x90\x80\x80", 4, 4, 0x10000},
        {"\xF4\x8F\xBF\xBF", 4, 4, 0x10FFFF},
        {"\x80", 1, 0, 0},             /* a continuation alone */
        {"\xBF", 1, 0, 0},             /* another */
        {"\xC0\x80", 2, 0, 0},         /* overlong */
        {"\xC1\xBF", 2, 0, 0},         /* overlong */
        {"\xE0\x9F\xBF", 3, 0, 0},     /* overlong */
        {"\xF0\x8F\xBF\xBF", 4, 0, 0}, /* overlong */
        {"\xED\xA0\x80", 3, 0, 0},     /* a surrogate */
        {"\xED\xBF\xBF", 3, 0, 0},     /* a surrogate */
        {"\xF4\x90\x80\x80", 4, 0, 0}, /* beyond Unicode */
        {"\xF5\x80\x80\x80", 4, 0, 0}, /* beyond Unicode */
        {"\xFF", 1, 0, 0},             /* never a byte of it */
        {"\xC2", 1, 0, 0},             /* cut short */
        {"\xE2\x82", 2, 0, 0},         /* cut short */
        {"\xF0\x9F\x98", 3, 0, 0},     /* cut short */
        {"\xC2"
         "a",
         2, 0, 0}, /* no continuation */
        {"\xE2\x82"
         "a",
         3, 0, 0}, /* no continuation */
        {"\xE2"
         "aa",
         3, 0, 0}, /* no continuation */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t character = 0;
        size_t size = utf8_read(cases[i].bytes, cases[i].length, &character);
        if (size != cases[i].size || (size > 0 && character != cases[i].character))
            fail_msg("case %zu: %zu bytes, U+%04X", i, size, (unsigned)character);
    }
}

static void test_write(void **state)
{
    (void)state;
    /* what is written reads back, at both ends of every size */
    static const uint32_t characters[] = {0x1,    0x7F,   0x80,   0x7FF,   0x800,
                                          0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    static const size_t sizes[] = {1, 1, 2, 2, 3, 3, 3, 3, 4, 4};
    char bytes[UTF8_SIZE];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint32_t character = 0;
        assert_int_equal(utf8_write(bytes, characters[i]), sizes[i]);
        assert_int_equal(utf8_read(bytes, sizes[i], &character), sizes[i]);
        assert_int_equal(character, characters[i]);
    }
    assert_int_equal(utf8_write(bytes, 0xD800), 0);
    assert_int_equal(utf8_write(bytes, 0xDFFF), 0);
    assert_int_equal(utf8_write(bytes, 0x110000), 0);
}

static void test_valid_length(void **state)
{
    (void)state;
    char text[64];
    for (size_t at = 0; at < sizeof text; at++) {
        memset(text, 'x', sizeof text);
        assert_int_equal(utf8_valid_length(text, sizeof text), sizeof text);
        text[at] = '\xFF';
        assert_int_equal(utf8_valid_length(text, sizeof text), at);
        text[at] = '\xC3'; /* begins a character that the x behind does not go on with */
        assert_int_equal(utf8_valid_length(text, sizeof text), at);
        if (at + 1 < sizeof text)
            text[at + 1] = '\xA9';
        assert_int_equal(utf8_valid_length(text, sizeof text),
                         at + 1 < sizeof text ? sizeof text : at);
    }
    assert_int_equal(utf8_valid_length("", 0), 0);
}

static void test_count_cut_and_skip(void **state)
{
    (void)state;
    static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    static const size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    assert_int_equal(utf8_count(text, sizeof text - 1), 4);
    for (size_t limit = 0; limit < sizeof cuts / sizeof cuts[0]; limit++)
        assert_int_equal(utf8_cut(text, sizeof text - 1, limit), cuts[limit]);
    assert_int_equal(utf8_cut(text, sizeof text - 1, 100), sizeof text - 1);
    static const size_t skips[] = {0, 1, 3, 6, 10, 10};
    for (size_t count = 0; count < sizeof skips / sizeof skips[0]; count++)
        assert_int_equal(utf8_skip(text, sizeof text - 1, count), skips[count]);
    assert_int_equal(utf8_skip("\xFF\xC3x", 3, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_valid_length),
        cmocka_unit_test(test_count_cut_and_skip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
