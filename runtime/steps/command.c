/* `command`: a program of the plan's, by argument vector; by a shell only where the plan says so.
 */
#include <string.h>

#include "runtime/run.h"
#include "runtime/steps/child.h"
#include "runtime/steps/kinds.h"

static enum step_nature command_nature(const struct value *spec)
{
    const char *nature = value_get_string(spec, "nature");
    return nature && strcmp(nature, "repeatable") == 0 ? NATURE_REPEATABLE : NATURE_ONCE;
}

static const char *const *command_arguments(struct step_run *step)
{
    const char *shell = value_get_string(step->spec, "shell");
    if (!shell)
        return child_arguments(step->arena, value_get(step->spec, "command"));
    const char **arguments = arena_allocate(step->arena, 4 * sizeof *arguments);
    arguments[0] = "/bin/sh";
    arguments[1] = "-c";
    arguments[2] = shell;
    return arguments;
}

/* The plan's variables, and what a command may need to know of where it runs. */
static const char *const *command_environment(struct step_run *step)
{
    const struct value *wanted = value_get(step->spec, "environment");
    const struct run *run = step->run;
    size_t count = value_count(wanted), used = 0;
    const char **variables = arena_allocate(step->arena, (count + 5) * sizeof *variables);
    variables[used++] = arena_format(step->arena, "DREHBUCH_RUN=%s", run->id);
    variables[used++] = arena_format(step->arena, "DREHBUCH_MODE=%s", mode_name(run->mode));
    variables[used++] =
        arena_format(step->arena, "DREHBUCH_WORK_DATABASE=%s", run->environment->work.url);
    if (run->environment->work_filestore)
        variables[used++] = arena_format(step->arena, "DREHBUCH_WORK_FILESTORE=%s",
                                         run->environment->work_filestore);
    for (size_t i = 0; i < count; i++)
        variables[used++] = arena_format(step->arena, "%s=%s", wanted->as.object.members[i].key,
                                         value_as_string(wanted->as.object.members[i].value));
    return variables;
}

static void command_preflight(struct step_run *step)
{
    step_finish(step, child_find(step->arena, command_arguments(step)[0]), NULL);
}

static void command_start(struct step_run *step)
{
    child_start(step, command_arguments(step), command_environment(step));
}

const struct step_kind kind_command = {
    .name = "command",
    .resource = RESOURCE_DATABASE, /* it may do anything: nothing that writes runs beside it */
    .nature = command_nature,
    .preflight = command_preflight,
    .start = command_start,
    .cancel = child_cancel,
};
