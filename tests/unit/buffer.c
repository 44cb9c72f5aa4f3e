/* Buffers: append, format, consume. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static void test_empty(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    assert_string_equal(buffer_string(&buffer), "");
    buffer_clear(&buffer);
    buffer_consume(&buffer, 0);
    buffer_append(&buffer, NULL, 0);
    assert_string_equal(buffer_string(&buffer), "");
    assert_int_equal(buffer.length, 0);
    buffer_release(&buffer);
    assert_null(buffer.bytes);
}

static void test_append(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    buffer_append(&buffer, "a\0b", 3);
    buffer_append_string(&buffer, "cd");
    buffer_append_character(&buffer, 'e');
    buffer_format(&buffer, "%03d", 7);
    assert_int_equal(buffer.length, 9);
    assert_memory_equal(buffer.bytes, "a\0bcde007", 10);
    buffer_consume(&buffer, 2);
    assert_string_equal(buffer_string(&buffer), "bcde007");
    buffer_consume(&buffer, 7);
    assert_string_equal(buffer_string(&buffer), "");
    buffer_append_string(&buffer, "again");
    assert_string_equal(buffer_string(&buffer), "again");
    buffer_clear(&buffer);
    assert_string_equal(buffer_string(&buffer), "");
    buffer_release(&buffer);
}

/* Through every capacity on the way. */
static void test_growth(void **state)
{
    (void)state;
    struct buffer one_by_one = {0};
    struct buffer formatted = {0};
    for (size_t i = 0; i < 70000; i++) {
        buffer_append_character(&one_by_one, (char)('a' + i % 26));
        buffer_format(&formatted, "%c", (char)('a' + i % 26));
        assert_int_equal(one_by_one.bytes[one_by_one.length], '\0');
    }
    assert_int_equal(one_by_one.length, 70000);
    assert_string_equal(buffer_string(&one_by_one), buffer_string(&formatted));
    buffer_append(&formatted, one_by_one.bytes, one_by_one.length);
    assert_int_equal(formatted.length, 140000);
    assert_memory_equal(formatted.bytes + 70000, one_by_one.bytes, 70001);
    buffer_release(&one_by_one);
    buffer_release(&formatted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
