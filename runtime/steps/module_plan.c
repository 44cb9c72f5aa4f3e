#include "runtime/steps/module_plan.h"

#include <string.h>

enum action { KEEP, INSTALL, UPDATE, UNINSTALL, RENAME, MERGE };

struct decision {
    const char *module;
    enum action action;
    const char *at;     /* the version at which it is done */
    size_t version;     /* its number */
    const char *target; /* of a rename or a merge */
};

bool source_module_is_installed(const struct source_module *module)
{
    return strcmp(module->state, "installed") == 0 || strcmp(module->state, "to upgrade") == 0;
}

bool module_plan_is_installed(const struct module_plan *plan, const char *name)
{
    const struct source_module *module = map_get(plan->modules, name);
    return module && source_module_is_installed(module);
}

size_t module_plan_find_version(const struct module_plan *plan, const char *version)
{
    const struct value *versions = value_get(plan->spec, "versions");
    size_t index = 0;
    while (index < value_count(versions) &&
           (!version || strcmp(value_as_string(value_item(versions, index)), version) != 0))
        index++;
    return index;
}

static enum action read_action(const char *name)
{
    static const char *const names[] = {[INSTALL] = "install",
                                        [UPDATE] = "update",
                                        [UNINSTALL] = "uninstall",
                                        [RENAME] = "rename",
                                        [MERGE] = "merge"};
    for (size_t i = INSTALL; i < sizeof names / sizeof names[0]; i++)
        if (name && strcmp(name, names[i]) == 0)
            return (enum action)i;
    return KEEP;
}

static struct decision read_decision(const struct module_plan *plan,
                                     const struct value_member *member)
{
    struct decision decision = {.module = member->key};
    decision.action = read_action(value_get_string(member->value, "action"));
    decision.at = value_get_string(member->value, "at");
    decision.version = module_plan_find_version(plan, decision.at);
    if (decision.action == RENAME || decision.action == MERGE)
        decision.target =
            value_get_string(member->value, decision.action == RENAME ? "to" : "into");
    return decision;
}

static void add_need(const struct module_plan *plan, struct map *needs, const char *module,
                     const struct decision *decision, const char *leaves)
{
    struct module_need *need = arena_allocate(plan->arena, sizeof *need);
    const struct module_need *before = map_get(needs, module);
    *need = (struct module_need){.module = module, .decided = decision->module, .leaves = leaves};
    if (!before || before->leaves) /* to be there outweighs to leave */
        map_set(needs, module, need);
}

static void add_decision(const struct module_plan *plan, struct map *needs,
                         const struct decision *decision, size_t version)
{
    bool installed = module_plan_is_installed(plan, decision->module);
    switch (decision->action) {
    case INSTALL:
        if (installed || decision->version <= version)
            add_need(plan, needs, decision->module, decision, NULL);
        break;
    case UPDATE:
        add_need(plan, needs, decision->module, decision, NULL);
        break;
    case UNINSTALL:
        if (installed && version <= decision->version)
            add_need(plan, needs, decision->module, decision, decision->at);
        break;
    case RENAME:
    case MERGE:
        if (installed)
            add_need(plan, needs, version < decision->version ? decision->module : decision->target,
                     decision, NULL);
        break;
    case KEEP:
        if (installed)
            add_need(plan, needs, decision->module, decision, NULL);
        break;
    }
}

struct map *module_plan_needs(const struct module_plan *plan, size_t version)
{
    struct map *needs = map_create(plan->arena);
    for (size_t i = 0; i < value_count(plan->decisions); i++) {
        const struct decision decision =
            read_decision(plan, &plan->decisions->as.object.members[i]);
        add_decision(plan, needs, &decision, version);
    }
    return needs;
}

struct map *module_plan_present(const struct module_plan *plan, size_t version)
{
    struct map *present = map_create(plan->arena);
    const struct map *needs = module_plan_needs(plan, version);
    for (const struct map_entry *entry = map_first(plan->modules); entry; entry = map_next(entry))
        if (!value_get(plan->decisions, map_entry_key(entry)) &&
            module_plan_is_installed(plan, map_entry_key(entry)))
            map_set(present, map_entry_key(entry), map_entry_value(entry));
    for (const struct map_entry *entry = map_first(needs); entry; entry = map_next(entry))
        map_set(present, map_entry_key(entry), map_entry_value(entry));
    return present;
}

/* Who depends on whom: name to a list of names. */
static struct map *find_dependents(const struct module_plan *plan, const struct map *present,
                                   module_depends *depends, void *context)
{
    struct map *dependents = map_create(plan->arena);
    for (const struct map_entry *entry = map_first(present); entry; entry = map_next(entry)) {
        const char *name = map_entry_key(entry);
        const struct value *needed = depends(context, name);
        for (size_t i = 0; i < value_count(needed); i++) {
            const char *other = value_as_string(value_item(needed, i));
            struct value *list = map_get(dependents, other);
            if (!list) {
                list = value_array(plan->arena);
                map_set(dependents, other, list);
            }
            value_append(plan->arena, list, value_string(plan->arena, name));
        }
    }
    return dependents;
}

/* All that depend on `root`, directly or not, but those in `leaving`. */
static struct value *follow(const struct module_plan *plan, const struct map *dependents,
                            const struct map *leaving, const char *root)
{
    struct map *seen = map_create(plan->arena);
    struct value *queue = value_array(plan->arena), *dragged = value_array(plan->arena);
    map_add(seen, root, queue);
    value_append(plan->arena, queue, value_string(plan->arena, root));
    for (size_t next = 0; next < value_count(queue); next++) {
        const struct value *list = map_get(dependents, value_as_string(value_item(queue, next)));
        for (size_t i = 0; i < value_count(list); i++) {
            struct value *name = value_item(list, i);
            if (!map_add(seen, value_as_string(name), queue))
                continue;
            value_append(plan->arena, queue, name);
            if (!map_get(leaving, value_as_string(name)))
                value_append(plan->arena, dragged, name);
        }
    }
    return dragged;
}

/* Those that are installed at the version and that the plan uninstalls there. */
static struct map *find_leaving(const struct module_plan *plan, size_t version)
{
    struct map *leaving = map_create(plan->arena);
    const struct map *needs = module_plan_needs(plan, version);
    for (const struct map_entry *entry = map_first(needs); entry; entry = map_next(entry)) {
        const struct module_need *need = map_entry_value(entry);
        if (need->leaves && module_plan_find_version(plan, need->leaves) == version)
            map_set(leaving, need->module, map_entry_value(entry));
    }
    return leaving;
}

struct value *module_plan_dragged(const struct module_plan *plan, size_t version,
                                  module_depends *depends, void *context)
{
    struct value *dragged = value_object(plan->arena);
    const struct map *leaving = find_leaving(plan, version);
    if (map_count(leaving) == 0)
        return dragged;
    const struct map *dependents =
        find_dependents(plan, module_plan_present(plan, version), depends, context);
    for (const struct map_entry *entry = map_first(leaving); entry; entry = map_next(entry)) {
        struct value *list = follow(plan, dependents, leaving, map_entry_key(entry));
        if (value_count(list) > 0)
            value_set(plan->arena, dragged, map_entry_key(entry), list);
    }
    return dragged;
}
