#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/yaml_private.h"

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool is_all(const char *text, const char *characters)
{
    return *text != '\0' && text[strspn(text, characters)] == '\0';
}

/* [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ */
static bool is_integer(const char *text, int *base)
{
    *base = 10;
    if (strncmp(text, "0o", 2) == 0) {
        *base = 8;
        return is_all(text + 2, "01234567");
    }
    if (strncmp(text, "0x", 2) == 0) {
        *base = 16;
        return is_all(text + 2, "0123456789abcdefABCDEF");
    }
    return is_all(text + (*text == '-' || *text == '+'), "0123456789");
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_real(const char *text)
{
    static const char digits[] = "0123456789";
    text += *text == '-' || *text == '+';
    size_t whole = strspn(text, digits);
    text += whole;
    if (*text == '.') {
        size_t fraction = strspn(text + 1, digits);
        if (whole + fraction == 0)
            return false;
        text += 1 + fraction;
    } else if (whole == 0) {
        return false;
    }
    if (*text != 'e' && *text != 'E')
        return *text == '\0';
    text++;
    text += *text == '-' || *text == '+';
    return is_all(text, digits);
}

static bool is_not_finite(const char *text)
{
    static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const infinite[] = {".inf", ".Inf", ".INF", NULL};
    return is_one_of(text, nan) || is_one_of(text + (*text == '-' || *text == '+'), infinite);
}

static enum scalar_problem resolve_integer(const char *text, int base, struct value *value)
{
    value->kind = VALUE_INTEGER;
    errno = 0;
    value->as.integer = strtoll(base == 10 ? text : text + 2, NULL, base);
    return errno == 0 ? SCALAR_GOOD : SCALAR_TOO_BIG;
}

static enum scalar_problem resolve_real(const char *text, struct value *value)
{
    value->kind = VALUE_REAL;
    if (number_read_real(text, &value->as.real))
        return SCALAR_GOOD;
    value->as.real = 0;
    return SCALAR_TOO_BIG;
}

/* Leaves `value` as it is where the text is just a text. */
static enum scalar_problem resolve_plain(const char *text, struct value *value)
{
    static const char *const nothing[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const truths[] = {"true", "True", "TRUE", NULL};
    static const char *const untruths[] = {"false", "False", "FALSE", NULL};
    if (*text != '\0' && !strchr("~nNtTfF+-.0123456789", *text))
        return SCALAR_GOOD;
    int base;
    if (is_integer(text, &base))
        return resolve_integer(text, base, value);
    if (is_real(text))
        return resolve_real(text, value);
    if (is_not_finite(text))
        return SCALAR_NOT_FINITE;
    if (is_one_of(text, nothing)) {
        value->kind = VALUE_NULL;
    } else if (is_one_of(text, truths) || is_one_of(text, untruths)) {
        value->kind = VALUE_BOOLEAN;
        value->as.boolean = *text == 't' || *text == 'T';
    }
    return SCALAR_GOOD;
}

static enum scalar_problem resolve_tagged(const char *tag, const char *text, struct value *value)
{
    static const struct {
        const char *tag;
        enum value_kind kind;
    } core[] = {
        {YAML_NULL_TAG, VALUE_NULL},
        {YAML_BOOL_TAG, VALUE_BOOLEAN},
        {YAML_INT_TAG, VALUE_INTEGER},
        {YAML_FLOAT_TAG, VALUE_REAL},
    };
    for (size_t i = 0; i < sizeof core / sizeof core[0]; i++) {
        if (strcmp(tag, core[i].tag) != 0)
            continue;
        enum scalar_problem problem = resolve_plain(text, value);
        if (core[i].kind == VALUE_REAL && value->kind == VALUE_INTEGER)
            problem = resolve_real(text, value);
        return problem == SCALAR_GOOD && value->kind != core[i].kind ? SCALAR_UNFIT_TAG : problem;
    }
    return SCALAR_UNKNOWN_TAG;
}

enum scalar_problem yaml_resolve_scalar(struct arena *arena, const yaml_event_t *event,
                                        struct value *value)
{
    const char *text = (const char *)event->data.scalar.value;
    const char *tag = (const char *)event->data.scalar.tag;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool string_tag = tag && (strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0);
    enum scalar_problem problem = SCALAR_GOOD;
    char *copy = arena_copy_bytes(arena, text, event->data.scalar.length);
    *value = (struct value){.kind = VALUE_STRING, .quoted = !plain || string_tag};
    if (tag && !string_tag)
        problem = resolve_tagged(tag, text, value);
    else if (!value->quoted)
        problem = resolve_plain(text, value);
    if (value->kind == VALUE_STRING) {
        value->as.string.bytes = copy;
        value->as.string.length = event->data.scalar.length;
    } else {
        value->plain = copy;
    }
    return problem;
}
