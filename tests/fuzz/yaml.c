/* Any bytes as a plan: read, checked against the plan's schema, reported and written, without a
 * fault. What was read without a diagnostic must read the same from the JSON it is written as. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "schemas/embedded.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The plan's schema, made once. */
static const struct schema *plan_schema(void)
{
    static struct schema *schema;
    if (schema)
        return schema;
    struct arena *arena = arena_create();
    if (schema_read(arena, schema_plan, schema_plan_end, "plan.schema.json", &schema))
        abort();
    return schema;
}

static void write_all(struct diagnostics *diagnostics)
{
    struct buffer buffer = {0};
    diagnostics_sort(diagnostics);
    diagnostics_write_text(diagnostics, &buffer, true);
    diagnostics_write_json(diagnostics, &buffer);
    diagnostics_write_sarif(diagnostics, &buffer);
    buffer_release(&buffer);
}

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
    struct arena *arena = arena_create();
    const char *copy = arena_copy_bytes(arena, (const char *)bytes, length);
    struct text text = {.bytes = copy, .length = length};
    const struct source *source = source_create(arena, "plan.yaml", text);
    struct diagnostics diagnostics = diagnostics_create(arena);
    const struct value *value = yaml_read(arena, source, &diagnostics);
    if (!value && diagnostics.error_count == 0)
        abort();
    if (value && diagnostics.error_count == 0)
        read_again(arena, value);
    if (value) {
        size_t before = diagnostics.error_count;
        bool valid = schema_check(plan_schema(), value, &diagnostics);
        if (valid != (diagnostics.error_count == before) ||
            valid != schema_accepts(plan_schema(), value))
            abort();
    }
    write_all(&diagnostics);
    arena_destroy(arena);
    return 0;
}
