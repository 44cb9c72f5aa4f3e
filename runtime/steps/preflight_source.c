/* The source: is it of the right series, and which modules it has. */
#include <string.h>

#include "runtime/facts.h"
#include "runtime/steps/preflight_private.h"

static void add_module(struct preflight *preflight, const PGresult *result, int row)
{
    struct arena *arena = preflight->step->arena;
    struct source_module *module = arena_allocate(arena, sizeof *module);
    *module = (struct source_module){
        .name = arena_copy(arena, PQgetvalue(result, row, 0)),
        .state = arena_copy(arena, PQgetvalue(result, row, 1)),
        .author = arena_copy(arena, PQgetvalue(result, row, 2)),
        .version = arena_copy(arena, PQgetvalue(result, row, 3)),
        .depends = value_array(arena),
    };
    map_set((struct map *)preflight->plan.modules, module->name, module);
}

static void take_depends(struct conversation *conversation, const struct session_answer *answer)
{
    struct preflight *preflight = conversation_context(conversation);
    struct arena *arena = preflight->step->arena;
    for (int row = 0; row < PQntuples(answer->result); row++) {
        struct source_module *module =
            map_get(preflight->plan.modules, PQgetvalue(answer->result, row, 0));
        if (module)
            value_append(
                arena, module->depends,
                value_string(arena, arena_copy(arena, PQgetvalue(answer->result, row, 1))));
    }
    conversation_leave(conversation);
    preflight->talk = NULL;
    preflight_survey(preflight);
}

static void take_modules(struct conversation *conversation, const struct session_answer *answer)
{
    struct preflight *preflight = conversation_context(conversation);
    for (int row = 0; row < PQntuples(answer->result); row++)
        add_module(preflight, answer->result, row);
    conversation_execute(conversation,
                         "SELECT m.name, d.name FROM ir_module_module_dependency d "
                         "JOIN ir_module_module m ON m.id = d.module_id "
                         "WHERE d.name IS NOT NULL ORDER BY m.name, d.name",
                         take_depends);
}

static void ask_modules(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation,
                         "SELECT name, state, coalesce(author, ''), coalesce(latest_version, '') "
                         "FROM ir_module_module WHERE name IS NOT NULL AND state IS NOT NULL "
                         "ORDER BY name",
                         take_modules);
}

static void source_found(void *context, struct value *facts, const struct error *error)
{
    struct preflight *preflight = context;
    struct step_run *step = preflight->step;
    const char *from = value_get_string(step->spec, "from");
    const char *series = value_get_string(facts, "series");
    preflight->source = facts;
    if (!error && !series)
        error = error_create(step->arena, OUTCOME_FAILED, "check the environment's `source`",
                             "the database \"%s\" is not Odoo's: it has no module base",
                             step->run->environment->source.name);
    else if (!error && strcmp(series, from) != 0)
        error = error_create(step->arena, OUTCOME_FAILED,
                             "check the plan's `from` and the environment's `source`",
                             "the database is of Odoo %s, the plan is for %s", series, from);
    if (error)
        preflight_find(preflight, "source", error);
    if (!series || preflight->cancelled) {
        preflight_survey(preflight);
        return;
    }
    preflight->talk =
        conversation_open(step, &step->run->environment->source, NULL, preflight, ask_modules);
    step->state = preflight; /* for the kind's cancel */
}

void preflight_read_source(struct preflight *preflight)
{
    struct step_run *step = preflight->step;
    facts_read(step->run, step->arena, &step->run->environment->source, source_found, preflight);
}
