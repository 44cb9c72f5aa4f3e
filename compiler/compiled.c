/* Reading a compiled plan back, and believing nothing of it unchecked. */
#include "compiler/compiled.h"

#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/schema.h"
#include "schemas/embedded.h"

/* A compiled plan while it is verified. */
struct reading {
    struct arena *arena;
    const char *name; /* of the file, for messages */
    const struct value *document;
    struct compiled_plan *plan;
    struct compiled_step *steps;
    struct map *by_id; /* to struct compiled_step */
};

static const char compile_again[] = "compile the plan again, and rehearse what comes out";

static const struct error *refuse(const struct reading *reading, const char *what)
{
    return error_create(reading->arena, OUTCOME_REFUSED, compile_again, "%s: %s", reading->name,
                        what);
}

static const struct error *check_format(const struct reading *reading)
{
    const char *format = value_get_string(reading->document, "format");
    if (format && strcmp(format, COMPILED_FORMAT) == 0)
        return NULL;
    if (format && strncmp(format, "drehbuch/", 9) == 0)
        return error_create(reading->arena, OUTCOME_INVALID,
                            "use the version of drehbuch that compiled it, or compile it again",
                            "%s: the format is \"%s\", this program reads \"%s\"", reading->name,
                            format, COMPILED_FORMAT);
    return error_create(reading->arena, OUTCOME_INVALID, "make one with `drehbuch compile PLAN`",
                        "%s: this is not a compiled plan", reading->name);
}

static const struct error *check_schema(const struct reading *reading)
{
    struct schema *schema;
    const struct error *error = schema_read(reading->arena, schema_compiled, schema_compiled_end,
                                            "compiled.schema.json", &schema);
    if (error)
        return error;
    struct diagnostics diagnostics = diagnostics_create(reading->arena);
    if (schema_check(schema, reading->document, &diagnostics))
        return NULL;
    return error_create(reading->arena, OUTCOME_INVALID, compile_again, "%s: %s%s", reading->name,
                        diagnostics.items[0].message,
                        diagnostics.error_count > 1 ? " (and more)" : "");
}

/* The line of the first byte in which two texts differ. */
static size_t first_different_line(const struct text *text, const struct buffer *other)
{
    size_t line = 1;
    for (size_t i = 0; i < text->length && i < other->length && text->bytes[i] == other->bytes[i];
         i++)
        line += text->bytes[i] == '\n';
    return line;
}

/* Each value has one form, so that no byte can change without a change of a value. */
static const struct error *check_canonical(const struct reading *reading, const struct text *text)
{
    struct buffer canonical = {0};
    json_write(&canonical, reading->document, JSON_INDENTED);
    const struct error *error = NULL;
    if (canonical.length != text->length ||
        memcmp(buffer_string(&canonical), text->bytes, text->length) != 0)
        error = refuse(reading, arena_format(reading->arena,
                                             "line %zu is not written as the compiler writes it: "
                                             "the file was changed",
                                             first_different_line(text, &canonical)));
    buffer_release(&canonical);
    return error;
}

static const struct error *read_needs(const struct reading *reading, const struct value *needs,
                                      struct compiled_step *step)
{
    size_t count = value_count(needs);
    size_t *indices = arena_allocate(reading->arena, (count + 1) * sizeof *indices);
    for (size_t i = 0; i < count; i++) {
        const char *id = value_as_string(value_item(needs, i));
        const struct compiled_step *needed = map_get(reading->by_id, id);
        if (!needed)
            return refuse(reading, arena_format(reading->arena,
                                                "step \"%s\" needs \"%s\", which is not before it",
                                                step->id, id));
        indices[i] = (size_t)(needed - reading->steps);
        if (i > 0 && indices[i] <= indices[i - 1])
            return refuse(
                reading,
                arena_format(reading->arena, "step \"%s\": its needs are not in order", step->id));
    }
    step->needs = indices;
    step->need_count = count;
    return NULL;
}

