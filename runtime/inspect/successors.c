#include "runtime/inspect/successors.h"

#include <string.h>

#include "base/map.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "runtime/odoo/python_literal.h"
#include "schemas/embedded.h"

struct successors {
    struct arena *arena;
    struct map *users; /* old names to struct successor */
    struct map *openupgrade;
};

struct successors *successors_create(struct arena *arena)
{
    struct successors *successors = arena_allocate(arena, sizeof *successors);
    *successors = (struct successors){
        .arena = arena, .users = map_create(arena), .openupgrade = map_create(arena)};
    return successors;
}

static void add_names(struct successors *successors, struct map *list, const struct value *names,
                      bool merged, const char *origin)
{
    for (size_t i = 0; i < value_count(names); i++) {
        const struct value_member *member = &names->as.object.members[i];
        struct successor *successor = arena_allocate(successors->arena, sizeof *successor);
        *successor = (struct successor){
            .name = value_as_string(member->value), .merged = merged, .origin = origin};
        if (successor->name)
            map_set(list, member->key, successor);
    }
}

/* ---- apriori.py ---- */

/* The dictionary that is assigned to `variable` at the beginning of a line, up to the brace that
 * closes it at the beginning of another: so these files are formatted. */
static bool find_dictionary(const char *file, const char *variable, struct text *literal)
{
    size_t length = strlen(variable);
    for (const char *at = file; (at = strstr(at, variable)); at += length) {
        const char *behind = at + length + strspn(at + length, " ");
        if ((at > file && at[-1] != '\n') || *behind != '=')
            continue;
        behind += 1 + strspn(behind + 1, " ");
        const char *end = *behind == '{' ? strstr(behind, "\n}") : NULL;
        if (strncmp(behind, "{}", 2) == 0)
            end = behind - 1;
        if (!end)
            return false;
        *literal = (struct text){.bytes = behind, .length = (size_t)(end + 2 - behind)};
        return true;
    }
    return false;
}

const struct error *successors_add_apriori(struct successors *successors, struct text text,
                                           const char *name)
{
    static const char *const variables[] = {"renamed_modules", "merged_modules"};
    const char *file = arena_copy_bytes(successors->arena, text.bytes, text.length);
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        struct text literal;
        struct value *names = NULL;
        if (!find_dictionary(file, variables[i], &literal))
            return error_create(successors->arena, OUTCOME_FAILED,
                                "look whether it is OpenUpgrade's file, as it was published",
                                "%s has no dictionary %s that can be read", name, variables[i]);
        const struct error *error = python_literal_read(
            successors->arena, literal,
            arena_format(successors->arena, "%s: %s", name, variables[i]), &names);
        if (error)
            return error;
        add_names(successors, successors->openupgrade, names, i == 1, "OpenUpgrade");
    }
    return NULL;
}

/* ---- the user's own ---- */

const struct error *successors_add_file(struct successors *successors, const char *path,
                                        struct diagnostics *diagnostics)
{
    struct arena *arena = successors->arena;
    struct schema *schema;
    struct text text;
    const struct error *error = schema_read(arena, schema_successors, schema_successors_end,
                                            "successors.schema.json", &schema);
    if (!error)
        error = file_read(arena, path, YAML_SIZE_LIMIT, &text);
    if (error)
        return error;
    size_t before = diagnostics->error_count;
    const struct value *document = yaml_read(arena, source_create(arena, path, text), diagnostics);
    if (!document || diagnostics->error_count > before ||
        !schema_check(schema, document, diagnostics))
        return error_create(arena, OUTCOME_INVALID, "schemas/successors.schema.json describes it",
                            "%s is not a list of successors", path);
    add_names(successors, successors->users, value_get(document, "merged"), true, path);
    add_names(successors, successors->users, value_get(document, "renamed"), false, path);
    return NULL;
}

#define CHAIN_LIMIT 10 /* fewer versions lie between any two */

/* One version's list goes on where that of the version before has ended. */
static const struct successor *successors_follow(const struct successors *successors,
                                                 const struct successor *first)
{
    const struct successor *last = first;
    bool merged = first->merged;
    for (int link = 0; link < CHAIN_LIMIT; link++) {
        const struct successor *next = map_get(successors->openupgrade, last->name);
        if (!next)
            break;
        last = next;
        merged = merged || next->merged;
    }
    struct successor *both = arena_allocate(successors->arena, sizeof *both);
    *both = (struct successor){.name = last->name, .merged = merged, .origin = last->origin};
    return both;
}

const struct successor *successors_find(const struct successors *successors, const char *module)
{
    const struct successor *own = map_get(successors->users, module);
    const struct successor *found = map_get(successors->openupgrade, module);
    return own || !found ? own : successors_follow(successors, found);
}
