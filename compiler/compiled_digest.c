/* The digests of a compiled plan, for those who write it and those who believe it. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "compiler/compiled.h"

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The array holds what it is given: no string is copied. */
static struct value *sorted_array(struct arena *arena, const char *const *texts, size_t count)
{
    struct value *array = value_array(arena);
    const char **sorted = arena_allocate(arena, (count + 1) * sizeof *sorted);
    if (count > 0)
        memcpy(sorted, texts, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_texts);
    for (size_t i = 0; i < count; i++)
        value_append(arena, array, value_string(arena, sorted[i]));
    return array;
}

struct digest compiled_step_digest(const char *kind, const char *only, const struct value *spec,
                                   const char *const *need_digests, size_t need_count)
{
    struct arena *arena = arena_create();
    struct buffer text = {0};
    /* Members in the order of canonical JSON. */
    buffer_append_string(&text, "{\"kind\":");
    json_write_string(&text, kind);
    buffer_append_string(&text, ",\"needs\":");
    json_write(&text, sorted_array(arena, need_digests, need_count), JSON_COMPACT);
    if (only) {
        buffer_append_string(&text, ",\"only\":");
        json_write_string(&text, only);
    }
    buffer_append_string(&text, ",\"spec\":");
    json_write(&text, spec, JSON_COMPACT);
    buffer_append_string(&text, "}");
    struct digest digest = digest_bytes(buffer_string(&text), text.length);
    buffer_release(&text);
    arena_destroy(arena);
    return digest;
}

/* A copy of the object, one level deep, without two of its members. */
static struct value *copy_without(struct arena *arena, const struct value *object,
                                  const char *first, const char *second)
{
    struct value *copy = value_object(arena);
    for (size_t i = 0; i < value_count(object); i++) {
        const struct value_member *member = &object->as.object.members[i];
        if (strcmp(member->key, first) != 0 && strcmp(member->key, second) != 0)
            value_set(arena, copy, member->key, member->value);
    }
    return copy;
}

struct digest compiled_plan_digest(const struct value *plan)
{
    struct arena *arena = arena_create();
    struct value *copy = copy_without(arena, plan, "digest", "checksum");
    const struct value *steps = value_get(plan, "steps");
    struct value *placeless = value_array(arena);
    for (size_t i = 0; i < value_count(steps); i++)
        value_append(arena, placeless,
                     copy_without(arena, value_item(steps, i), "origin", "origin"));
    value_set(arena, copy, "steps", placeless);
    struct digest digest = json_digest(copy);
    arena_destroy(arena);
    return digest;
}

struct digest compiled_checksum(const struct value *plan)
{
    struct arena *arena = arena_create();
    struct digest digest = json_digest(copy_without(arena, plan, "checksum", "checksum"));
    arena_destroy(arena);
    return digest;
}
