#include "compiler/bindings.h"

#include <string.h>

#include "base/map.h"
#include "base/template.h"

struct bindings {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct map *by_name;
    bool doubtful; /* what seems unused may be what a wrong text means */
};

/* A check of one text. */
struct use {
    struct bindings *bindings;
    const struct passage *passage;
    const char *exposed;
    bool secret;
};

static enum binding_type type_read(const char *name)
{
    static const char *const names[] = {
        [BINDING_TEXT] = "text",
        [BINDING_URL] = "url",
        [BINDING_NUMBER] = "number",
        [BINDING_SECRET] = "secret",
    };
    for (size_t i = 0; name && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum binding_type)i;
    return BINDING_TEXT;
}

struct bindings *bindings_create(struct arena *arena, const struct value *declared,
                                 struct diagnostics *diagnostics)
{
    struct bindings *bindings = arena_allocate(arena, sizeof *bindings);
    *bindings = (struct bindings){.arena = arena, .diagnostics = diagnostics};
    bindings->by_name = map_create(arena);
    for (size_t i = 0; declared && declared->kind == VALUE_OBJECT && i < value_count(declared);
         i++) {
        const struct value_member *member = &declared->as.object.members[i];
        struct binding *binding = arena_allocate(arena, sizeof *binding);
        *binding = (struct binding){.name = member->key,
                                    .type = type_read(value_get_string(member->value, "type")),
                                    .position = member->key_position};
        map_set(bindings->by_name, binding->name, binding);
    }
    return bindings;
}

/* The binding that may be meant, or NULL. */
static const char *bindings_nearest(const struct bindings *bindings, const char *name)
{
    if (!diagnostics_suggest(bindings->diagnostics))
        return NULL;
    size_t count = 0;
    const char **names =
        arena_allocate(bindings->arena, (map_count(bindings->by_name) + 1) * sizeof *names);
    for (const struct map_entry *entry = map_first(bindings->by_name); entry;
         entry = map_next(entry))
        names[count++] = map_entry_key(entry);
    return diagnostic_nearest(name, names, count);
}

static const char *bindings_suggest(const struct bindings *bindings, const char *name)
{
    if (diagnostics_full(bindings->diagnostics))
        return NULL;
    const char *nearest = bindings_nearest(bindings, name);
    if (nearest)
        return arena_format(bindings->arena, "did you mean ${%s}?", nearest);
    return arena_format(bindings->arena,
                        "declare it: `bindings: { %s: { type: text } }`; a literal ${ is written "
                        "$${",
                        name);
}

const struct binding *bindings_use(struct bindings *bindings, const struct passage *passage,
                                   size_t offset, const char *name, size_t length)
{
    const char *copy = arena_copy_bytes(bindings->arena, name, length);
    struct binding *binding = map_get(bindings->by_name, copy);
    if (binding) {
        binding->used = true;
        return binding;
    }
    bindings->doubtful = true;
    struct diagnostic *diagnostic =
        diagnostics_add(bindings->diagnostics, "binding-unknown",
                        passage_position(passage, offset, bindings->diagnostics),
                        "no binding \"%s\" is declared", copy);
    diagnostic->length = (uint32_t)length + 3;
    diagnostic->help = bindings_suggest(bindings, copy);
    return NULL;
}

void bindings_report_syntax(struct bindings *bindings, const struct passage *passage, size_t offset)
{
    bindings->doubtful = true;
    struct diagnostic *diagnostic =
        diagnostics_add(bindings->diagnostics, "binding-syntax",
                        passage_position(passage, offset, bindings->diagnostics),
                        "a binding is written ${name}, with small letters, digits and `_`");
    diagnostic->length = 2;
    diagnostic->help = "write $${ for a literal ${";
}

static void use_visit(void *context, const char *name, size_t length, size_t offset)
{
    struct use *use = context;
    struct bindings *bindings = use->bindings;
    const struct binding *binding = bindings_use(bindings, use->passage, offset, name, length);
    if (!binding || binding->type != BINDING_SECRET)
        return;
    use->secret = true;
    if (!use->exposed)
        return;
    struct diagnostic *diagnostic =
        diagnostics_add(bindings->diagnostics, "secret-exposed",
                        passage_position(use->passage, offset, bindings->diagnostics),
                        "the secret \"%s\" would be seen in %s", binding->name, use->exposed);
    diagnostic->length = (uint32_t)length + 3;
    diagnostic->help =
        "secrets may stand in settings, SQL, Python, and in a command's `environment`";
}

bool bindings_check(struct bindings *bindings, const struct passage *passage, const char *exposed)
{
    struct use use = {.bindings = bindings, .passage = passage, .exposed = exposed};
    size_t fault;
    if (!template_visit(passage->text, use_visit, &use, &fault))
        bindings_report_syntax(bindings, passage, fault);
    return use.secret;
}

bool bindings_check_value(struct bindings *bindings, const struct value *value, const char *exposed)
{
    bool secret = false;
    if (!value)
        return false;
    if (value->kind == VALUE_STRING) {
        const struct passage passage = passage_of_value(value);
        return bindings_check(bindings, &passage, exposed);
    }
    for (size_t i = 0; value->kind == VALUE_ARRAY && i < value_count(value); i++)
        secret |= bindings_check_value(bindings, value->as.array.items[i], exposed);
    for (size_t i = 0; value->kind == VALUE_OBJECT && i < value_count(value); i++)
        secret |= bindings_check_value(bindings, value->as.object.members[i].value, exposed);
    return secret;
}

const struct binding *bindings_find(const struct bindings *bindings, const char *name)
{
    return map_get(bindings->by_name, name);
}

void bindings_warn_unused(const struct bindings *bindings)
{
    for (const struct map_entry *entry = map_first(bindings->by_name); entry;
         entry = map_next(entry)) {
        const struct binding *binding = map_entry_value(entry);
        if (binding->used || bindings->doubtful)
            continue;
        struct diagnostic *diagnostic =
            diagnostics_warn(bindings->diagnostics, "binding-unused", binding->position,
                             "the binding \"%s\" is used nowhere", binding->name);
        diagnostic->length = (uint32_t)strlen(binding->name);
        diagnostic->help = "remove it; every environment would have to supply it";
    }
}
