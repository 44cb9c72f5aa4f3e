/* What becomes of the modules that the plan decides about. */
#include <string.h>

#include "base/json.h"
#include "runtime/diff/diff.h"
#include "runtime/odoo/survey.h"
#include "runtime/steps/module_plan.h"

struct looking {
    struct diff *diff;
    const struct survey *survey; /* of the target's Odoo; NULL: it is not known */
    const char *why_not;
};

static const struct error *modules_read(struct looking *looking)
{
    struct arena *arena = looking->diff->arena;
    const PGresult *result;
    const struct error *error = dialogue_ask(
        looking->diff->place.dialogue,
        "SELECT m.name, coalesce(m.state, ''), coalesce(m.author, ''), coalesce(m.latest_version, "
        "''), (SELECT coalesce(json_agg(d.name ORDER BY d.name), '[]') FROM "
        "ir_module_module_dependency d WHERE d.module_id = m.id) FROM ir_module_module m ORDER BY "
        "m.name",
        0, NULL, &result);
    for (int row = 0; !error && row < PQntuples(result); row++) {
        struct source_module *module = arena_allocate(arena, sizeof *module);
        const char *json = PQgetvalue(result, row, 4);
        module->name = dialogue_text(arena, result, row, 0);
        module->state = dialogue_text(arena, result, row, 1);
        module->author = dialogue_text(arena, result, row, 2);
        module->version = dialogue_text(arena, result, row, 3);
        error = json_read(arena, (struct text){.bytes = json, .length = strlen(json)},
                          "dependencies", &module->depends);
        map_set(looking->diff->modules, module->name, module);
    }
    return error;
}

/* ---- versions after ---- */

static const char *decision_action(const struct value_member *decision)
{
    const char *action = value_get_string(decision->value, "action");
    if (!action)
        action = value_as_string(decision->value);
    return action ? action : "keep";
}

static const char *version_after(const struct looking *looking, const char *module)
{
    const struct survey_module *found =
        looking->survey ? survey_find(looking->survey, module) : NULL;
    return found && found->manifest ? found->manifest->version : NULL;
}

/* ---- the list ---- */

static struct value *pair(struct arena *arena, const char *old, const char *new)
{
    struct value *change = value_object(arena);
    value_set(arena, change, "old", old && old[0] ? value_string(arena, old) : value_null(arena));
    value_set(arena, change, "new", new ? value_string(arena, new) : value_null(arena));
    return change;
}

static void module_tell(struct looking *looking, const struct value_member *decision,
                        struct value *list)
{
    struct arena *arena = looking->diff->arena;
    const struct source_module *now = map_get(looking->diff->modules, decision->key);
    const char *action = decision_action(decision);
    const char *name = diff_decided_name(decision);
    bool goes = strcmp(action, "uninstall") == 0;
    bool other = strcmp(name, decision->key) != 0;
    struct value *told = value_object(arena);
    const char *state = now ? now->state : NULL;
    const char *after = goes ? "uninstalled" : other ? NULL : "installed";
    if (strcmp(action, "keep") == 0 || strcmp(action, "update") == 0)
        after = state;
    value_set(arena, told, "name", value_string(arena, decision->key));
    value_set(arena, told, "action", value_string(arena, action));
    if (other)
        value_set(arena, told, "becomes", value_string(arena, name));
    value_set(arena, told, "state", pair(arena, state, after));
    value_set(arena, told, "version",
              pair(arena, now ? now->version : NULL, goes ? NULL : version_after(looking, name)));
    if (!goes && !version_after(looking, name))
        value_set(arena, told, "version_unknown",
                  value_string(arena, looking->why_not ? looking->why_not : "as its code says"));
    value_append(arena, list, told);
}

/* ---- modules that go along ---- */

static const struct value *module_depends_on(void *context, const char *module)
{
    const struct looking *looking = context;
    const struct source_module *found = map_get(looking->diff->modules, module);
    return found ? found->depends : NULL;
}

static const struct compiled_step *find_preflight(const struct compiled_plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].kind, "preflight") == 0)
            return &plan->steps[i];
    return NULL;
}

static struct value *modules_dragged(struct looking *looking)
{
    struct arena *arena = looking->diff->arena;
    const struct compiled_plan *compiled = looking->diff->request->plan;
    const struct compiled_step *preflight = find_preflight(compiled);
    struct value *all = value_object(arena);
    if (!preflight)
        return all;
    struct module_plan plan = {.arena = arena,
                               .spec = preflight->spec,
                               .decisions = compiled->modules,
                               .modules = looking->diff->modules};
    const struct value *versions = value_get(preflight->spec, "versions");
    for (size_t i = 0; i < value_count(versions); i++) {
        struct value *dragged = module_plan_dragged(&plan, i, module_depends_on, looking);
        for (size_t j = 0; j < value_count(dragged); j++)
            value_set(arena, all, dragged->as.object.members[j].key,
                      dragged->as.object.members[j].value);
    }
    return all;
}

const struct error *diff_modules(struct diff *diff)
{
    struct looking looking = {.diff = diff};
    const struct value *decisions = diff->request->plan->modules;
    struct value *list = value_array(diff->arena);
    const struct error *error = modules_read(&looking);
    if (error)
        return error;
    /* All of them before the transaction is open: an Odoo takes its time to start. */
    for (size_t i = 0; i < diff->request->plan->step_count; i++)
        if (diff_runs_scripts(diff, &diff->request->plan->steps[i]))
            (void)diff_survey(diff, diff->request->plan->steps[i].phase, &looking.why_not);
    looking.survey = diff_survey(diff, diff->request->plan->to, &looking.why_not);
    for (size_t i = 0; i < value_count(decisions); i++)
        module_tell(&looking, &decisions->as.object.members[i], list);
    value_set(diff->arena, diff->document, "modules", list);
    struct value *dragged = modules_dragged(&looking);
    if (value_count(dragged) > 0)
        value_set(diff->arena, diff->document, "dragged", dragged);
    return NULL;
}
