#include <stdio.h>
#include <string.h>

#include "base/notation.h"
#include "cli/command.h"
#include "cli/diagnose.h"
#include "compiler/plan_diff.h"
#include "runtime/diff/diff.h"

#define ROWS_DEFAULT 20
#define LIMIT_DEFAULT 10000

static const struct error *diff_read_count(const struct invocation *invocation, const char *option,
                                           int64_t fallback, int64_t *count)
{
    const char *text = invocation_value(invocation, option);
    struct range range = {0};
    *count = fallback;
    if (!text)
        return NULL;
    bool whole = text[0] && strspn(text, "0123456789") == strlen(text);
    if (whole && notation_read_range(text, &range)) {
        *count = range.minimum;
        return NULL;
    }
    return error_create(invocation->arena, OUTCOME_USAGE, "give a whole number",
                        "--%s %s is no number of rows", option, text);
}

static const struct error *diff_read_time(const struct invocation *invocation, const char *option,
                                          int64_t fallback, int64_t *milliseconds)
{
    const char *text = invocation_value(invocation, option);
    *milliseconds = fallback;
    if (!text || notation_read_duration(text, milliseconds))
        return NULL;
    return error_create(invocation->arena, OUTCOME_USAGE, "write 500ms, 5s or 2m",
                        "--%s %s is no duration", option, text);
}

static const struct error *diff_read_options(struct invocation *invocation,
                                             struct diff_request *request)
{
    struct place_choice *choice = &request->choice;
    choice->on = invocation_value(invocation, "on");
    choice->live = invocation_flag(invocation, "live");
    choice->copy = invocation_flag(invocation, "copy");
    if ((choice->on != NULL) + choice->live + choice->copy > 1)
        return error_create(invocation->arena, OUTCOME_USAGE, "choose one of them",
                            "--on, --live and --copy exclude each other");
    const struct error *error = diff_read_count(invocation, "rows", ROWS_DEFAULT, &request->rows);
    if (!error)
        error = diff_read_count(invocation, "limit", LIMIT_DEFAULT, &choice->row_limit);
    if (!error)
        error = diff_read_time(invocation, "statement-timeout", 5000, &choice->statement_timeout);
    if (!error)
        error = diff_read_time(invocation, "lock-timeout", 500, &choice->lock_timeout);
    if (!error)
        error = diff_read_time(invocation, "idle-timeout", 10000, &choice->idle_timeout);
    return error ? error : diff_read_time(invocation, "time-limit", 60000, &choice->time_limit);
}

static const struct error *diff_load(struct invocation *invocation, struct diff_request *request)
{
    struct arena *arena = invocation->arena;
    struct compiled_plan *plan = NULL;
    struct environment *environment = NULL;
    const struct error *error = compiled_load(arena, invocation_operand(invocation, 0), &plan);
    if (!error)
        error = diagnose_load_environment(invocation, plan, &environment);
    request->plan = plan;
    request->environment = environment;
    return error;
}

static const struct error *diff_environment(struct invocation *invocation)
{
    struct diff_request request = {0};
    struct value *document = NULL;
    uv_loop_t loop;
    const struct error *error = diff_read_options(invocation, &request);
    if (!error)
        error = diff_load(invocation, &request);
    if (error)
        return error;
    error = invocation_open_loop(invocation, &loop);
    if (error)
        return error;
    error = diff_make(invocation->arena, &loop, &request, &document);
    uv_loop_close(&loop);
    if (error)
        return error;
    if (diff_has_failures(document))
        invocation->outcome = OUTCOME_FAILED;
    if (invocation->json) {
        print_json(document, JSON_INDENTED);
        return NULL;
    }
    struct buffer text = {0};
    diff_write(&text, document, &invocation->output);
    print_buffer(&text);
    return NULL;
}

/* Exit code 1 where they differ, as `diff` has it. */
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

static const struct error *diff_run(struct invocation *invocation)
{
    const char *environment = invocation_value(invocation, "environment");
    if (invocation->operand_count == 2 && !environment)
        return diff_plans(invocation);
    if (invocation->operand_count == 1 && environment)
        return diff_environment(invocation);
    return error_create(invocation->arena, OUTCOME_USAGE,
                        "name two compiled plans, or one and an environment with --environment",
                        environment ? "a dry run is of one compiled plan"
                                    : "diff needs an environment, or a second compiled plan");
}

static const struct option diff_options[] = {
    {.name = "environment",
     .letter = 'e',
     .argument = "FILE",
     .help = "where it is to be run: an environment file"},
    {.name = "on",
     .argument = "FOLDER",
     .help = "try it in the working database of an earlier run: its folder, or its id"},
    {.name = "live", .help = "try it inside of the source itself, carefully"},
    {.name = "copy", .help = "try it on a scratch copy of the source, also where that is large"},
    {.name = "rows", .argument = "N", .help = "changed rows to show of a table; default: 20"},
    {.name = "limit",
     .argument = "N",
     .help = "with --live: a step that changes more rows is given up; 0: none is; default: 10000"},
    {.name = "statement-timeout",
     .argument = "TIME",
     .help = "with --live: a step that takes longer is given up; default: 5s"},
    {.name = "lock-timeout",
     .argument = "TIME",
     .help = "with --live: how long to wait for others' locks; default: 500ms"},
    {.name = "idle-timeout",
     .argument = "TIME",
     .help = "with --live: the server ends the dry run if nothing comes for so long; default: 10s"},
    {.name = "time-limit",
     .argument = "TIME",
     .help = "with --live: how long the whole may last; no step is begun afterwards; default: 1m"},
    {.name = "json", .help = "as JSON"},
    {.name = NULL},
};

const struct command command_diff = {
    .name = "diff",
    .operands = "COMPILED [COMPILED]",
    .minimum = 1,
    .maximum = 2,
    .summary = "say what a plan would change (the dry run), or how two plans differ",
    .description =
        "With an environment: tells modules, settings, records and views old and new, and tries "
        "the SQL in a "
        "transaction that is always rolled back: rows by table as PostgreSQL counts them, and the "
        "changed rows themselves. What cannot be predicted is named, with what is known of it.\n\n"
        "It is tried on a scratch copy of the source that is made for it and dropped again, where "
        "source and working database are on one server, nobody is connected to the source, and "
        "that has at most 20 GB (with --copy: any size). Elsewhere choose --on or --live. Exit "
        "code 1: a step failed, or what it expects does not "
        "hold.\n\n"
        "Of two compiled plans: how the second differs from the first: decisions and bindings, "
        "steps "
        "added, removed, changed, renamed and moved, with their texts, and how much of a rehearsal "
        "of "
        "the first stays valid. Exit code 1: they differ.",
    .example = "drehbuch diff acme.json -e plans/acme/test.yaml",
    .options = diff_options,
    .run = diff_run,
};
