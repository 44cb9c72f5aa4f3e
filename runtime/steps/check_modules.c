/* `check.modules`: the states of modules, and that none is left half way (to install, to upgrade,
 * to remove). */
#include <string.h>

#include "base/buffer.h"
#include "base/map.h"
#include "runtime/postgres/conversation.h"
#include "runtime/steps/check_result.h"
#include "runtime/steps/kinds.h"

static void complain(struct buffer *problems, const char *module, const char *state)
{
    buffer_format(problems, "%s%s %s", problems->length > 0 ? ", " : "", module,
                  state ? state : "absent");
}

/* Adds the modules of the list whose state is not the wanted one (NULL: absent). */
static void check_list(const struct value *list, const struct map *states, const char *wanted,
                       struct buffer *problems)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const char *module = value_as_string(value_item(list, i));
        const char *state = map_get(states, module);
        bool fits = wanted ? state && strcmp(state, wanted) == 0 : !state;
        if (!fits)
            complain(problems, module, state);
    }
}

static const char *expectation(struct step_run *step)
{
    size_t installed = value_count(value_get(step->spec, "installed"));
    size_t uninstalled = value_count(value_get(step->spec, "uninstalled"));
    size_t absent = value_count(value_get(step->spec, "absent"));
    return arena_format(step->arena, "%zu installed, %zu uninstalled, %zu absent, none half way",
                        installed, uninstalled, absent);
}

static void modules_found(struct conversation *conversation, const struct session_answer *answer)
{
    struct step_run *step = conversation_step(conversation);
    struct map *states = map_create(step->arena);
    struct buffer problems = {0};
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *module = arena_copy(step->arena, PQgetvalue(answer->result, row, 0));
        const char *state = arena_copy(step->arena, PQgetvalue(answer->result, row, 1));
        map_set(states, module, (void *)state);
        if (strncmp(state, "to ", 3) == 0)
            complain(&problems, module, state);
    }
    check_list(value_get(step->spec, "installed"), states, "installed", &problems);
    check_list(value_get(step->spec, "uninstalled"), states, "uninstalled", &problems);
    check_list(value_get(step->spec, "absent"), states, NULL, &problems);
    bool passed = problems.length == 0;
    const char *expected = expectation(step);
    const char *actual = passed ? expected : arena_copy(step->arena, buffer_string(&problems));
    buffer_release(&problems);
    conversation_end(conversation, check_judge(step, actual, expected, passed),
                     check_describe(step, actual, expected, passed));
}

static void modules_opened(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, "SELECT name, state FROM ir_module_module ORDER BY name",
                         modules_found);
}

static void check_modules_start(struct step_run *step)
{
    conversation_open(step, &step->run->environment->work, NULL, NULL, modules_opened);
}

const struct step_kind kind_check_modules = {
    .name = "check.modules",
    .resource = RESOURCE_NOTHING,
    .nature = nature_repeatable,
    .start = check_modules_start,
    .cancel = conversation_cancel,
};
