/* What becomes of the modules. */
#include <string.h>

#include "compiler/compilation.h"

enum action {
    ACTION_KEEP,
    ACTION_INSTALL,
    ACTION_UPDATE,
    ACTION_UNINSTALL,
    ACTION_RENAME,
    ACTION_MERGE,
    ACTION_TBD,
    ACTION_COUNT, /* none that is known */
};

static const char *const action_names[ACTION_COUNT] = {"keep",   "install", "update", "uninstall",
                                                       "rename", "merge",   "tbd"};

struct decision {
    const char *module;
    struct position position;
    enum action action;
    const char *target; /* of a rename or merge, else NULL */
    struct position target_position;
    size_t section; /* where it is done; 0: nowhere */
    bool overwrites_translations;
};

struct decisions {
    struct compilation *compilation;
    struct decision *items;
    size_t count;
    struct value *described[ACTION_COUNT][ROUTE_LIMIT + 1]; /* by action and section: see below */
};

/* There is one for each module of the plan, in the same order. */
static struct decision *decisions_find(const struct decisions *decisions, const char *module)
{
    const struct value *modules = decisions->compilation->plan->modules;
    const struct value_member *member = value_member(modules, module);
    return member ? &decisions->items[member - modules->as.object.members] : NULL;
}

static enum action action_read(const char *name)
{
    size_t action = 0;
    while (action < ACTION_COUNT && (!name || strcmp(name, action_names[action]) != 0))
        action++;
    return (enum action)action;
}

static size_t decision_section(struct compilation *compilation, const struct value *value)
{
    const struct value *at = value_get(value, "at");
    if (!at)
        return lower_target_section(compilation);
    size_t index = route_find_or_report(&compilation->route, value_as_string(at), at->position,
                                        compilation->diagnostics);
    return index < ROUTE_LIMIT ? index + 1 : 0;
}

static struct decision decision_read(struct compilation *compilation,
                                     const struct value_member *member)
{
    const struct value *value = member->value;
    const char *name = value_as_string(value);
    struct decision decision = {.module = member->key, .position = member->key_position};
    decision.action = action_read(name ? name : value_get_string(value, "action"));
    decision.section = decision_section(compilation, value);
    decision.overwrites_translations = value_get_boolean(value, "overwrite_translations", false);
    const struct value *target = NULL;
    if (decision.action == ACTION_RENAME)
        target = value_get(value, "to");
    else if (decision.action == ACTION_MERGE)
        target = value_get(value, "into");
    if (target && value_as_string(target)) {
        decision.target = value_as_string(target);
        decision.target_position = target->position;
    }
    return decision;
}

static void report_undecided(struct compilation *compilation, const struct decision *decision)
{
    struct diagnostic *diagnostic =
        diagnostics_add(compilation->diagnostics, "module-undecided", decision->position,
                        "what becomes of the module \"%s\" is not decided", decision->module);
    diagnostic->length = (uint32_t)strlen(decision->module);
    diagnostic->help = "replace tbd by keep, install, update, uninstall, rename or merge";
}

static void report_target(struct compilation *compilation, const struct decision *decision,
                          const char *name, const char *message, const char *help)
{
    struct diagnostic *diagnostic =
        diagnostics_add(compilation->diagnostics, name, decision->target_position, "%s", message);
    diagnostic->length = (uint32_t)strlen(decision->target);
    diagnostic->help = help;
}

/* The target has a decision of its own that does not go with it. */
static void check_against_target(struct decisions *decisions, const struct decision *decision,
                                 const struct decision *target)
{
    struct compilation *compilation = decisions->compilation;
    struct arena *arena = compilation->arena;
    bool renames = decision->action == ACTION_RENAME;
    const char *verb = renames ? "renamed to" : "merged into";
    if (target->target) {
        report_target(compilation, decision, "module-chain",
                      arena_format(arena, "\"%s\" is %s \"%s\", which itself becomes \"%s\"",
                                   decision->module, verb, target->module, target->target),
                      arena_format(arena, "name \"%s\" here", target->target));
        return;
    }
    bool conflicts =
        target->action == ACTION_UNINSTALL || (renames && target->action == ACTION_INSTALL);
    if (conflicts)
        report_target(compilation, decision, "module-conflict",
                      arena_format(arena, "\"%s\" is %s \"%s\", which another decision %ss",
                                   decision->module, verb, target->module,
                                   action_names[target->action]),
                      arena_format(arena, "keep or update \"%s\"", target->module));
}

