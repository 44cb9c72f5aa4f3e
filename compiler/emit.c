/* The compiled plan, written down. */
#include "compiler/compilation.h"
#include "compiler/compile.h"
#include "compiler/compiled.h"

static struct value *emit_origin(const struct compilation *compilation, const struct step *step)
{
    const struct document *document = plan_find_document(compilation->plan, step->origin);
    if (!document)
        return value_string(compilation->arena, "drehbuch");
    return value_format(compilation->arena, "%s:%u:%u", document->file->origin, step->origin.line,
                        step->origin.column);
}

static struct value *emit_needs(const struct compilation *compilation, const struct step *step)
{
    struct value *needs = value_array(compilation->arena);
    for (size_t i = 0; i < step->need_count; i++)
        value_append(
            compilation->arena, needs,
            value_string(compilation->arena, compilation->graph->order.items[step->needs[i]]->id));
    return needs;
}

/* `digests`: of all steps before it, where its own is added. */
static struct value *emit_step(const struct compilation *compilation, const struct step *step,
                               struct digest *digests)
{
    struct arena *arena = compilation->arena;
    const char **need_digests = arena_allocate(arena, (step->need_count + 1) * sizeof(char *));
    for (size_t i = 0; i < step->need_count; i++)
        need_digests[i] = digests[step->needs[i]].hex;
    digests[step->index] =
        compiled_step_digest(step->kind, step->only, step->spec, need_digests, step->need_count);
    struct value *value = value_object(arena);
    value_set(arena, value, "id", value_string(arena, step->id));
    value_set(arena, value, "kind", value_string(arena, step->kind));
    value_set(arena, value, "title", value_string(arena, step->title));
    value_set(arena, value, "phase",
              value_string(arena, compilation->graph->sections[step->section].phase));
    if (step->only)
        value_set(arena, value, "only", value_string(arena, step->only));
    value_set(arena, value, "needs", emit_needs(compilation, step));
    value_set(arena, value, "spec", step->spec);
    if (step->timeout > 0)
        value_set(arena, value, "timeout", value_integer(arena, step->timeout));
    value_set(arena, value, "origin", emit_origin(compilation, step));
    value_set(arena, value, "digest", value_string(arena, digests[step->index].hex));
    return value;
}

static struct value *emit_steps(const struct compilation *compilation)
{
    const struct step_list *order = &compilation->graph->order;
    struct value *steps = value_array(compilation->arena);
    struct digest *digests =
        arena_allocate(compilation->arena, (order->count + 1) * sizeof *digests);
    for (size_t i = 0; i < order->count; i++)
        value_append(compilation->arena, steps, emit_step(compilation, order->items[i], digests));
    return steps;
}

static struct value *emit_upgrade(const struct compilation *compilation)
{
    const struct route *route = &compilation->route;
    struct value *upgrade = value_object(compilation->arena);
    value_set(compilation->arena, upgrade, "from",
              value_string(compilation->arena, route->versions[0]));
    value_set(compilation->arena, upgrade, "to",
              value_string(compilation->arena, route->versions[route->count - 1]));
    value_set(compilation->arena, upgrade, "with", value_string(compilation->arena, route->with));
    return upgrade;
}

static struct value *emit_bindings(const struct compilation *compilation)
{
    static const char *const keys[] = {"type", "description"};
    const struct value *declared = compilation->plan->bindings;
    struct value *bindings = value_object(compilation->arena);
    for (size_t i = 0; i < value_count(declared); i++) {
        const struct value_member *member = &declared->as.object.members[i];
        struct value *binding = value_object(compilation->arena);
        for (size_t j = 0; j < sizeof keys / sizeof keys[0]; j++) {
            struct value *value = value_get(member->value, keys[j]);
            if (value)
                value_set(compilation->arena, binding, keys[j], value);
        }
        value_set(compilation->arena, bindings, member->key, binding);
    }
    return bindings;
}

static struct value *emit_acceptance(const struct compilation *compilation)
{
    const struct value *cases = compilation->plan->acceptance;
    struct value *acceptance = value_array(compilation->arena);
    for (size_t i = 0; i < value_count(cases); i++)
        value_append(compilation->arena, acceptance, value_item(cases, i));
    return acceptance;
}

struct value *compile_document(struct compilation *compilation)
{
    struct arena *arena = compilation->arena;
    const struct value *head = compilation->plan->head;
    struct value *document = value_object(arena);
    value_set(arena, document, "format", value_string(arena, COMPILED_FORMAT));
    value_set(arena, document, "customer", value_get(head, "customer"));
    value_set(arena, document, "title", value_get(head, "title"));
    value_set(arena, document, "upgrade", emit_upgrade(compilation));
    value_set(arena, document, "bindings", emit_bindings(compilation));
    value_set(arena, document, "modules", compilation->modules);
    value_set(arena, document, "acceptance", emit_acceptance(compilation));
    value_set(arena, document, "steps", emit_steps(compilation));
    value_set(arena, document, "digest",
              value_string(arena, arena_copy(arena, compiled_plan_digest(document).hex)));
    value_set(arena, document, "checksum",
              value_string(arena, arena_copy(arena, compiled_checksum(document).hex)));
    return document;
}
