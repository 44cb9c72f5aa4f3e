#include "runtime/odoo/command.h"

#include <string.h>

#include "runtime/odoo/log.h"
#include "runtime/postgres/strangers.h"
#include "runtime/process.h"
#include "runtime/run.h"

#define GRACE 10000 /* milliseconds from SIGTERM to SIGKILL */

struct odoo_command {
    struct step_run *step;
    struct process *process;
    struct odoo_log *log;
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
    odoo_log_take(command->log, line);
}

static void command_show_progress(void *context, const char *text)
{
    const struct odoo_command *command = context;
    step_progress(command->step, "%s", text);
}

void odoo_command_describe(const struct odoo_command *command, struct value *effects)
{
    odoo_log_describe(command->log, command->step->arena, effects);
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
    return error ? error : odoo_log_judge(command->log, arena, exit_code, signal);
}

/* What did not end well may live on behind docker or ssh: without its connections it cannot do
 * anything any more. */
static void command_process_ended(void *context, const struct error *error, int64_t exit_code,
                                  int signal)
{
    struct odoo_command *command = context;
    command->process = NULL;
    odoo_log_end(command->log);
    command->error = command_judge(command, error, exit_code, signal);
    const char *warning = odoo_log_warning(command->log, command->step->arena);
    if (!command->error && warning)
        step_warn(command->step, "%s", warning);
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
    command->log = odoo_log_create(
        step->arena, step->run->environment->known_errors, value_get(step->spec, "modules"),
        (struct odoo_log_listener){.progress = command_show_progress, .context = command});
    const struct installation *installation = map_get(step->run->environment->odoo, series);
    call.database = step->run->environment->work.name;
    const char *const *arguments = installation_arguments(step->arena, installation, call);
    step_log(step, "starting odoo %s", series);
    command->process =
        process_start(step->run->loop, step->arena,
                      (struct process_options){.arguments = arguments,
                                               .environment = installation_environment,
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