static void check_target(struct decisions *decisions, struct map *renamed,
                         struct decision *decision)
{
    struct compilation *compilation = decisions->compilation;
    if (strcmp(decision->target, decision->module) == 0) {
        report_target(
            compilation, decision, "module-self",
            arena_format(compilation->arena, "\"%s\" cannot become itself", decision->module),
            "name another module, or say keep");
        return;
    }
    const struct decision *target = decisions_find(decisions, decision->target);
    if (target)
        check_against_target(decisions, decision, target);
    if (decision->action != ACTION_RENAME)
        return;
    const struct decision *other = map_get(renamed, decision->target);
    if (other)
        report_target(compilation, decision, "module-conflict",
                      arena_format(compilation->arena,
                                   "\"%s\" and \"%s\" cannot both be renamed to \"%s\"",
                                   other->module, decision->module, decision->target),
                      "rename one and merge the other into it");
    else
        map_add(renamed, decision->target, decision);
}

static void check_decisions(struct decisions *decisions)
{
    struct map *renamed = map_create(decisions->compilation->arena);
    for (size_t i = 0; i < decisions->count; i++) {
        struct decision *decision = &decisions->items[i];
        if (decision->action == ACTION_TBD)
            report_undecided(decisions->compilation, decision);
        if (decision->target)
            check_target(decisions, renamed, decision);
    }
}

static void decisions_read(struct decisions *decisions)
{
    struct compilation *compilation = decisions->compilation;
    const struct value *modules = compilation->plan->modules;
    size_t count = value_count(modules);
    decisions->items = arena_allocate(compilation->arena, (count + 1) * sizeof *decisions->items);
    for (size_t i = 0; i < count; i++) {
        struct decision *decision = &decisions->items[decisions->count++];
        *decision = decision_read(compilation, &modules->as.object.members[i]);
    }
}

/* What the compiled plan tells of a decision, but for its target. */
static struct value *describe_action(struct compilation *compilation,
                                     const struct decision *decision)
{
    struct value *value = value_object(compilation->arena);
    lower_set(compilation, value, "action", action_names[decision->action]);
    if (decision->action != ACTION_KEEP)
        lower_set(compilation, value, "at", compilation->graph->sections[decision->section].phase);
    return value;
}

/* Those without a target share what is told of them: there can be many. */
static void describe_decision(struct decisions *decisions, const struct decision *decision)
{
    struct compilation *compilation = decisions->compilation;
    struct value **shared = &decisions->described[decision->action][decision->section];
    struct value *value = decision->target ? NULL : *shared;
    if (!value)
        value = describe_action(compilation, decision);
    if (decision->target)
        lower_set(compilation, value, decision->action == ACTION_RENAME ? "to" : "into",
                  decision->target);
    else
        *shared = value;
    value_set(compilation->arena, compilation->modules, decision->module, value);
}

/* The modules that one step deals with. */
struct batch {
    enum action action;
    size_t section;
    enum slot slot;
    struct value *modules;
    const struct decision *first;
};

static struct value *batch_item(struct compilation *compilation, const struct decision *decision)
{
    if (!decision->target)
        return value_string(compilation->arena, decision->module);
    struct value *item = value_object(compilation->arena);
    lower_set(compilation, item, "from", decision->module);
    lower_set(compilation, item, decision->action == ACTION_RENAME ? "to" : "into",
              decision->target);
    return item;
}

static struct batch batch_collect(const struct decisions *decisions, enum action action,
                                  size_t section)
{
    struct batch batch = {.action = action,
                          .section = section,
                          .modules = value_array(decisions->compilation->arena)};
    for (size_t i = 0; i < decisions->count; i++) {
        const struct decision *decision = &decisions->items[i];
        if (decision->action != action || decision->section != section ||
            strcmp(decision->module, "all") == 0)
            continue;
        if (!batch.first)
            batch.first = decision;
        value_append(decisions->compilation->arena, batch.modules,
                     batch_item(decisions->compilation, decision));
    }
    return batch;
}

