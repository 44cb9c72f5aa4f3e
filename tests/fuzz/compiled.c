/* Any bytes as a compiled plan: refused with a message, or believed, and then its steps are in an
 * order in which each needs only earlier ones. Because no fuzzer finds digests, JSON is tried a
 * second time with digests that fit. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "compiler/compiled.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_step(const struct compiled_plan *plan, size_t index)
{
    const struct compiled_step *step = &plan->steps[index];
    if (!step->id || !step->kind || !step->title || !step->phase || !step->origin || !step->spec ||
        strlen(step->digest) != 64)
        abort();
    for (size_t i = 0; i < step->need_count; i++)
        if (step->needs[i] >= index)
            abort();
}

static void parse(struct text text)
{
    struct arena *arena = arena_create();
    struct compiled_plan *plan = NULL;
    const struct error *error = compiled_parse(arena, text, "compiled", &plan);
    if (error && (!error->message || error->outcome == OUTCOME_DONE))
        abort();
    for (size_t i = 0; !error && i < plan->step_count; i++)
        check_step(plan, i);
    arena_destroy(arena);
}

static const char *find_digest(const struct value *steps, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        const char *other = value_get_string(value_item(steps, i), "id");
        const char *digest = value_get_string(value_item(steps, i), "digest");
        if (other && digest && strcmp(other, id) == 0)
            return digest;
    }
    return "";
}

static void set_digest(struct arena *arena, struct value *object, const char *key,
                       struct digest digest)
{
    value_set(arena, object, key, value_string(arena, arena_copy(arena, digest.hex)));
}

static bool seal_step(struct arena *arena, const struct value *steps, size_t index)
{
    struct value *step = value_item(steps, index);
    const char *kind = value_get_string(step, "kind");
    const struct value *spec = value_get(step, "spec");
    const struct value *needs = value_get(step, "needs");
    if (!kind || !spec || !needs || needs->kind != VALUE_ARRAY)
        return false;
    const char **digests = arena_allocate(arena, (value_count(needs) + 1) * sizeof *digests);
    for (size_t i = 0; i < value_count(needs); i++) {
        const char *id = value_as_string(value_item(needs, i));
        if (!id)
            return false;
        digests[i] = find_digest(steps, index, id);
    }
    set_digest(arena, step, "digest",
               compiled_step_digest(kind, value_get_string(step, "only"), spec, digests,
                                    value_count(needs)));
    return true;
}

static bool seal(struct arena *arena, struct value *document)
{
    const struct value *steps = value_get(document, "steps");
    if (!steps || steps->kind != VALUE_ARRAY)
        return false;
    for (size_t i = 0; i < value_count(steps); i++)
        if (!seal_step(arena, steps, i))
            return false;
    set_digest(arena, document, "digest", compiled_plan_digest(document));
    set_digest(arena, document, "checksum", compiled_checksum(document));
    return true;
}

static void parse_sealed(struct text text)
{
    struct arena *arena = arena_create();
    struct value *document;
    struct buffer sealed = {0};
    if (!json_read(arena, text, "compiled", &document) && seal(arena, document)) {
        json_write(&sealed, document, JSON_INDENTED);
        parse((struct text){.bytes = sealed.bytes, .length = sealed.length});
    }
    buffer_release(&sealed);
    arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_create();
    struct text text = {.bytes = arena_copy_bytes(arena, (const char *)bytes, length),
                        .length = length};
    parse(text);
    parse_sealed(text);
    arena_destroy(arena);
    return 0;
}
