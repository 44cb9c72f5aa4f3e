#include "runtime/steps/child.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/process.h"
#include "runtime/run.h"

#define GRACE 10000 /* milliseconds from SIGTERM to SIGKILL */

struct child {
    struct process *process;
    const char *last_line; /* of standard error */
    bool stopped;          /* by us: then it has not done all, whatever it says */
};

static bool child_is_there(struct arena *arena, const char *program)
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

const struct error *child_find(struct arena *arena, const char *program)
{
    if (child_is_there(arena, program))
        return NULL;
    return error_create(arena, OUTCOME_FAILED, "install it, or correct what names it",
                        "the program %s is not there", program);
}

const char *const *child_arguments(struct arena *arena, const struct value *words)
{
    size_t count = value_count(words);
    const char **arguments = arena_allocate(arena, (count + 1) * sizeof *arguments);
    for (size_t i = 0; i < count; i++)
        arguments[i] = value_as_string(value_item(words, i));
    return arguments;
}

static void child_take_line(void *context, int stream, const char *line)
{
    struct step_run *step = context;
    struct child *child = step->state;
    step_log(step, "%s", line);
    if (stream == 2 && line[0] != '\0')
        child->last_line = arena_copy(step->arena, line);
}

static void child_ended(void *context, const struct error *error, int64_t exit_code, int signal)
{
    struct step_run *step = context;
    const struct child *child = step->state;
    struct value *effects = NULL;
    if (!error) {
        effects = value_object(step->arena);
        value_set(step->arena, effects, "exit_code", value_integer(step->arena, exit_code));
    }
    if (!error && child->stopped && exit_code == 0)
        error = error_create(step->arena, OUTCOME_INTERRUPTED, NULL,
                             "it was asked to stop, and ended with exit code 0");
    if (!error && (exit_code != 0 || signal != 0))
        error = error_create(
            step->arena, OUTCOME_FAILED, "see the step's log", "the command ended with %s %lld%s%s",
            signal ? "signal" : "exit code", signal ? (long long)signal : (long long)exit_code,
            child->last_line ? ": " : "", child->last_line ? child->last_line : "");
    step_finish(step, error, effects);
}

void child_start(struct step_run *step, const char *const *arguments, const char *const *variables)
{
    struct child *child = arena_allocate(step->arena, sizeof *child);
    step->state = child;
    child->process = process_start(step->run->loop, step->arena,
                                   (struct process_options){.arguments = arguments,
                                                            .environment = variables,
                                                            .line = child_take_line,
                                                            .ended = child_ended,
                                                            .context = step});
}

void child_cancel(struct step_run *step)
{
    struct child *child = step->state;
    child->stopped = process_stop(child->process, GRACE);
}