static enum slot batch_slot(const struct compilation *compilation, const struct batch *batch)
{
    bool hop = compilation->route.hops && batch->section > 1;
    switch (batch->action) {
    case ACTION_RENAME:
        return hop ? SLOT_RENAME : SLOT_LATE_RENAME;
    case ACTION_MERGE:
        return hop ? SLOT_MERGE : SLOT_LATE_MERGE;
    case ACTION_INSTALL:
        return SLOT_INSTALL;
    case ACTION_UNINSTALL:
        return SLOT_UNINSTALL;
    default:
        return SLOT_UPDATE;
    }
}

static const char *batch_title(struct compilation *compilation, const struct batch *batch)
{
    char *verb = arena_copy(compilation->arena, action_names[batch->action]);
    verb[0] = (char)(verb[0] - 'a' + 'A');
    size_t count = value_count(batch->modules);
    if (count == 1)
        return arena_format(compilation->arena, "%s the module %s", verb, batch->first->module);
    return arena_format(compilation->arena, "%s %zu modules", verb, count);
}

static void add_batch(struct compilation *compilation, const struct batch *batch)
{
    if (!batch->first)
        return;
    const char *action = action_names[batch->action];
    struct value *spec = value_object(compilation->arena);
    lower_set(compilation, spec, "version", compilation->graph->sections[batch->section].phase);
    value_set(compilation->arena, spec, "modules", batch->modules);
    struct step step = {.name = action,
                        .kind = arena_format(compilation->arena, "modules.%s", action),
                        .title = batch_title(compilation, batch),
                        .spec = spec,
                        .origin = batch->first->position,
                        .section = batch->section,
                        .slot = batch_slot(compilation, batch)};
    graph_add(compilation->graph, step);
}

/* `all: update` takes the place of the single updates of its version. */
static bool add_update_of_all(struct compilation *compilation, const struct decisions *decisions,
                              size_t section)
{
    const struct decision *all = decisions_find(decisions, "all");
    if (!all || all->action != ACTION_UPDATE || all->section != section)
        return false;
    struct value *spec = value_object(compilation->arena);
    lower_set(compilation, spec, "version", compilation->graph->sections[section].phase);
    lower_set(compilation, spec, "modules", "all");
    if (all->overwrites_translations)
        value_set(compilation->arena, spec, "overwrite_translations",
                  value_boolean(compilation->arena, true));
    struct step step = {.name = "update",
                        .kind = "modules.update",
                        .title = "Update all modules",
                        .spec = spec,
                        .origin = all->position,
                        .section = section,
                        .slot = SLOT_UPDATE};
    graph_add(compilation->graph, step);
    return true;
}

/* What the plan uninstalls at a version or later may have no code there: the hop to that version
 * leaves it as it is. */
static void describe_leaving(const struct decisions *decisions, size_t section)
{
    struct compilation *compilation = decisions->compilation;
    struct value *leaving = value_array(compilation->arena);
    for (size_t i = 0; i < decisions->count; i++)
        if (decisions->items[i].action == ACTION_UNINSTALL &&
            decisions->items[i].section >= section)
            value_append(compilation->arena, leaving,
                         value_string(compilation->arena, decisions->items[i].module));
    compilation->leaving[section] = leaving;
}

void lower_decisions(struct compilation *compilation)
{
    static const enum action actions[] = {ACTION_RENAME, ACTION_MERGE, ACTION_INSTALL,
                                          ACTION_UNINSTALL, ACTION_UPDATE};
    struct decisions decisions = {.compilation = compilation};
    decisions_read(&decisions);
    check_decisions(&decisions);
    compilation->modules = value_object(compilation->arena);
    if (compilation->diagnostics->error_count > compilation->errors)
        return;
    for (size_t i = 0; i < decisions.count; i++)
        if (strcmp(decisions.items[i].module, "all") != 0)
            describe_decision(&decisions, &decisions.items[i]);
    for (size_t section = 1; section <= compilation->route.count; section++) {
        describe_leaving(&decisions, section);
        for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
            if (actions[i] == ACTION_UPDATE && add_update_of_all(compilation, &decisions, section))
                continue;
            const struct batch batch = batch_collect(&decisions, actions[i], section);
            add_batch(compilation, &batch);
        }
    }
}
