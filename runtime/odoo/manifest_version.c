/* Which versions Odoo takes, and what it makes of them. Three rules in turn:
 *
 * up to 16.0  what does not begin with the series gets it in front, whatever it is;
 * 17.0, 18.0  the same, and what is behind the series has two or three numbers;
 * 19.0        two to five numbers; up to three get the series in front, longer ones must begin with
 *             it. */
#include <string.h>

#include "base/notation.h"
#include "base/number.h"
#include "runtime/odoo/manifest_private.h"

static const char *version_text(struct arena *arena, const struct value *version)
{
    char real[NUMBER_TEXT_SIZE];
    switch (version->kind) {
    case VALUE_STRING:
        return version->as.string.bytes;
    case VALUE_INTEGER:
        return arena_format(arena, "%lld", (long long)version->as.integer);
    case VALUE_REAL:
        number_write_real(real, version->as.real);
        return arena_copy(arena, real);
    default:
        return "";
    }
}

/* How many numbers with points between `version` is, 0 where it is something else. */
static size_t count_numbers(const char *version)
{
    static const char digits[] = "0123456789";
    size_t count = 0;
    for (;;) {
        size_t length = strspn(version, digits);
        if (length == 0)
            return 0;
        count++;
        version += length;
        if (*version == '\0')
            return count;
        if (*version++ != '.')
            return 0;
    }
}

static bool begins_with_series(const char *version, const char *series)
{
    size_t length = strlen(series);
    return strncmp(version, series, length) == 0 && version[length] == '.';
}

static const char *prefix_series(struct arena *arena, const char *version, const char *series)
{
    return begins_with_series(version, series) ? version
                                               : arena_format(arena, "%s.%s", series, version);
}

/* "18.0.1.2.0": Odoo up to 16.0 would take it for any series; its author did not mean that. */
static bool is_of_other_series(const char *version, const char *series)
{
    return count_numbers(version) == 5 && !begins_with_series(version, series) &&
           strncmp(version + strspn(version, "0123456789"), ".0.", 3) == 0;
}

static bool is_taken_by_17(const char *version, const char *series)
{
    size_t count =
        count_numbers(begins_with_series(version, series) ? version + strlen(series) + 1 : version);
    return count == 2 || count == 3;
}

/* Odoo 19.0 compares the beginning without the point behind it: 19.01 gets no series in front, and
 * is then of none. */
static const char *adapt_for_19(struct arena *arena, const char *version, const char *series)
{
    bool begins = strncmp(version, series, strlen(series)) == 0;
    size_t count = count_numbers(version);
    return (count == 2 || count == 3) && !begins ? prefix_series(arena, version, series) : version;
}

static bool is_taken_by_19(const char *version, const char *adapted, const char *series)
{
    size_t count = count_numbers(version);
    return count >= 2 && count <= 5 && begins_with_series(adapted, series);
}

void manifest_set_version(struct arena *arena, const struct value *literal, const char *series,
                          struct manifest *manifest)
{
    int number = 0;
    const struct value *given = value_get(literal, "version");
    const char *version = given ? version_text(arena, given) : "1.0";
    bool good = notation_read_version(series, &number);
    if (number >= 190) {
        manifest->version = adapt_for_19(arena, version, series);
        good = good && is_taken_by_19(version, manifest->version, series);
    } else {
        manifest->version = prefix_series(arena, version, series);
        good = good && (!given || given->kind == VALUE_STRING) &&
               (number >= 170 ? is_taken_by_17(version, series)
                              : !is_of_other_series(version, series));
    }
    if (good || manifest->obstacle)
        return;
    manifest->obstacle =
        is_of_other_series(version, series)
            ? arena_format(arena, "its version %s is not of series %s", version, series)
            : arena_format(arena, "Odoo %s does not take its version %s%s", series,
                           given && given->kind != VALUE_STRING ? "without quotes: " : "", version);
}
