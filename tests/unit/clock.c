/* Points in time as text, there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void test_there_and_back(void **state)
{
    (void)state;
    static const struct {
        int64_t milliseconds;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {951782399999, "2000-02-28T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {951868800000, "2000-03-01T00:00:00.000Z"},
        {1798675199001, "2026-12-30T23:59:59.001Z"},
        {1798761600000, "2027-01-01T00:00:00.000Z"},
        {1861833600000, "2028-12-31T00:00:00.000Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(clock_write(cases[i].milliseconds).text, cases[i].text);
        int64_t milliseconds = -1;
        assert_true(clock_read(cases[i].text, &milliseconds));
        assert_true(milliseconds == cases[i].milliseconds);
    }
}

/* Every day of more than eight centuries, so that no rule of the calendar is left out. */
static void test_every_day(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 300000; day++) {
        int64_t milliseconds = day * 86400000 + day % 86400000;
        int64_t back = -1;
        assert_true(clock_read(clock_write(milliseconds).text, &back));
        assert_true(back == milliseconds);
    }
}

static void test_outside(void **state)
{
    (void)state;
    assert_string_equal(clock_write(-1).text, "1970-01-01T00:00:00.000Z");
    assert_string_equal(clock_write(INT64_MAX).text, "9999-12-31T23:59:59.999Z");
}

static void test_not_a_time(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "2026-11-23",
        "2026-11-23T08:14:00Z",
        "2026-11-23T08:14:00.123",
        "2026-11-23T08:14:00.123ZZ",
        "2026-11-23 08:14:00.123Z",
        "2026-13-23T08:14:00.123Z",
        "2026-00-23T08:14:00.123Z",
        "2026-11-31T08:14:00.123Z",
        "2025-02-29T08:14:00.123Z",
        "2026-11-00T08:14:00.123Z",
        "2026-11-23T24:14:00.123Z",
        "2026-11-23T08:60:00.123Z",
        "2026-11-23T08:14:60.123Z",
        "1969-12-31T23:59:59.999Z",
        "2026-11-23T08:14:0x.123Z",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t milliseconds = -1;
        assert_false(clock_read(cases[i], &milliseconds));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_outside),
        cmocka_unit_test(test_not_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
