#include <stdio.h>

#include "cli/command.h"
#include "cli/diagnose.h"
#include "runtime/record.h"
#include "runtime/report/estimate.h"

static const struct error *estimate_load(struct invocation *invocation, struct compiled_plan **plan,
                                         struct environment **environment, struct value **record)
{
    struct arena *arena = invocation->arena;
    const char *rehearsal = invocation_value(invocation, "rehearsal");
    struct digest digest;
    if (!rehearsal)
        return error_create(arena, OUTCOME_USAGE,
                            "name the record (run.json) of a rehearsal with --rehearsal",
                            "estimate needs a rehearsal");
    const struct error *error = compiled_load(arena, invocation_operand(invocation, 0), plan);
    if (!error)
        error = diagnose_load_environment(invocation, NULL, environment);
    return error ? error : record_load(arena, rehearsal, record, &digest);
}

static const struct error *estimate_run(struct invocation *invocation)
{
    struct compiled_plan *plan = NULL;
    struct environment *environment = NULL;
    struct value *record = NULL;
    struct estimate estimate;
    uv_loop_t loop;
    const struct error *error = estimate_load(invocation, &plan, &environment, &record);
    if (error)
        return error;
    error = invocation_open_loop(invocation, &loop);
    if (error)
        return error;
    error = estimate_make(invocation->arena, &loop, plan, environment, record, &estimate);
    uv_loop_close(&loop);
    if (error)
        return error;
    if (invocation->json) {
        print_json(estimate_value(invocation->arena, &estimate), JSON_INDENTED);
        return NULL;
    }
    struct buffer text = {0};
    estimate_write(&text, &estimate);
    print_buffer(&text);
    return NULL;
}

static const struct option estimate_options[] = {
    {.name = "environment",
     .letter = 'e',
     .argument = "FILE",
     .help = "where it is to be run: an environment file"},
    {.name = "rehearsal",
     .argument = "FILE",
     .help = "record (run.json) of the rehearsal that tells how long each step takes"},
    {.name = "json", .help = "as JSON"},
    {.name = NULL},
};

const struct command command_estimate = {
    .name = "estimate",
    .operands = "COMPILED",
    .minimum = 1,
    .maximum = 1,
    .summary = "say beforehand how long a run will take, and what takes longest",
    .description =
        "Takes each step's duration from a rehearsal; what works on the database or on files is "
        "expected to take so much longer as the environment's source is larger than the "
        "rehearsal's "
        "was. Steps that were not rehearsed, as they are for production only, are named: what is "
        "told "
        "is then the least. The source is only asked for its size.",
    .example = "drehbuch estimate acme.json -e plans/acme/production.yaml --rehearsal "
               "runs/latest-test/run.json",
    .options = estimate_options,
    .run = estimate_run,
};
