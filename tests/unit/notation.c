/* Versions, names of customers, durations, sizes and ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/notation.h"

static void test_versions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int series; /* 0: none */
    } cases[] = {
        {"14.0", 140}, {"15.0", 150}, {"16.0", 160}, {"17.0", 170},  {"18.0", 180}, {"19.0", 190},
        {"13.0", 0},   {"20.0", 0},   {"18", 0},     {"18.1", 0},    {"18.00", 0},  {" 18.0", 0},
        {"18.0 ", 0},  {"", 0},       {"180", 0},    {"saas~18", 0}, {"018.0", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int series = 0;
        if (notation_read_version(cases[i].text, &series) != (cases[i].series != 0) ||
            series != cases[i].series)
            fail_msg("%s", cases[i].text);
    }
}

static void test_customers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"acme", true},
        {"Acme-2.x_y", true},
        {"7up", true},
        {"", false},
        {"-acme", false},
        {".acme", false},
        {"_a", false},
        {"a customer", false},
        {"ac\nme", false},
        {"ACMÉ", false},
        {"0123456789012345678901234567890123456789012345678901234567890123", true},
        {"01234567890123456789012345678901234567890123456789012345678901234", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (notation_is_customer(cases[i].text) != cases[i].is)
            fail_msg("%s", cases[i].text);
}

struct quantity_case {
    const char *text;
    int64_t quantity; /* -1: none */
};

static void check_quantities(const struct quantity_case *cases, size_t count,
                             bool (*read)(const char *text, int64_t *quantity))
{
    for (size_t i = 0; i < count; i++) {
        int64_t quantity = -1;
        bool good = read(cases[i].text, &quantity);
        if (good != (cases[i].quantity >= 0) || quantity != cases[i].quantity)
            fail_msg("%s", cases[i].text);
    }
}

static void test_durations(void **state)
{
    (void)state;
    static const struct quantity_case cases[] = {
        {"250ms", 250},
        {"0s", 0},
        {"90s", 90000},
        {"15m", 900000},
        {"6h", 21600000},
        {"007s", 7000},
        {"9223372036854775807ms", INT64_MAX},
        {"9223372036854775808ms", -1},
        {"9223372036854775s", INT64_C(9223372036854775000)},
        {"9223372036854776s", -1},
        {"", -1},
        {"s", -1},
        {"90", -1},
        {"1.5h", -1},
        {"-1s", -1},
        {"+1s", -1},
        {"1 s", -1},
        {"1s ", -1},
        {"1h30m", -1},
        {"1d", -1},
        {"1S", -1},
    };
    check_quantities(cases, sizeof cases / sizeof cases[0], notation_read_duration);
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct quantity_case cases[] = {
        {"100B", 100},
        {"64KB", 65536},
        {"512MB", 536870912},
        {"20GB", INT64_C(21474836480)},
        {"1TB", INT64_C(1099511627776)},
        {"8388607TB", INT64_C(9223370937343148032)},
        {"8388608TB", -1},
        {"20", -1},
        {"20gb", -1},
        {"20GiB", -1},
        {"GB", -1},
        {"1.5GB", -1},
        {"", -1},
    };
    check_quantities(cases, sizeof cases / sizeof cases[0], notation_read_size);
}

static void test_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        struct range range;
    } cases[] = {
        {"0..500", true, {0, 500}},
        {"1..", true, {1, INT64_MAX}},
        {"..9", true, {INT64_MIN, 9}},
        {"7", true, {7, 7}},
        {"5..5", true, {5, 5}},
        {"-5..-2", true, {-5, -2}},
        {"9223372036854775807", true, {INT64_MAX, INT64_MAX}},
        {"9223372036854775808", false, {0, 0}},
        {"..", false, {0, 0}},
        {"", false, {0, 0}},
        {"5..1", false, {0, 0}},
        {"1...5", false, {0, 0}},
        {"1..5..9", false, {0, 0}},
        {"1..x", false, {0, 0}},
        {"x..1", false, {0, 0}},
        {"1.5", false, {0, 0}},
        {"1.", false, {0, 0}},
        {"1 ..2", false, {0, 0}},
        {"-", false, {0, 0}},
        {"--1", false, {0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct range range = {0, 0};
        if (notation_read_range(cases[i].text, &range) != cases[i].good ||
            range.minimum != cases[i].range.minimum || range.maximum != cases[i].range.maximum)
            fail_msg("%s", cases[i].text);
    }
}

static void test_range_contains(void **state)
{
    (void)state;
    static const struct {
        struct range range;
        int64_t number;
        bool inside;
    } cases[] = {
        {{0, 500}, 0, true},
        {{0, 500}, 500, true},
        {{0, 500}, -1, false},
        {{0, 500}, 501, false},
        {{1, INT64_MAX}, INT64_MAX, true},
        {{INT64_MIN, 9}, INT64_MIN, true},
        {{INT64_MIN, 9}, 10, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(range_contains(cases[i].range, cases[i].number), cases[i].inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),  cmocka_unit_test(test_customers),
        cmocka_unit_test(test_durations), cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_ranges),    cmocka_unit_test(test_range_contains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
