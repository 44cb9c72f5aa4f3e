#include "runtime/report/status.h"
#include "base/clock.h"
#include "cli/command.h"

static const struct error *status_run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct past_run run;
    const struct error *error = history_open(arena, invocation_operand(invocation, 0), &run);
    if (error)
        return error;
    if (invocation->json) {
        print_json(status_value(arena, &run, clock_now()), JSON_INDENTED);
        return NULL;
    }
    struct buffer text = {0};
    status_write(&text, &run, clock_now(), &invocation->output);
    print_buffer(&text);
    return NULL;
}

static const struct option status_options[] = {
    {.name = "json", .help = "the same for programs"},
    {.name = NULL},
};

const struct command command_status = {
    .name = "status",
    .operands = "[RUN]",
    .minimum = 0,
    .maximum = 1,
    .summary = "say how a run stands, step by step",
    .description = "Reads a run's folder; it may be running in another terminal, have ended, or "
                   "have been killed.\n\n"
                   "RUN is a run folder, or a folder of runs, whose latest is meant; default: "
                   "runs.",
    .example = "drehbuch status runs/latest",
    .options = status_options,
    .run = status_run,
};
