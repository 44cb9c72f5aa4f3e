#include "runtime/steps/program.h"

#include <string.h>

#include "base/buffer.h"
#include "runtime/known_errors.h"
#include "runtime/postgres/conninfo.h"
#include "runtime/run.h"

#define GRACE 10000 /* milliseconds from SIGTERM to SIGKILL */

struct program {
    struct step_run *step;
    struct process *process;
    const char *name;
    void *context;
    program_ended *ended;
    struct known_seen *seen;
    bool goes_on; /* after an error, and ends as if there had been none: psql */
    struct buffer last_error;
    int error_count;
    int harmless_count;
    int64_t exit_code;
};

/* What the server complains of is in capitals where psql passes it on. */
static bool program_tells_error(const struct program *program, const char *line)
{
    return strstr(line, "error:") ||
           (program->goes_on && (strstr(line, "ERROR:") || strstr(line, "FATAL:")));
}

/* What is known to be harmless is no error. */
static void program_take_line(void *context, int stream, const char *line)
{
    struct program *program = context;
    bool found = false;
    step_log(program->step, "%s: %s", program->name, line);
    if (stream != 2)
        return;
    enum known_severity severity =
        known_seen_take(program->seen, line, strlen(line), false, &found);
    if (!program_tells_error(program, line))
        return;
    if (found && severity == KNOWN_HARMLESS) {
        program->harmless_count++;
        return;
    }
    program->error_count++;
    if (program->goes_on && program->error_count > 1)
        return; /* it comes of the first one */
    buffer_clear(&program->last_error);
    buffer_append_string(&program->last_error, line);
    if (program->goes_on)
        process_stop(program->process, GRACE);
}

static void program_release(void *object)
{
    struct program *program = object;
    buffer_release(&program->last_error);
}

static void program_process_ended(void *context, const struct error *error, int64_t exit_code,
                                  int signal)
{
    struct program *program = context;
    struct arena *arena = program->step->arena;
    program->exit_code = exit_code;
    const char *help = known_seen_help(arena, program->seen);
    if (!error && program->goes_on && program->error_count > 0)
        error = error_create(arena, OUTCOME_FAILED, help ? help : "see the step's log", "%s",
                             buffer_string(&program->last_error));
    else if (!error && (exit_code != 0 || signal != 0))
        error = error_create(
            arena, OUTCOME_FAILED, help ? help : "see the step's log", "%s ended with %s %lld%s%s",
            program->name, signal ? "signal" : "exit code",
            signal ? (long long)signal : (long long)exit_code,
            program->last_error.length > 0 ? ": " : "", buffer_string(&program->last_error));
    program->ended(program, error);
}

struct program *program_start(struct step_run *step, const char *const *arguments,
                              const struct database_address *address, void *context,
                              program_ended *ended)
{
    struct program *program = arena_allocate(step->arena, sizeof *program);
    const char *slash = strrchr(arguments[0], '/');
    *program = (struct program){
        .step = step, .name = slash ? slash + 1 : arguments[0], .context = context, .ended = ended};
    program->seen = known_seen_create(step->arena, step->run->environment->known_errors,
                                      known_origin_of(program->name));
    program->goes_on = strcmp(program->name, "psql") == 0;
    arena_on_destroy(step->arena, program_release, program);
    step_log(step, "starting %s", arguments[0]);
    program->process = process_start(
        step->run->loop, step->arena,
        (struct process_options){.arguments = arguments,
                                 .environment = conninfo_environment(step->arena, address),
                                 .line = program_take_line,
                                 .ended = program_process_ended,
                                 .context = program});
    return program;
}

struct step_run *program_step(const struct program *program)
{
    return program->step;
}

void *program_context(const struct program *program)
{
    return program->context;
}

int program_error_count(const struct program *program)
{
    return program->error_count;
}

int program_harmless_count(const struct program *program)
{
    return program->harmless_count;
}

int64_t program_exit_code(const struct program *program)
{
    return program->exit_code;
}

void program_stop(struct program *program)
{
    process_stop(program->process, GRACE);
}
