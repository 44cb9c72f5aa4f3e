#include <stdint.h>
#include <stdio.h>

#include "cli/diagnose.h"
#include "compiler/compile.h"

/* What one plan was found to be; says so to people. */
static const struct error *check_plan(struct invocation *invocation, const char *path, bool talks,
                                      struct diagnostics *diagnostics)
{
    struct compilation *compilation;
    const struct error *error = compile_file(
        invocation->arena, path, invocation_value(invocation, "root"), diagnostics, &compilation);
    if (!error && talks && compilation)
        printf("%s: good, %zu steps\n", path, compile_step_count(compilation));
    return error;
}

static const struct error *check_run(struct invocation *invocation)
{
    bool sarif = invocation_flag(invocation, "sarif");
    bool talks = !sarif && !invocation->json;
    struct diagnostics diagnostics = diagnostics_create(invocation->arena);
    for (size_t i = 0; i < invocation->operand_count; i++) {
        const struct error *error =
            check_plan(invocation, invocation->operands[i], talks, &diagnostics);
        if (error)
            return error;
    }
    if (sarif)
        diagnose_print_sarif(&diagnostics);
    else if (invocation->json)
        diagnose_print_json(&diagnostics);
    else
        diagnose_print_text(&diagnostics, stdout, &invocation->output);
    if (talks && diagnostics.count > 0)
        printf("%s; `drehbuch explain NAME` says more of each\n",
               diagnose_count(invocation->arena, &diagnostics));
    if (diagnostics.error_count > 0)
        invocation->outcome = OUTCOME_INVALID;
    return NULL;
}

static const struct option check_options[] = {
    {.name = "json", .help = "what is wrong as JSON"},
    {.name = "sarif", .help = "what is wrong as SARIF 2.1.0, for code scanning"},
    {.name = "root",
     .argument = "FOLDER",
     .help = "the folder that no file of the plan may lie outside of; default: the one that holds "
             "the folder `plans` above the plan, else the plan's own"},
    {.name = NULL},
};

const struct command command_check = {
    .name = "check",
    .operands = "PLAN...",
    .minimum = 1,
    .maximum = SIZE_MAX,
    .summary = "say what is wrong with plans",
    .description =
        "Reads plans and all files they name, and reports everything that is wrong in one go: "
        "where, what, and what to do. Touches no network and no database.\n\n"
        "Ends with exit code 3 where there is an error, with 0 where there are only warnings.",
    .example = "drehbuch check plans/acme/plan.yaml",
    .options = check_options,
    .run = check_run,
};
