#include "runtime/past.h"

#include <string.h>

#include "base/map.h"

static enum past_state past_of_result(const char *result)
{
    static const struct {
        const char *result;
        enum past_state state;
    } results[] = {{"done", PAST_DONE}, {"skipped", PAST_SKIPPED}, {"taken-over", PAST_TAKEN_OVER}};
    for (size_t i = 0; result && i < sizeof results / sizeof results[0]; i++)
        if (strcmp(results[i].result, result) == 0)
            return results[i].state;
    return PAST_FAILED;
}

/* What is behind the names that were put back has to be looked at again when they change again. */
static void past_forget_publishing(const struct compiled_plan *plan, enum past_state *past)
{
    for (size_t i = 0; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].phase, "publish") == 0)
            past[i] = PAST_NONE;
}

const enum past_state *past_read(struct arena *arena, const struct compiled_plan *plan,
                                 const struct value *entries)
{
    enum past_state *past = arena_allocate(arena, (plan->step_count + 1) * sizeof *past);
    struct map *by_id = map_create(arena);
    for (size_t i = 0; i < plan->step_count; i++)
        map_add(by_id, plan->steps[i].id, &past[i]);
    for (size_t i = 0; i < value_count(entries); i++) {
        const struct value *entry = value_item(entries, i);
        const char *event = value_get_string(entry, "event");
        const char *id = value_get_string(entry, "step");
        enum past_state *step = id ? map_get(by_id, id) : NULL;
        if (strcmp(event, "rollback-ended") == 0)
            past_forget_publishing(plan, past);
        else if (step && strcmp(event, "step-started") == 0)
            *step = PAST_BEGUN;
        else if (step && strcmp(event, "step-ended") == 0)
            *step = past_of_result(value_get_string(entry, "result"));
        else if (step && strcmp(event, "step-undone") == 0)
            *step = PAST_NONE;
    }
    return past;
}

enum past_rollback past_rollback(const struct value *entries)
{
    enum past_rollback state = ROLLBACK_NONE;
    for (size_t i = 0; i < value_count(entries); i++) {
        const struct value *entry = value_item(entries, i);
        const char *event = value_get_string(entry, "event");
        const char *reason = value_get_string(entry, "reason");
        if (strcmp(event, "rollback-started") == 0)
            state =
                reason && strcmp(reason, "asked") == 0 ? ROLLBACK_GIVING_UP : ROLLBACK_PUTTING_BACK;
        else if (strcmp(event, "rollback-ended") == 0)
            state = state == ROLLBACK_GIVING_UP ? ROLLBACK_GIVEN_UP : ROLLBACK_PUT_BACK;
    }
    return state;
}

bool past_has_moved(const struct value *entries, const char *step)
{
    bool moved = false;
    for (size_t i = 0; i < value_count(entries); i++) {
        const struct value *entry = value_item(entries, i);
        const char *event = value_get_string(entry, "event");
        const char *of = value_get_string(entry, "step");
        if (strcmp(event, "rollback-ended") == 0)
            moved = false;
        else if (strcmp(event, "move") == 0 && (!step || (of && strcmp(of, step) == 0)))
            moved = true;
    }
    return moved;
}
