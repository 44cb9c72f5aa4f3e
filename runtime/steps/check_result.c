#include "runtime/steps/check_result.h"

#include <errno.h>
#include <stdlib.h>

#include "base/notation.h"

struct value *check_describe(struct step_run *step, const char *actual, const char *expected,
                             bool passed)
{
    struct arena *arena = step->arena;
    struct value *check = value_object(arena), *effects = value_object(arena);
    value_set(arena, check, "actual", value_string(arena, actual));
    value_set(arena, check, "expected", value_string(arena, expected));
    value_set(arena, check, "passed", value_boolean(arena, passed));
    value_set(arena, effects, "check", check);
    return effects;
}

const struct error *check_judge(struct step_run *step, const char *actual, const char *expected,
                                bool passed)
{
    return passed
               ? NULL
               : error_create(step->arena, OUTCOME_FAILED,
                              "find out why it differs; change the plan, or what the check expects",
                              "the check failed: found %s, expected %s", actual, expected);
}

bool check_is_in_range(const char *actual, const char *range)
{
    char *end = NULL;
    struct range bounds;
    if (actual[0] == '\0' || !notation_read_range(range, &bounds))
        return false;
    errno = 0;
    long long whole = strtoll(actual, &end, 10);
    if (*end == '\0' && errno == 0)
        return range_contains(bounds, whole);
    double number = strtod(actual, &end); /* with decimals, or beyond 64 bits */
    return *end == '\0' && number >= (double)bounds.minimum && number <= (double)bounds.maximum;
}
