#include <stdio.h>

#include "cli/command.h"
#include "compiler/plan_diff.h"

static const struct error *diff_plans(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct compiled_plan *before = NULL, *after = NULL;
    const struct error *error = compiled_load(arena, invocation_operand(invocation, 0), &before);
    if (!error)
        error = compiled_load(arena, invocation_operand(invocation, 1), &after);
    if (error)
        return error;
    const struct plan_diff *diff = plan_diff_make(arena, before, after);
    invocation->outcome = plan_diff_is_empty(diff) ? OUTCOME_DONE : OUTCOME_FAILED;
    if (invocation->json) {
        print_json(plan_diff_value(arena, diff), JSON_INDENTED);
        return NULL;
    }
    struct buffer text = {0};
    plan_diff_write(&text, diff, &invocation->output);
    print_buffer(&text);
    return NULL;
}

static const struct option diff_options[] = {
    {.name = "json", .help = "as JSON"},
    {.name = NULL},
};

const struct command command_diff = {
    .name = "diff",
    .operands = "COMPILED COMPILED",
    .minimum = 2,
    .maximum = 2,
    .summary = "show how two compiled plans differ",
    .description =
        "Shows how the second compiled plan differs from the first: decisions and bindings, steps "
        "added, removed, changed, renamed and moved, with their texts, and how much of a rehearsal "
        "of "
        "the first stays valid. Ends with exit code 0 where both are the same plan, else with 1.",
    .example = "drehbuch diff approved/plan.json acme.json",
    .options = diff_options,
    .run = diff_plans,
};
