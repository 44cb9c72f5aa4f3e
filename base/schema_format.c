#include <string.h>

#include "base/notation.h"
#include "base/schema_private.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* Whether `text` begins with the form, in which 0 stands for a digit and all else for itself. */
static bool has_form(const char *text, const char *form)
{
    for (; *form; text++, form++)
        if (*form == '0' ? !is_digit(*text) : *text != *form)
            return false;
    return true;
}

static int number_at(const char *digits)
{
    return 10 * (digits[0] - '0') + (digits[1] - '0');
}

/* RFC 3339's full-date, and nothing behind its ten characters is looked at. */
static bool begins_with_date(const char *text)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!has_form(text, "0000-00-00"))
        return false;
    int year = 100 * number_at(text) + number_at(text + 2);
    int month = number_at(text + 5);
    int day = number_at(text + 8);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1])
        return false;
    return month != 2 || day != 29 || leap;
}

static bool is_date(const char *text)
{
    return begins_with_date(text) && text[10] == '\0';
}

/* RFC 3339's time-offset, as minutes east of UTC. */
static bool read_offset(const char *text, int *minutes)
{
    *minutes = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    bool east = text[0] == '+';
    if ((!east && text[0] != '-') || !has_form(text + 1, "00:00") || text[6] != '\0')
        return false;
    *minutes = (60 * number_at(text + 1) + number_at(text + 4)) * (east ? 1 : -1);
    return number_at(text + 1) < 24 && number_at(text + 4) < 60;
}

/* RFC 3339's full-time; a leap second is one only at the end of a day in UTC. */
static bool is_time(const char *text)
{
    if (!has_form(text, "00:00:00"))
        return false;
    int hour = number_at(text);
    int minute = number_at(text + 3);
    int second = number_at(text + 6);
    text += 8;
    if (*text == '.') {
        size_t digits = strspn(text + 1, DIGITS);
        if (digits == 0)
            return false;
        text += 1 + digits;
    }
    int offset;
    if (hour > 23 || minute > 59 || second > 60 || !read_offset(text, &offset))
        return false;
    int day = 24 * 60;
    return second < 60 || (60 * hour + minute - offset + day) % day == day - 1;
}

static bool is_date_time(const char *text)
{
    return begins_with_date(text) && (text[10] == 'T' || text[10] == 't') && is_time(text + 11);
}

/* RFC 3986: a scheme, then only characters that a URI may have, with whole percent escapes. */
static bool is_uri(const char *text)
{
    static const char scheme[] = LETTERS DIGITS "+-.";
    static const char rest[] = LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=";
    if (strspn(text, LETTERS) == 0)
        return false;
    text += strspn(text, scheme);
    if (*text != ':')
        return false;
    for (text++; *text; text++) {
        if (*text == '%' && strspn(text + 1, DIGITS "abcdefABCDEF") < 2)
            return false;
        if (*text != '%' && !strchr(rest, *text))
            return false;
    }
    return true;
}

static bool is_regex(const char *text)
{
    struct arena *arena = arena_create();
    const char *reason;
    bool good = schema_pattern_create(arena, text, &reason) != NULL;
    arena_destroy(arena);
    return good;
}

static bool is_version(const char *text)
{
    int series;
    return notation_read_version(text, &series);
}

static bool is_time_span(const char *text)
{
    int64_t milliseconds;
    return notation_read_duration(text, &milliseconds);
}

static bool is_byte_size(const char *text)
{
    int64_t bytes;
    return notation_read_size(text, &bytes);
}

static bool is_range(const char *text)
{
    struct range range;
    return notation_read_range(text, &range);
}

static const struct format formats[] = {
    {"date", is_date, "is not a date", "write it like 2026-11-23"},
    {"date-time", is_date_time, "is not a point in time", "write it like 2026-11-23T08:15:00Z"},
    {"time", is_time, "is not a time of day", "write it like 08:15:00Z"},
    {"uri", is_uri, "is not a URL", "write it like https://www.example.com/path"},
    {"regex", is_regex, "is not a regular expression", "see pcre2pattern(3) for what is possible"},
    {"odoo-version", is_version, "is not a version of Odoo that is known here",
     "write \"14.0\", \"15.0\", \"16.0\", \"17.0\", \"18.0\" or \"19.0\""},
    {"time-span", is_time_span, "is not a duration", "write it like 90s, 15m or 6h"},
    {"byte-size", is_byte_size, "is not a size", "write it like 512MB or 20GB"},
    {"range", is_range, "is not a range", "write it like 0..500, 1.. or 7"},
};

const struct format *schema_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(name, formats[i].name) == 0)
            return &formats[i];
    return NULL;
}
