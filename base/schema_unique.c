#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/schema_private.h"

static uint64_t mix(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

static uint64_t hash_bytes(const char *bytes, size_t length)
{
    uint64_t hash = length;
    for (size_t i = 0; i < length; i++)
        hash = mix(hash, (unsigned char)bytes[i]);
    return hash;
}

static uint64_t hash_real(double real)
{
    if (fabs(real) < 0x1p63 && (double)(int64_t)real == real)
        return mix(VALUE_INTEGER, (uint64_t)(int64_t)real); /* 1.0 equals 1 */
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return mix(VALUE_REAL, bits);
}

/* Equal values have equal hashes. */
static uint64_t hash_value(const struct value *value)
{
    uint64_t hash = value->kind;
    switch (value->kind) {
    case VALUE_NULL:
        break;
    case VALUE_BOOLEAN:
        return mix(hash, value->as.boolean);
    case VALUE_INTEGER:
        return mix(VALUE_INTEGER, (uint64_t)value->as.integer);
    case VALUE_REAL:
        return hash_real(value->as.real);
    case VALUE_STRING:
        return mix(hash, hash_bytes(value->as.string.bytes, value->as.string.length));
    case VALUE_ARRAY:
        for (size_t i = 0; i < value->as.array.count; i++)
            hash = mix(hash, hash_value(value->as.array.items[i]));
        break;
    case VALUE_OBJECT: /* a sum, for members are in no order */
        for (size_t i = 0; i < value->as.object.count; i++) {
            const struct value_member *member = &value->as.object.members[i];
            hash += mix(hash_bytes(member->key, strlen(member->key)), hash_value(member->value));
        }
        break;
    }
    return hash;
}

bool schema_find_duplicate(const struct value *array, size_t *first, size_t *second)
{
    size_t count = array->as.array.count;
    struct value **items = array->as.array.items;
    size_t size = 16; /* a power of two: slots of a table that is at most half full */
    while (size < 2 * count)
        size *= 2;
    size_t *slots =
        memory_allocate(size * sizeof *slots); /* number of the item plus one, 0: free */
    memset(slots, 0, size * sizeof *slots);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        size_t slot = (size_t)hash_value(items[i]) & (size - 1);
        while (slots[slot] != 0 && !value_equal(items[slots[slot] - 1], items[i]))
            slot = (slot + 1) & (size - 1);
        found = slots[slot] != 0;
        *first = found ? slots[slot] - 1 : 0;
        *second = i;
        slots[slot] = i + 1;
    }
    memory_release(slots);
    return found;
}
