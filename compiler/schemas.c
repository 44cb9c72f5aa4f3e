#include "compiler/schemas.h"

#include "base/json.h"
#include "schemas/embedded.h"

/* A schema once it is prepared. */
struct builtin {
    struct arena *arena;
    struct schema *schema;
};

static const struct error *builtin_prepare(struct builtin *builtin, const char *start,
                                           const char *end, const char *name)
{
    if (builtin->schema)
        return NULL;
    if (!builtin->arena)
        builtin->arena = arena_create();
    struct text text = {.bytes = start, .length = (size_t)(end - start)};
    struct value *document;
    const struct error *error = json_read(builtin->arena, text, name, &document);
    return error ? error : schema_create(builtin->arena, document, &builtin->schema);
}

const struct error *schemas_plan(const struct schema **schema)
{
    static struct builtin builtin;
    const struct error *error =
        builtin_prepare(&builtin, schema_plan, schema_plan_end, "plan.schema.json");
    *schema = builtin.schema;
    return error;
}

const struct error *schemas_compiled(const struct schema **schema)
{
    static struct builtin builtin;
    const struct error *error =
        builtin_prepare(&builtin, schema_compiled, schema_compiled_end, "compiled.schema.json");
    *schema = builtin.schema;
    return error;
}
