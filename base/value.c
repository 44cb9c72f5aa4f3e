#include "base/value.h"

#include <string.h>

#define INDEX_THRESHOLD 16 /* members up to which a walk is as fast as a table */

/* Open addressing; a slot holds the member's number plus one, 0 where free. At most half full. */
struct value_index {
    size_t size; /* a power of two */
    uint32_t slots[];
};

static struct value *value_create(struct arena *arena, enum value_kind kind)
{
    struct value *value = arena_allocate(arena, sizeof *value);
    value->kind = kind;
    return value;
}

struct value *value_null(struct arena *arena)
{
    return value_create(arena, VALUE_NULL);
}

struct value *value_boolean(struct arena *arena, bool boolean)
{
    struct value *value = value_create(arena, VALUE_BOOLEAN);
    value->as.boolean = boolean;
    return value;
}

struct value *value_integer(struct arena *arena, int64_t integer)
{
    struct value *value = value_create(arena, VALUE_INTEGER);
    value->as.integer = integer;
    return value;
}

struct value *value_real(struct arena *arena, double real)
{
    struct value *value = value_create(arena, VALUE_REAL);
    value->as.real = real;
    return value;
}

struct value *value_string(struct arena *arena, const char *string)
{
    struct value *value = value_create(arena, VALUE_STRING);
    value->as.string.bytes = string;
    value->as.string.length = strlen(string);
    return value;
}

struct value *value_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *string = arena_format_arguments(arena, format, arguments);
    va_end(arguments);
    return value_string(arena, string);
}

struct value *value_array(struct arena *arena)
{
    return value_create(arena, VALUE_ARRAY);
}

struct value *value_object(struct arena *arena)
{
    return value_create(arena, VALUE_OBJECT);
}

void value_append(struct arena *arena, struct value *array, struct value *item)
{
    array->as.array.items =
        arena_extend(arena, array->as.array.items, array->as.array.count, sizeof item);
    array->as.array.items[array->as.array.count++] = item;
}

/* FNV-1a. */
static size_t value_hash(const char *key)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001B3);
    return (size_t)(hash ^ hash >> 32);
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t *value_index_slot(const struct value *object, struct value_index *index,
                                  const char *key)
{
    size_t mask = index->size - 1;
    for (size_t i = value_hash(key) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &index->slots[i];
        if (*slot == 0 || strcmp(object->as.object.members[*slot - 1].key, key) == 0)
            return slot;
    }
}

static void value_index_build(struct arena *arena, struct value *object, size_t size)
{
    struct value_index *index =
        arena_allocate(arena, sizeof *index + size * sizeof index->slots[0]);
    index->size = size;
    for (size_t i = 0; i < object->as.object.count; i++)
        *value_index_slot(object, index, object->as.object.members[i].key) = (uint32_t)i + 1;
    object->as.object.index = index;
}

static struct value_member *value_find(const struct value *object, const char *key)
{
    struct value_member *members = object->as.object.members;
    if (object->as.object.index) {
        uint32_t slot = *value_index_slot(object, object->as.object.index, key);
        return slot ? &members[slot - 1] : NULL;
    }
    for (size_t i = 0; i < object->as.object.count; i++)
        if (members[i].key[0] == key[0] && strcmp(members[i].key, key) == 0)
            return &members[i];
    return NULL;
}

/* Finds the member with that key, or appends it: NULL then. */
static struct value_member *value_find_or_append(struct arena *arena, struct value *object,
                                                 struct value_member member)
{
    size_t count = object->as.object.count;
    struct value_index *index = object->as.object.index;
    uint32_t *slot = index ? value_index_slot(object, index, member.key) : NULL;
    struct value_member *present = !slot   ? value_find(object, member.key)
                                   : *slot ? &object->as.object.members[*slot - 1]
                                           : NULL;
    if (present)
        return present;
    object->as.object.members =
        arena_extend(arena, object->as.object.members, count, sizeof member);
    object->as.object.members[count] = member;
    object->as.object.count = count + 1;
    if (slot)
        *slot = (uint32_t)count + 1;
    if (!index ? count + 1 > INDEX_THRESHOLD : count + 1 > index->size / 2)
        value_index_build(arena, object, index ? 2 * index->size : (size_t)4 * INDEX_THRESHOLD);
    return NULL;
}

const struct value_member *value_add(struct arena *arena, struct value *object, const char *key,
                                     struct position key_position, struct value *item)
{
    return value_find_or_append(
        arena, object,
        (struct value_member){.key = key, .key_position = key_position, .value = item});
}

void value_set(struct arena *arena, struct value *object, const char *key, struct value *item)
{
    struct value_member *member =
        value_find_or_append(arena, object, (struct value_member){.key = key, .value = item});
    if (member)
        member->value = item;
}

