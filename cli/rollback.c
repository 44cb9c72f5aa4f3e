#include "cli/perform.h"
#include "runtime/report/history.h"

static const struct error *rollback_run(struct invocation *invocation)
{
    const char *folder;
    const struct error *error =
        history_find(invocation->arena, invocation_operand(invocation, 0), &folder);
    struct executor_options options = {0};
    return error ? error : perform_rollback(invocation, folder, &options);
}

static const struct option rollback_options[] = {
    {.name = "json", .help = "what happens as JSON lines"},
    {.name = NULL},
};

const struct command command_rollback = {
    .name = "rollback",
    .operands = "RUN",
    .minimum = 1,
    .maximum = 1,
    .summary = "give a run up: take back what it has published",
    .description =
        "Gives the databases and filestores the names back that they had before the run published "
        "its result, and starts the service on them; also where the run has only stopped the "
        "service so far. Nothing is removed: the upgraded database is the working database again. "
        "What was entered into it since is in it, and not in the one that is put back.\n\n"
        "RUN is a run folder, or a folder of runs, whose latest is meant. A run that was given up "
        "cannot be resumed. Where something is in the way the command says what; called again it "
        "goes on.",
    .example = "drehbuch rollback runs/latest-production",
    .options = rollback_options,
    .run = rollback_run,
};
