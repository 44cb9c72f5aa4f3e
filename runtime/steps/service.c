/* `service.stop` and `service.start`: the live server, by the environment's commands.
 *
 * Stopping is taken back by starting, and the other way round. */
#include "base/shell_word.h"
#include "runtime/run.h"
#include "runtime/steps/child.h"
#include "runtime/steps/kinds.h"

static const struct value *service_command(const struct step_run *step, const char *which)
{
    return value_get(value_get(step->run->environment->publish, "service"), which);
}

static const char *service_skip(const struct step_run *step)
{
    if (!step->run->environment->publish)
        return "the environment names no place to publish to";
    return service_command(step, "stop") ? NULL : "the environment names no service";
}

/* The command as somebody would type it. */
static const char *service_line(struct arena *arena, const struct value *words)
{
    const char *line = "";
    for (size_t i = 0; i < value_count(words); i++)
        line = arena_format(arena, "%s%s%s", line, i > 0 ? " " : "",
                            shell_word_quote(arena, value_as_string(value_item(words, i))));
    return line;
}

static void service_preflight(struct step_run *step)
{
    const struct error *error =
        child_find(step->arena, value_as_string(value_item(service_command(step, "stop"), 0)));
    if (!error)
        error =
            child_find(step->arena, value_as_string(value_item(service_command(step, "start"), 0)));
    step_finish(step, error, NULL);
}

static void service_perform(struct step_run *step, const char *which, const char *reverse)
{
    struct arena *arena = step->arena;
    const struct value *command = service_command(step, which);
    const struct error *error = step_note_move(step, service_line(arena, command),
                                               service_line(arena, service_command(step, reverse)));
    if (error)
        step_finish(step, error, NULL);
    else
        child_start(step, child_arguments(arena, command), NULL);
}

static void service_stop(struct step_run *step)
{
    service_perform(step, "stop", "start");
}

static void service_start(struct step_run *step)
{
    service_perform(step, "start", "stop");
}

const struct step_kind kind_service_stop = {
    .name = "service.stop",
    .resource = RESOURCE_SERVICE,
    .nature = nature_repeatable,
    .skip = service_skip,
    .preflight = service_preflight,
    .start = service_stop,
    .cancel = child_cancel,
    .undo = service_start,
};

const struct step_kind kind_service_start = {
    .name = "service.start",
    .resource = RESOURCE_SERVICE,
    .nature = nature_repeatable,
    .skip = service_skip,
    .preflight = service_preflight,
    .start = service_start,
    .cancel = child_cancel,
    .undo = service_stop,
};