const struct value_member *value_member(const struct value *object, const char *key)
{
    return object && object->kind == VALUE_OBJECT ? value_find(object, key) : NULL;
}

struct value *value_get(const struct value *object, const char *key)
{
    const struct value_member *member = value_member(object, key);
    return member ? member->value : NULL;
}

const char *value_get_string(const struct value *object, const char *key)
{
    return value_as_string(value_get(object, key));
}

int64_t value_get_integer(const struct value *object, const char *key, int64_t fallback)
{
    const struct value *value = value_get(object, key);
    return value && value->kind == VALUE_INTEGER ? value->as.integer : fallback;
}

bool value_get_boolean(const struct value *object, const char *key, bool fallback)
{
    const struct value *value = value_get(object, key);
    return value && value->kind == VALUE_BOOLEAN ? value->as.boolean : fallback;
}

const char *value_as_string(const struct value *value)
{
    return value && value->kind == VALUE_STRING ? value->as.string.bytes : NULL;
}

size_t value_count(const struct value *value)
{
    if (value && value->kind == VALUE_ARRAY)
        return value->as.array.count;
    return value && value->kind == VALUE_OBJECT ? value->as.object.count : 0;
}

struct value *value_item(const struct value *array, size_t index)
{
    bool present = array && array->kind == VALUE_ARRAY && index < array->as.array.count;
    return present ? array->as.array.items[index] : NULL;
}

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = {
        [VALUE_NULL] = "nothing",         [VALUE_BOOLEAN] = "true or false",
        [VALUE_INTEGER] = "whole number", [VALUE_REAL] = "number",
        [VALUE_STRING] = "text",          [VALUE_ARRAY] = "list",
        [VALUE_OBJECT] = "object",
    };
    return names[kind];
}

/* Exact: a 64-bit integer may have no double of its own, so the double is turned into an integer.
 */
static bool value_number_equal(const struct value *integer, const struct value *real)
{
    double number = real->as.real;
    if (number < -0x1p63 || number >= 0x1p63)
        return false;
    int64_t whole = (int64_t)number;
    return (double)whole == number && whole == integer->as.integer;
}

static bool value_array_equal(const struct value *left, const struct value *right)
{
    if (left->as.array.count != right->as.array.count)
        return false;
    for (size_t i = 0; i < left->as.array.count; i++)
        if (!value_equal(left->as.array.items[i], right->as.array.items[i]))
            return false;
    return true;
}

static bool value_object_equal(const struct value *left, const struct value *right)
{
    if (left->as.object.count != right->as.object.count)
        return false;
    for (size_t i = 0; i < left->as.object.count; i++) {
        const struct value_member *member = &left->as.object.members[i];
        const struct value_member *other = value_find(right, member->key);
        if (!other || !value_equal(member->value, other->value))
            return false;
    }
    return true;
}

bool value_equal(const struct value *left, const struct value *right)
{
    if (left == right)
        return true;
    if (!left || !right)
        return false;
    if (left->kind == VALUE_INTEGER && right->kind == VALUE_REAL)
        return value_number_equal(left, right);
    if (left->kind == VALUE_REAL && right->kind == VALUE_INTEGER)
        return value_number_equal(right, left);
    if (left->kind != right->kind)
        return false;
    switch (left->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOLEAN:
        return left->as.boolean == right->as.boolean;
    case VALUE_INTEGER:
        return left->as.integer == right->as.integer;
    case VALUE_REAL:
        return left->as.real == right->as.real;
    case VALUE_STRING:
        return left->as.string.length == right->as.string.length &&
               memcmp(left->as.string.bytes, right->as.string.bytes, left->as.string.length) == 0;
    case VALUE_ARRAY:
        return value_array_equal(left, right);
    case VALUE_OBJECT:
        return value_object_equal(left, right);
    }
    return false;
}

struct value *value_copy(struct arena *arena, const struct value *value)
{
    struct value *copy = arena_allocate(arena, sizeof *copy);
    *copy = (struct value){.kind = value->kind, .as = value->as};
    if (value->kind == VALUE_STRING) {
        copy->as.string.bytes =
            arena_copy_bytes(arena, value->as.string.bytes, value->as.string.length);
    } else if (value->kind == VALUE_ARRAY) {
        copy = value_array(arena);
        for (size_t i = 0; i < value_count(value); i++)
            value_append(arena, copy, value_copy(arena, value_item(value, i)));
    } else if (value->kind == VALUE_OBJECT) {
        copy = value_object(arena);
        for (size_t i = 0; i < value_count(value); i++) {
            const struct value_member *member = &value->as.object.members[i];
            value_set(arena, copy, arena_copy(arena, member->key),
                      value_copy(arena, member->value));
        }
    }
    return copy;
}
