#include "runtime/steps/module_states.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "runtime/postgres/conversation.h"
#include "runtime/run.h"

struct reading {
    const struct value *settled;
    void (*found)(void *context, struct value *states);
    void *context;
};

static struct value *text_or_null(struct arena *arena, const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column)
               ? value_null(arena)
               : value_string(arena, arena_copy(arena, PQgetvalue(result, row, column)));
}

static void states_found(struct conversation *conversation, const struct session_answer *answer)
{
    const struct reading *reading = conversation_context(conversation);
    struct arena *arena = conversation_step(conversation)->arena;
    struct value *states = value_object(arena);
    for (int row = 0; row < PQntuples(answer->result); row++) {
        struct value *module = value_object(arena);
        value_set(arena, module, "state", text_or_null(arena, answer->result, row, 1));
        value_set(arena, module, "version", text_or_null(arena, answer->result, row, 2));
        value_set(arena, states, arena_copy(arena, PQgetvalue(answer->result, row, 0)), module);
    }
    conversation_leave(conversation);
    reading->found(reading->context, states);
}

static void states_ask(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation,
                         "SELECT name, state, latest_version FROM ir_module_module ORDER BY name",
                         states_found);
}

static void states_settle(struct conversation *conversation, const struct session_answer *answer)
{
    const struct reading *reading = conversation_context(conversation);
    struct buffer names = {0};
    (void)answer;
    json_write(&names, reading->settled, JSON_COMPACT);
    const char *parameter = buffer_string(&names);
    conversation_ask(conversation,
                     "UPDATE ir_module_module SET state = 'installed' WHERE state = 'to upgrade' "
                     "AND name IN (SELECT jsonb_array_elements_text($1::jsonb))",
                     1, &parameter, states_ask);
    buffer_release(&names);
}

struct conversation *module_states_read(struct step_run *step,
                                        void (*found)(void *context, struct value *states),
                                        void *context)
{
    return module_states_settle(step, NULL, found, context);
}

struct conversation *module_states_settle(struct step_run *step, const struct value *modules,
                                          void (*found)(void *context, struct value *states),
                                          void *context)
{
    struct reading *reading = arena_allocate(step->arena, sizeof *reading);
    void *state = step->state;
    *reading = (struct reading){.settled = modules, .found = found, .context = context};
    struct conversation *conversation =
        conversation_open(step, &step->run->environment->work, NULL, reading,
                          value_count(modules) > 0 ? states_settle : states_ask);
    step->state = state; /* the kind's own */
    return conversation;
}

/* A module that came or went has no other side. Rows of modules that are not installed come and go
 * with the addons path: they are no change. */
static void compare_member(struct arena *arena, const char *module, const struct value *before,
                           const struct value *after, const char *member, struct value *changes)
{
    const char *old = value_get_string(before, member);
    const char *new = value_get_string(after, member);
    if (old == new || (old && new &&strcmp(old, new) == 0))
        return;
    struct value *change = value_object(arena);
    value_set(arena, change, "old", old ? value_string(arena, old) : value_null(arena));
    value_set(arena, change, "new", new ? value_string(arena, new) : value_null(arena));
    value_set(arena, changes, module, change);
}

static bool is_of_interest(const struct value *module)
{
    const char *state = value_get_string(module, "state");
    return state && strncmp(state, "uninstall", strlen("uninstall")) != 0;
}

void module_states_compare(struct arena *arena, const struct value *before,
                           const struct value *after, struct value *effects)
{
    struct value *states = value_object(arena), *versions = value_object(arena);
    for (size_t i = 0; i < value_count(after); i++) {
        const struct value_member *module = &after->as.object.members[i];
        const struct value *old = value_get(before, module->key);
        if (!is_of_interest(old) && !is_of_interest(module->value))
            continue;
        compare_member(arena, module->key, old, module->value, "state", states);
        compare_member(arena, module->key, old, module->value, "version", versions);
    }
    for (size_t i = 0; i < value_count(before); i++) {
        const struct value_member *module = &before->as.object.members[i];
        if (is_of_interest(module->value) && !value_get(after, module->key))
            compare_member(arena, module->key, module->value, NULL, "state", states);
    }
    if (value_count(states) > 0)
        value_set(arena, effects, "modules", states);
    if (value_count(versions) > 0)
        value_set(arena, effects, "versions", versions);
}

static void name_module(struct buffer *names, const char *module, const char *state)
{
    buffer_format(names, "%s%s (%s)", names->length > 0 ? ", " : "", module, state);
}

static const struct error *complain(struct arena *arena, struct buffer *names, const char *what)
{
    const struct error *error =
        names->length == 0 ? NULL
                           : error_create(arena, OUTCOME_FAILED, "see in the step's log why",
                                          "%s: %s", what, buffer_string(names));
    buffer_release(names);
    return error;
}

const struct error *module_states_check_whole(struct arena *arena, const struct value *states)
{
    struct buffer names = {0};
    for (size_t i = 0; i < value_count(states); i++) {
        const struct value_member *module = &states->as.object.members[i];
        const char *state = value_get_string(module->value, "state");
        if (state && strncmp(state, "to ", 3) == 0)
            name_module(&names, module->key, state);
    }
    return complain(arena, &names, "Odoo has left modules half way");
}

const struct error *module_states_check_installed(struct arena *arena, const struct value *states,
                                                  const struct value *modules)
{
    struct buffer names = {0};
    for (size_t i = 0; i < value_count(modules); i++) {
        const char *module = value_as_string(value_item(modules, i));
        const char *state = value_get_string(value_get(states, module), "state");
        if (!state || strcmp(state, "installed") != 0)
            name_module(&names, module, state ? state : "unknown");
    }
    return complain(arena, &names, "these modules are not installed");
}

static bool is_listed(const struct value *names, const char *name)
{
    for (size_t i = 0; i < value_count(names); i++)
        if (strcmp(value_as_string(value_item(names, i)), name) == 0)
            return true;
    return false;
}

static bool is_of_series(const char *version, const char *series)
{
    size_t length = strlen(series);
    return version && strncmp(version, series, length) == 0 && version[length] == '.';
}

#define NAMED ((size_t)8) /* as many are named; that there are more is said */

const struct error *module_states_check_series(struct arena *arena, const struct value *states,
                                               const char *series, const struct value *leaving)
{
    struct buffer names = {0};
    size_t count = 0;
    for (size_t i = 0; i < value_count(states); i++) {
        const struct value_member *module = &states->as.object.members[i];
        const char *state = value_get_string(module->value, "state");
        const char *version = value_get_string(module->value, "version");
        if (!state || strcmp(state, "installed") != 0 || is_of_series(version, series) ||
            is_listed(leaving, module->key))
            continue;
        if (count++ < NAMED)
            name_module(&names, module->key, version ? version : "no version");
    }
    if (count > NAMED)
        buffer_format(&names, " and %zu more", count - NAMED);
    return complain(arena, &names, arena_format(arena, "these modules are not at %s", series));
}
