#include "runtime/odoo/command.h"

#include <string.h>

#include "runtime/postgres/strangers.h"
#include "runtime/process.h"
#include "runtime/run.h"

#define GRACE 10000 /* milliseconds from SIGTERM to SIGKILL */

struct odoo_command {
    struct step_run *step;
    struct process *process;
    void *context;
    odoo_command_ended *ended;
    bool stopped;
    const struct error *error;
};

struct step_run *odoo_command_step(const struct odoo_command *command)
{
    return command->step;
}

void *odoo_command_context(const struct odoo_command *command)
{
    return command->context;
}

static void command_take_line(void *context, int stream, const char *line)
{
    struct odoo_command *command = context;
    (void)stream;
    step_log(command->step, "odoo: %s", line);
}

static void command_strangers_ended(void *context, const struct error *error)
{
    struct odoo_command *command = context;
    if (error)
        step_warn(command->step, "%s", error->message);
    command->ended(command, command->error);
}

static const struct error *command_judge(struct odoo_command *command, const struct error *error,
                                         int64_t exit_code, int signal)
{
    struct arena *arena = command->step->arena;
    if (command->stopped)
        return error_create(arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    if (error || (exit_code == 0 && signal == 0))
        return error;
    return error_create(arena, OUTCOME_FAILED, "see the step's log", "Odoo ended with %s %lld",
                        signal ? "signal" : "exit code",
                        signal ? (long long)signal : (long long)exit_code);
}

/* What did not end well may live on behind docker or ssh: without its connections it cannot do
 * anything any more. */
static void command_process_ended(void *context, const struct error *error, int64_t exit_code,
                                  int signal)
{
    struct odoo_command *command = context;
    command->process = NULL;
    command->error = command_judge(command, error, exit_code, signal);
    if (command->error)
        strangers_end(command->step->run, command_strangers_ended, command);
    else
        command->ended(command, NULL);
}

struct odoo_command *odoo_command_start(struct step_run *step, const char *series,
                                        struct installation_call call, void *context,
                                        odoo_command_ended *ended)
{
    struct odoo_command *command = arena_allocate(step->arena, sizeof *command);
    *command = (struct odoo_command){.step = step, .context = context, .ended = ended};
    const struct installation *installation = map_get(step->run->environment->odoo, series);
    call.database = step->run->environment->work.name;
    const char *const *arguments = installation_arguments(step->arena, installation, call);
    step_log(step, "starting odoo %s", series);
    command->process = process_start(step->run->loop, step->arena,
                                     (struct process_options){.arguments = arguments,
                                                              .line = command_take_line,
                                                              .ended = command_process_ended,
                                                              .context = command});
    return command;
}

void odoo_command_stop(struct odoo_command *command)
{
    command->stopped = true;
    if (command->process)
        process_stop(command->process, GRACE);
}
