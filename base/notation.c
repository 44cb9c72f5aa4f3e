#include "base/notation.h"

#include <stddef.h>
#include <string.h>

#define CUSTOMER_LIMIT 64

#define OLDEST_SERIES 14
#define NEWEST_SERIES 19

/* Reads the digits at `*text` and moves it behind them. */
static bool notation_read_digits(const char **text, int64_t *number)
{
    const char *next = *text;
    int64_t result = 0;
    for (; *next >= '0' && *next <= '9'; next++) {
        int digit = *next - '0';
        if (result > (INT64_MAX - digit) / 10)
            return false;
        result = result * 10 + digit;
    }
    if (next == *text)
        return false;
    *text = next;
    *number = result;
    return true;
}

struct unit {
    const char *name;
    int64_t factor;
};

/* A number directly followed by one of `units`. */
static bool notation_read_quantity(const char *text, const struct unit *units, size_t count,
                                   int64_t *quantity)
{
    int64_t number;
    if (!notation_read_digits(&text, &number))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, units[i].name) != 0)
            continue;
        if (number > INT64_MAX / units[i].factor)
            return false;
        *quantity = number * units[i].factor;
        return true;
    }
    return false;
}

bool notation_read_version(const char *text, int *series)
{
    for (int major = OLDEST_SERIES; major <= NEWEST_SERIES; major++) {
        char name[] = {(char)('0' + major / 10), (char)('0' + major % 10), '.', '0', '\0'};
        if (strcmp(text, name) == 0) {
            *series = 10 * major;
            return true;
        }
    }
    return false;
}

bool notation_read_duration(const char *text, int64_t *milliseconds)
{
    static const struct unit units[] = {
        {"ms", 1}, {"s", 1000}, {"m", INT64_C(60) * 1000}, {"h", INT64_C(3600) * 1000}};
    return notation_read_quantity(text, units, sizeof units / sizeof units[0], milliseconds);
}

bool notation_read_size(const char *text, int64_t *bytes)
{
    static const struct unit units[] = {{"B", 1},
                                        {"KB", INT64_C(1) << 10},
                                        {"MB", INT64_C(1) << 20},
                                        {"GB", INT64_C(1) << 30},
                                        {"TB", INT64_C(1) << 40}};
    return notation_read_quantity(text, units, sizeof units / sizeof units[0], bytes);
}

static bool notation_read_integer(const char **text, int64_t *number)
{
    bool negative = **text == '-';
    if (negative)
        (*text)++;
    if (!notation_read_digits(text, number))
        return false;
    if (negative)
        *number = -*number;
    return true;
}

bool notation_read_range(const char *text, struct range *range)
{
    struct range result = {.minimum = INT64_MIN, .maximum = INT64_MAX};
    bool begins = strncmp(text, "..", 2) != 0;
    if (begins && !notation_read_integer(&text, &result.minimum))
        return false;
    if (begins && *text == '\0') {
        *range = (struct range){.minimum = result.minimum, .maximum = result.minimum};
        return true;
    }
    if (strncmp(text, "..", 2) != 0)
        return false;
    text += 2;
    bool ends = *text != '\0';
    if (!begins && !ends)
        return false;
    if (ends && (!notation_read_integer(&text, &result.maximum) || *text != '\0'))
        return false;
    if (result.minimum > result.maximum)
        return false;
    *range = result;
    return true;
}

bool range_contains(struct range range, int64_t number)
{
    return number >= range.minimum && number <= range.maximum;
}

bool notation_is_customer(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t length = strlen(text);
    return length > 0 && length <= CUSTOMER_LIMIT && !strchr("_.-", text[0]) &&
           strspn(text, letters) == length;
}