static const struct error *check_step_digest(const struct reading *reading,
                                             const struct compiled_step *step)
{
    const char **digests = arena_allocate(reading->arena, (step->need_count + 1) * sizeof *digests);
    for (size_t i = 0; i < step->need_count; i++)
        digests[i] = reading->steps[step->needs[i]].digest;
    struct digest digest =
        compiled_step_digest(step->kind, step->only, step->spec, digests, step->need_count);
    if (strcmp(digest.hex, step->digest) == 0)
        return NULL;
    return refuse(reading,
                  arena_format(reading->arena,
                               "step \"%s\" does not fit its digest: one of them was changed",
                               step->id));
}

static const struct error *read_step(const struct reading *reading, const struct value *value,
                                     struct compiled_step *step)
{
    *step = (struct compiled_step){
        .id = value_get_string(value, "id"),
        .kind = value_get_string(value, "kind"),
        .title = value_get_string(value, "title"),
        .phase = value_get_string(value, "phase"),
        .only = value_get_string(value, "only"),
        .origin = value_get_string(value, "origin"),
        .digest = value_get_string(value, "digest"),
        .spec = value_get(value, "spec"),
        .timeout = value_get_integer(value, "timeout", 0),
    };
    const struct error *error = read_needs(reading, value_get(value, "needs"), step);
    if (!error)
        error = check_step_digest(reading, step);
    if (!error && !map_add(reading->by_id, step->id, step))
        error =
            refuse(reading, arena_format(reading->arena, "two steps are called \"%s\"", step->id));
    return error;
}

static const struct error *read_steps(struct reading *reading)
{
    const struct value *steps = value_get(reading->document, "steps");
    size_t count = value_count(steps);
    reading->by_id = map_create(reading->arena);
    reading->steps = arena_allocate(reading->arena, count * sizeof *reading->steps);
    reading->plan->steps = reading->steps;
    reading->plan->step_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct error *error = read_step(reading, value_item(steps, i), &reading->steps[i]);
        if (error)
            return error;
    }
    return NULL;
}

static const struct error *check_digests(const struct reading *reading)
{
    const struct compiled_plan *plan = reading->plan;
    struct digest digest = compiled_plan_digest(reading->document);
    if (strcmp(digest.hex, plan->digest) != 0)
        return refuse(reading, "the member \"digest\" does not fit the plan: it was changed, or "
                               "something beside what the steps do was");
    struct digest checksum = compiled_checksum(reading->document);
    if (strcmp(checksum.hex, plan->checksum) != 0)
        return refuse(reading, "the member \"checksum\" does not fit the file: it was changed, or "
                               "the origin of a step was");
    return NULL;
}

static void read_head(struct reading *reading)
{
    const struct value *document = reading->document;
    const struct value *upgrade = value_get(document, "upgrade");
    *reading->plan = (struct compiled_plan){
        .digest = value_get_string(document, "digest"),
        .checksum = value_get_string(document, "checksum"),
        .customer = value_get_string(document, "customer"),
        .title = value_get_string(document, "title"),
        .from = value_get_string(upgrade, "from"),
        .to = value_get_string(upgrade, "to"),
        .with = value_get_string(upgrade, "with"),
        .bindings = value_get(document, "bindings"),
        .modules = value_get(document, "modules"),
        .acceptance = value_get(document, "acceptance"),
    };
}

const struct error *compiled_parse(struct arena *arena, struct text text, const char *name,
                                   struct compiled_plan **plan)
{
    struct value *document;
    const struct error *error = json_read(arena, text, name, &document);
    if (error)
        return error;
    struct reading reading = {.arena = arena, .name = name, .document = document};
    error = check_format(&reading);
    if (!error)
        error = check_schema(&reading);
    if (!error)
        error = check_canonical(&reading, &text);
    if (error)
        return error;
    reading.plan = arena_allocate(arena, sizeof *reading.plan);
    read_head(&reading);
    error = read_steps(&reading);
    if (!error)
        error = check_digests(&reading);
    if (!error)
        *plan = reading.plan;
    return error;
}

const struct error *compiled_load(struct arena *arena, const char *path,
                                  struct compiled_plan **plan)
{
    struct text text;
    const struct error *error = file_read(arena, path, COMPILED_SIZE_LIMIT, &text);
    return error ? error : compiled_parse(arena, text, path, plan);
}
