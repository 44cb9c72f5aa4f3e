#include <string.h>

#include "base/map.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "compiler/plan.h"
#include "schemas/embedded.h"

#define USE_DEPTH_LIMIT 32

struct loader {
    struct arena *arena;
    struct files *files;
    struct diagnostics *diagnostics;
    struct schema *schema;
    struct document *documents;
    size_t count;
    struct map *states; /* from the origin of a file to its state: where `open` or `done` stands */
    char open, done;
    size_t depth; /* files being loaded, each used by the one before */
};

static void loader_load(struct loader *loader, const struct included *file);

static void loader_refuse_cycle(struct loader *loader, const struct included *user,
                                const struct included *file, const struct value *name)
{
    bool itself = user == file;
    const char *message =
        itself ? "this document uses itself"
               : arena_format(loader->arena, "\"%s\" is used here and uses this document itself",
                              file->source->path);
    struct diagnostic *diagnostic =
        diagnostics_add(loader->diagnostics, "use-cycle", name->position, "%s", message);
    diagnostic->length = diagnostic_span(name);
    diagnostic->help = itself ? "remove it" : "remove one of the two uses";
}

static void loader_load_part(struct loader *loader, const struct included *user,
                             const struct value *name)
{
    if (!value_as_string(name) || name->as.string.length == 0)
        return;
    const struct included *file =
        files_include(loader->files, user, name, YAML_SIZE_LIMIT, loader->diagnostics);
    if (!file)
        return;
    const void *state = map_get(loader->states, file->origin);
    if (state == &loader->open)
        loader_refuse_cycle(loader, user, file, name);
    if (state)
        return;
    if (loader->depth == USE_DEPTH_LIMIT) {
        struct diagnostic *diagnostic =
            diagnostics_add(loader->diagnostics, "use-depth", name->position,
                            "parts use parts more than %d levels deep", USE_DEPTH_LIMIT);
        diagnostic->length = diagnostic_span(name);
        diagnostic->help = "use the part directly from the plan";
        return;
    }
    loader_load(loader, file);
}

static void loader_load(struct loader *loader, const struct included *file)
{
    map_set(loader->states, file->origin, &loader->open);
    loader->depth++;
    const struct value *root = yaml_read(loader->arena, file->source, loader->diagnostics);
    if (root) {
        schema_check(loader->schema, root, loader->diagnostics);
        const struct value *use = value_get(root, "use");
        for (size_t i = 0; use && use->kind == VALUE_ARRAY && i < value_count(use); i++)
            loader_load_part(loader, file, value_item(use, i));
        loader->documents = arena_extend(loader->arena, loader->documents, loader->count,
                                         sizeof *loader->documents);
        loader->documents[loader->count++] = (struct document){.file = file, .root = root};
    }
    loader->depth--;
    map_set(loader->states, file->origin, &loader->done);
}

/* A part has none of the members that make a plan. */
static void loader_check_part(struct loader *loader, const struct document *part)
{
    static const char *const keys[] = {"customer", "title", "upgrade"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct value_member *member = value_member(part->root, keys[i]);
        if (!member)
            continue;
        struct diagnostic *diagnostic =
            diagnostics_add(loader->diagnostics, "use-not-part", member->key_position,
                            "a document that is used as a part cannot have \"%s\"", keys[i]);
        diagnostic->length = (uint32_t)strlen(keys[i]);
        diagnostic->help = "use a document without customer, title and upgrade";
        return;
    }
}

static bool loader_check_plan(struct loader *loader, const struct value *root)
{
    if (root->kind != VALUE_OBJECT)
        return false;
    if (value_get(root, "customer") || value_get(root, "title") || value_get(root, "upgrade"))
        return true;
    struct diagnostic *diagnostic =
        diagnostics_add(loader->diagnostics, "plan-is-part", root->position,
                        "this document has no customer, title and upgrade: it is a part for "
                        "plans to use");
    diagnostic->help = "check a plan that uses it, or add the three";
    return false;
}

const struct document *plan_find_document(const struct plan *plan, struct position position)
{
    for (size_t i = plan->document_count; position.source && i > 0; i--)
        if (plan->documents[i - 1].file->source == position.source)
            return &plan->documents[i - 1];
    return NULL;
}

const struct error *plan_load(struct arena *arena, struct files *files, const struct included *file,
                              struct diagnostics *diagnostics, struct plan **plan)
{
    struct loader *loader = arena_allocate(arena, sizeof *loader);
    *loader = (struct loader){.arena = arena, .files = files, .diagnostics = diagnostics};
    loader->states = map_create(arena);
    const struct error *error =
        schema_read(arena, schema_plan, schema_plan_end, "plan.schema.json", &loader->schema);
    if (error)
        return error;
    loader_load(loader, file);
    const struct document *last = loader->count ? &loader->documents[loader->count - 1] : NULL;
    *plan = NULL;
    if (!last || last->file != file)
        return NULL;
    for (size_t i = 0; i + 1 < loader->count; i++)
        loader_check_part(loader, &loader->documents[i]);
    if (!loader_check_plan(loader, last->root))
        return NULL;
    *plan = arena_allocate(arena, sizeof **plan);
    **plan = (struct plan){
        .documents = loader->documents, .document_count = loader->count, .head = last->root};
    plan_merge(arena, diagnostics, *plan);
    return NULL;
}
