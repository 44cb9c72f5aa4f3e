/* Any bytes as a module's manifest: read without a fault, as Odoo of two series does. What was read
 * must read the same from the JSON it is written as. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "runtime/odoo/manifest.h"
#include "runtime/odoo/python_literal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void read_again(struct arena *arena, const struct value *value)
{
    struct buffer buffer = {0};
    json_write(&buffer, value, JSON_COMPACT);
    struct text text = {.bytes = buffer.bytes, .length = buffer.length};
    struct value *again;
    if (json_read(arena, text, "written", &again) || !value_equal(value, again))
        abort();
    buffer_release(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const series[] = {"16.0", "18.0", "19.0"};
    struct arena *arena = arena_create();
    const char *copy = arena_copy_bytes(arena, (const char *)bytes, length);
    struct text text = {.bytes = copy, .length = length};
    struct value *value = NULL;
    const struct error *error = python_literal_read(arena, text, "manifest", &value);
    if (!error && !value)
        abort();
    if (!error)
        read_again(arena, value);
    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++) {
        const struct manifest *manifest = NULL;
        const struct error *failed =
            manifest_read(arena, text, "manifest", "acme", series[i], &manifest);
        if ((error && !failed) || (!failed && !manifest->version))
            abort();
    }
    arena_destroy(arena);
    return 0;
}
