/* `command`: a program of the plan's, by argument vector; by a shell only where the plan says so.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/process.h"
#include "runtime/steps/kinds.h"

#define GRACE 10000 /* milliseconds from SIGTERM to SIGKILL */

struct command {
    struct process *process;
    const char *last_line; /* of standard error */
    bool stopped;          /* by us: then it has not done all, whatever it says */
};

static enum step_nature command_nature(const struct value *spec)
{
    const char *nature = value_get_string(spec, "nature");
    return nature && strcmp(nature, "repeatable") == 0 ? NATURE_REPEATABLE : NATURE_ONCE;
}

static void command_take_line(void *context, int stream, const char *line)
{
    struct step_run *step = context;
    struct command *command = step->state;
    step_log(step, "%s", line);
    if (stream == 2 && line[0] != '\0')
        command->last_line = arena_copy(step->arena, line);
}

static void command_ended(void *context, const struct error *error, int64_t exit_code, int signal)
{
    struct step_run *step = context;
    const struct command *command = step->state;
    struct value *effects = NULL;
    if (!error) {
        effects = value_object(step->arena);
        value_set(step->arena, effects, "exit_code", value_integer(step->arena, exit_code));
    }
    if (!error && command->stopped && exit_code == 0)
        error = error_create(step->arena, OUTCOME_INTERRUPTED, NULL,
                             "it was asked to stop, and ended with exit code 0");
    if (!error && (exit_code != 0 || signal != 0))
        error = error_create(
            step->arena, OUTCOME_FAILED, "see the step's log", "the command ended with %s %lld%s%s",
            signal ? "signal" : "exit code", signal ? (long long)signal : (long long)exit_code,
            command->last_line ? ": " : "", command->last_line ? command->last_line : "");
    step_finish(step, error, effects);
}

static const char *const *command_arguments(struct step_run *step)
{
    const char *shell = value_get_string(step->spec, "shell");
    const struct value *words = value_get(step->spec, "command");
    const char **arguments =
        arena_allocate(step->arena, (value_count(words) + 4) * sizeof *arguments);
    if (shell) {
        arguments[0] = "/bin/sh";
        arguments[1] = "-c";
        arguments[2] = shell;
    }
    for (size_t i = 0; i < value_count(words); i++)
        arguments[i] = value_as_string(value_item(words, i));
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

/* Whether the program is there: as it is named, or in one of PATH's folders. */
static bool command_is_there(struct arena *arena, const char *program)
{
    const char *path = getenv("PATH");
    if (strchr(program, '/'))
        return access(program, X_OK) == 0;
    for (size_t length; path && *path; path += length + (path[length] == ':')) {
        length = strcspn(path, ":");
        const char *folder = length > 0 ? arena_copy_bytes(arena, path, length) : ".";
        if (access(file_join(arena, folder, program), X_OK) == 0)
            return true;
    }
    return false;
}

static void command_preflight(struct step_run *step)
{
    const char *program = command_arguments(step)[0];
    const struct error *error = NULL;
    if (!command_is_there(step->arena, program))
        error = error_create(step->arena, OUTCOME_FAILED, "install it, or correct the plan",
                             "the program %s is not there", program);
    step_finish(step, error, NULL);
}

static void command_start(struct step_run *step)
{
    struct command *command = arena_allocate(step->arena, sizeof *command);
    step->state = command;
    command->process =
        process_start(step->run->loop, step->arena,
                      (struct process_options){.arguments = command_arguments(step),
                                               .environment = command_environment(step),
                                               .line = command_take_line,
                                               .ended = command_ended,
                                               .context = step});
}

static void command_cancel(struct step_run *step)
{
    struct command *command = step->state;
    command->stopped = process_stop(command->process, GRACE);
}

const struct step_kind kind_command = {
    .name = "command",
    .resource = RESOURCE_DATABASE, /* it may do anything: nothing that writes runs beside it */
    .nature = command_nature,
    .preflight = command_preflight,
    .start = command_start,
    .cancel = command_cancel,
};
