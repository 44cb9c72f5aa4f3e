#include "base/json.h"

#include <jansson.h>
#include <locale.h>
#include <string.h>

#include "base/memory.h"

static struct value *json_convert(struct arena *arena, json_t *json, int depth);

static struct value *json_convert_array(struct arena *arena, json_t *json, int depth)
{
    struct value *array = value_array(arena);
    size_t index;
    json_t *item;
    json_array_foreach(json, index, item)
    {
        struct value *value = json_convert(arena, item, depth + 1);
        if (!value)
            return NULL;
        value_append(arena, array, value);
    }
    return array;
}

static struct value *json_convert_object(struct arena *arena, json_t *json, int depth)
{
    struct value *object = value_object(arena);
    const char *key;
    json_t *item;
    json_object_foreach(json, key, item)
    {
        struct value *value = json_convert(arena, item, depth + 1);
        if (!value)
            return NULL;
        value_set(arena, object, arena_copy(arena, key), value);
    }
    return object;
}

/* NULL where it is nested too deeply. */
static struct value *json_convert(struct arena *arena, json_t *json, int depth)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return depth < JSON_DEPTH_LIMIT ? json_convert_object(arena, json, depth) : NULL;
    case JSON_ARRAY:
        return depth < JSON_DEPTH_LIMIT ? json_convert_array(arena, json, depth) : NULL;
    case JSON_STRING:
        return value_string(
            arena, arena_copy_bytes(arena, json_string_value(json), json_string_length(json)));
    case JSON_INTEGER:
        return value_integer(arena, json_integer_value(json));
    case JSON_REAL:
        return value_real(arena, json_real_value(json));
    case JSON_TRUE:
        return value_boolean(arena, true);
    case JSON_FALSE:
        return value_boolean(arena, false);
    case JSON_NULL:
        return value_null(arena);
    }
    return NULL;
}

static const struct error *json_too_deep(struct arena *arena, const char *name)
{
    return error_create(arena, OUTCOME_INVALID, "nest less deeply",
                        "%s: lists and objects are nested more than %d levels deep", name,
                        JSON_DEPTH_LIMIT);
}

/* jansson reads numbers by the locale, and fails an assertion where its decimal point has several
 * bytes. */
static json_t *json_load(struct text text, json_error_t *problem)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain)
        memory_allocate(SIZE_MAX); /* ends the program with its message */
    locale_t before = uselocale(plain);
    json_t *json =
        json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, problem);
    uselocale(before);
    freelocale(plain);
    return json;
}

const struct error *json_read(struct arena *arena, struct text text, const char *name,
                              struct value **value)
{
    json_error_t problem;
    json_t *json = json_load(text, &problem);
    if (!json && json_error_code(&problem) == json_error_stack_overflow)
        return json_too_deep(arena, name);
    if (!json)
        return error_create(arena, OUTCOME_INVALID, "give one JSON text as RFC 8259 defines it",
                            "%s:%d:%d: this is not JSON that can be used: %s", name, problem.line,
                            problem.column, problem.text);
    *value = json_convert(arena, json, 0);
    json_decref(json);
    return *value ? NULL : json_too_deep(arena, name);
}
