/* Real numbers as text. Locales: see json.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/number.h"

static void test_write(void **state)
{
    (void)state;
    static const struct {
        double real;
        const char *text;
    } cases[] = {
        {0, "0.0"},
        {-0.0, "-0.0"},
        {1, "1.0"},
        {-1, "-1.0"},
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {1e15, "1e+15"},
        {1e14, "100000000000000.0"},
        {1e-5, "1e-05"},
        {2.5, "2.5"},
        {0x1p63, "9.223372036854776e+18"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[NUMBER_TEXT_SIZE];
        number_write_real(text, cases[i].real);
        assert_string_equal(text, cases[i].text);
    }
}

/* Numbers of all magnitudes, by a generator that is the same everywhere. */
static void test_there_and_back(void **state)
{
    (void)state;
    uint64_t bits = 1;
    for (size_t i = 0; i < 20000; i++) {
        bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double real, again = 0;
        memcpy(&real, &bits, sizeof real);
        if (!isfinite(real))
            continue;
        char text[NUMBER_TEXT_SIZE];
        number_write_real(text, real);
        assert_true(number_read_real(text, &again));
        assert_memory_equal(&real, &again, sizeof real);
        assert_non_null(strpbrk(text, ".e"));
    }
}

static void test_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        double real;
    } cases[] = {
        {"1", true, 1},      {"-1.5e3", true, -1500}, {"+.5", true, 0.5},  {"5.", true, 5},
        {"1e999", false, 0}, {"-1e999", false, 0},    {"", false, 0},      {"1,5", false, 0},
        {"0x10", false, 0},  {"inf", false, 0},       {"nan", false, 0},   {"1 ", false, 0},
        {"1e", false, 0},    {"--1", false, 0},       {"1e-999", true, 0}, {"1.2.3", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double real = 0;
        bool good = number_read_real(cases[i].text, &real);
        if (good != cases[i].good || (good && real != cases[i].real))
            fail_msg("%s", cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
