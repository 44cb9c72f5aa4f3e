#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/schema_private.h"
#include "base/utf8.h"

#define TEXT_LIMIT ((size_t)60) /* bytes of a value that a message quotes */

const char *schema_value_text(struct arena *arena, const struct value *value)
{
    struct buffer text = {0};
    if (value->plain)
        buffer_append_string(&text, value->plain);
    else if (value->kind == VALUE_STRING && value->as.string.length > TEXT_LIMIT)
        buffer_format(&text, "\"%.*s…\"",
                      (int)utf8_cut(value->as.string.bytes, value->as.string.length, TEXT_LIMIT),
                      value->as.string.bytes);
    else if (value->kind == VALUE_STRING)
        buffer_format(&text, "\"%s\"", value->as.string.bytes);
    else
        json_write(&text, value, JSON_COMPACT);
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

const char *schema_type_names(struct arena *arena, unsigned types)
{
    static const struct {
        unsigned type;
        const char *name;
    } names[] = {{TYPE_STRING, "text"},
                 {TYPE_NUMBER, "a number"},
                 {TYPE_INTEGER, "a whole number"},
                 {TYPE_BOOLEAN, "true or false"},
                 {TYPE_ARRAY, "a list"},
                 {TYPE_OBJECT, "an object"},
                 {TYPE_NULL, "null"}};
    const char *phrases[sizeof names / sizeof names[0]];
    size_t count = 0;
    if (types & TYPE_NUMBER)
        types &= ~(unsigned)TYPE_INTEGER; /* included */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (types & names[i].type)
            phrases[count++] = names[i].name;
    return schema_join(arena, phrases, count, "or");
}

const char *schema_value_description(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        return value->plain && value->plain[0] != '\0' ? "this is null" : "there is nothing";
    case VALUE_BOOLEAN:
        return value->as.boolean ? "this is true" : "this is false";
    case VALUE_INTEGER:
    case VALUE_REAL:
        return "this is a number";
    case VALUE_STRING:
        return "this is text";
    case VALUE_ARRAY:
        return "this is a list";
    case VALUE_OBJECT:
        return "this is an object";
    }
    return "";
}

/* What YAML 1.1 and people take for true or false. */
static const char *boolean_meant(const char *text)
{
    static const char *const words[][2] = {{"no", "false"},    {"yes", "true"}, {"off", "false"},
                                           {"on", "true"},     {"n", "false"},  {"y", "true"},
                                           {"false", "false"}, {"true", "true"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i][0]);
        size_t same = 0;
        while (same < length && (text[same] | 0x20) == words[i][0][same])
            same++;
        if (same == length && text[length] == '\0')
            return words[i][1];
    }
    return NULL;
}

static bool looks_like_number(const char *text)
{
    return *text != '\0' && strspn(text, "+-.0123456789") == strlen(text) &&
           strpbrk(text, "0123456789");
}

static const char *text_correction(struct arena *arena, unsigned types, const struct value *value)
{
    const char *text = value->as.string.bytes;
    const char *meant = types & TYPE_BOOLEAN ? boolean_meant(text) : NULL;
    if (meant)
        return arena_format(arena, "write %s%s", meant, value->quoted ? ", without quotes" : "");
    if (types & (TYPE_NUMBER | TYPE_INTEGER) && value->quoted && looks_like_number(text))
        return arena_format(arena, "remove the quotes: %s", text);
    return NULL;
}

const char *schema_type_correction(struct arena *arena, unsigned types, const struct value *value)
{
    if (types & TYPE_STRING) {
        bool spelled = value->plain && value->plain[0] != '\0' && value->kind != VALUE_NULL;
        return spelled ? arena_format(arena, "put it in quotes: \"%s\"", value->plain) : NULL;
    }
    if (value->kind == VALUE_STRING) {
        const char *help = text_correction(arena, types, value);
        if (help)
            return help;
    }
    if (types == TYPE_ARRAY && value->kind != VALUE_OBJECT && value->kind != VALUE_NULL)
        return arena_format(arena, "put it in brackets: [%s]", schema_value_text(arena, value));
    return NULL;
}

/* Whether quotes alone would make the value what is asked for. */
static bool fits_in_quotes(const struct visit *visit)
{
    const char *plain = visit->value->plain;
    if (!plain)
        return true;
    const struct value text = {
        .kind = VALUE_STRING, .quoted = true, .as.string = {plain, strlen(plain)}};
    return schema_fits(visit->node, &text);
}

bool schema_report_type(const struct visit *visit, unsigned types)
{
    if (schema_is_muted(visit->check))
        return schema_report(visit, "wrong-type", NULL, "%s", "");
    struct arena *arena = visit->check->arena;
    const struct value *value = visit->value;
    bool fraction = value->kind == VALUE_REAL && types & TYPE_INTEGER;
    const char *found = fraction ? "this has a fraction" : schema_value_description(value);
    if (types == TYPE_OBJECT)
        return schema_report(visit, "wrong-type", "write `key: value` lines, indented below it",
                             "%s must be an object, %s", schema_value_name(visit), found);
    const char *correction = schema_type_correction(arena, types, value);
    if (types == TYPE_STRING && !fits_in_quotes(visit)) {
        const struct format *format = visit->node->string ? visit->node->string->format : NULL;
        return schema_report(visit, "wrong-type", format ? format->help : NULL, "%s must be %s, %s",
                             schema_value_name(visit), schema_type_names(arena, types), found);
    }
    return schema_report_correction(visit, "wrong-type", correction, "%s must be %s, %s",
                                    schema_value_name(visit), schema_type_names(arena, types),
                                    found);
}

/* The choice nearest in spelling to the text, NULL where none is near. */
static const char *nearest_choice(struct arena *arena, const struct value *const *choices,
                                  size_t count, const char *text)
{
    const char **names = arena_allocate(arena, (count + 1) * sizeof *names);
    size_t named = 0;
    for (size_t i = 0; i < count; i++)
        if (choices[i]->kind == VALUE_STRING)
            names[named++] = choices[i]->as.string.bytes;
    return diagnostic_nearest(text, names, named);
}

/* Whether the value is a choice but for the quotes that would make it text. */
static bool lacks_quotes(const struct value *const *choices, size_t count,
                         const struct value *value)
{
    for (size_t i = 0; value->plain && i < count; i++)
        if (choices[i]->kind == VALUE_STRING &&
            strcmp(choices[i]->as.string.bytes, value->plain) == 0)
            return true;
    return false;
}

bool schema_report_choice(const struct visit *visit, const struct value *const *choices,
                          size_t count)
{
    if (schema_is_muted(visit->check))
        return schema_report(visit, "not-allowed", NULL, "%s", "");
    struct arena *arena = visit->check->arena;
    const struct value *value = visit->value;
    const char **phrases = arena_allocate(arena, (count + 1) * sizeof *phrases);
    for (size_t i = 0; i < count; i++)
        phrases[i] = schema_value_text(arena, choices[i]);
    const char *nearest = value->kind == VALUE_STRING
                              ? nearest_choice(arena, choices, count, value->as.string.bytes)
                              : NULL;
    const char *correction = NULL;
    if (nearest)
        correction = arena_format(arena, "did you mean \"%s\"?", nearest);
    else if (lacks_quotes(choices, count, value))
        correction = arena_format(arena, "put it in quotes: \"%s\"", value->plain);
    return schema_report_correction(visit, "not-allowed", correction, "%s must be %s",
                                    schema_value_name(visit),
                                    schema_join(arena, phrases, count, "or"));
}
