#include <string.h>

#include "cli/perform.h"

static const struct error *run_run(struct invocation *invocation)
{
    const char *environment = invocation_value(invocation, "environment");
    if (!environment)
        return error_create(invocation->arena, OUTCOME_USAGE,
                            "name the environment file with --environment",
                            "run needs an environment");
    const char *compiled = invocation_operand(invocation, 0);
    size_t length = strlen(compiled);
    if (length > 5 && strcmp(compiled + length - 5, ".yaml") == 0)
        return error_create(invocation->arena, OUTCOME_USAGE,
                            "compile it first with `drehbuch compile`, and run the file it writes",
                            "%s is a plan, not a compiled plan", compiled);
    struct executor_options options = {
        .approval = invocation_value(invocation, "approval"),
        .rehearsal = invocation_value(invocation, "rehearsal"),
        .unapproved = invocation_value(invocation, "unapproved"),
        .changed_addons = invocation_value(invocation, "changed-addons"),
        .fresh = invocation_flag(invocation, "fresh"),
        .stale = invocation_flag(invocation, "stale"),
        .changed_source = invocation_value(invocation, "changed-source"),
        .confirm_manual = invocation_flag(invocation, "confirm-manual"),
        .deep = invocation_flag(invocation, "deep"),
    };
    return perform_run(invocation, compiled, environment, &options);
}

static const struct option run_options[] = {
    {.name = "environment",
     .letter = 'e',
     .argument = "FILE",
     .help = "where to run it: an environment file"},
    {.name = "rehearsal",
     .argument = "FILE",
     .help = "record (run.json) of the rehearsal: tells how long each step takes, and what "
             "production is compared with; default: the one beside the approval"},
    {.name = "approval",
     .argument = "FILE",
     .help = "the approval that production needs; default: approval.json beside the rehearsal's "
             "record"},
    {.name = "unapproved",
     .argument = "REASON",
     .help = "run in production without an approval; the reason is written into the record"},
    {.name = "changed-addons",
     .argument = "REASON",
     .help = "go on in production although modules' code is not what was rehearsed; the reason is "
             "written into the record"},
    {.name = "fresh",
     .help =
         "rehearse from the source, not from a checkpoint: only such a rehearsal can be approved"},
    {.name = "stale",
     .help = "begin from a checkpoint also where the source has changed since it was kept"},
    {.name = "changed-source",
     .argument = "REASON",
     .help = "publish in production although the source has changed since it was copied, and lose "
             "that; the reason is written into the record"},
    {.name = "confirm-manual",
     .help = "the plan's manual steps are done or will be: do not ask for each"},
    {.name = "deep",
     .help = "read every file of the working filestore to find out whether it is what it was, "
             "instead of a sample"},
    {.name = "json", .help = "what happens as JSON lines"},
    {.name = NULL},
};

const struct command command_run = {
    .name = "run",
    .operands = "COMPILED",
    .minimum = 1,
    .maximum = 1,
    .summary = "perform a compiled plan: rehearse it, or do it in production",
    .description =
        "Copies the environment's source database and performs every step of the plan on the copy. "
        "What can be found out before the first change is found out first; the source is only "
        "read.\n\n"
        "An environment of mode `test` makes a rehearsal. One of mode `production` runs only a "
        "plan that was rehearsed successfully and approved.\n\n"
        "Ctrl-C stops the running steps and leaves a run that `drehbuch resume` goes on with; so "
        "does anything else that ends it early.",
    .example = "drehbuch run acme.json -e plans/acme/test.yaml",
    .options = run_options,
    .run = run_run,
};
