#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/diagnose.h"
#include "runtime/compare/report.h"

#define DEFAULT_JOBS 4
#define DEFAULT_ROWS 20
#define MOST_JOBS 64
#define MOST_ROWS 10000

static const struct error *compare_read_number(struct invocation *invocation, const char *option,
                                               int64_t least, int64_t most, int64_t *number)
{
    const char *text = invocation_value(invocation, option);
    char *end = NULL;
    if (!text)
        return NULL;
    errno = 0;
    long long read = strtoll(text, &end, 10);
    *number = read;
    if (errno == 0 && end != text && *end == '\0' && read >= least && read <= most)
        return NULL;
    return error_create(invocation->arena, OUTCOME_USAGE,
                        arena_format(invocation->arena, "a whole number from %lld to %lld",
                                     (long long)least, (long long)most),
                        "--%s %s is not possible", option, text);
}

static const struct error *compare_read_options(struct invocation *invocation,
                                                struct compare_options *options)
{
    int64_t jobs = DEFAULT_JOBS;
    options->rows = DEFAULT_ROWS;
    const struct error *error = compare_read_number(invocation, "jobs", 1, MOST_JOBS, &jobs);
    if (!error)
        error = compare_read_number(invocation, "rows", 0, MOST_ROWS, &options->rows);
    options->jobs = (int)jobs;
    options->strict = invocation_flag(invocation, "strict");
    options->upgrade = invocation_flag(invocation, "as-upgrade");
    options->ignored = invocation_values(invocation, "ignore", &options->ignored_count);
    return error;
}

static const struct error *compare_find(struct invocation *invocation, uv_loop_t *loop,
                                        struct compare_options *options)
{
    struct arena *arena = invocation->arena;
    const struct error *error = NULL;
    for (size_t i = 0; i < 2 && !error; i++) {
        struct diagnostics diagnostics = diagnostics_create(arena);
        error = compare_place_find(arena, loop, invocation_operand(invocation, i), &diagnostics,
                                   &options->places[i]);
        diagnose_tell(invocation, &diagnostics);
    }
    return error;
}

static void compare_print(struct invocation *invocation, const struct comparison *comparison)
{
    if (!compare_is_equal(comparison))
        invocation->outcome = OUTCOME_FAILED;
    if (invocation->json) {
        print_json(compare_value_of(invocation->arena, comparison), JSON_INDENTED);
        return;
    }
    struct buffer text = {0};
    compare_write(&text, comparison, &invocation->output);
    print_buffer(&text);
}

static const struct error *compare_run(struct invocation *invocation)
{
    struct compare_options options = {0};
    struct comparison *comparison = NULL;
    uv_loop_t loop;
    const struct error *error = compare_read_options(invocation, &options);
    if (error)
        return error;
    error = invocation_open_loop(invocation, &loop);
    if (error)
        return error;
    error = compare_find(invocation, &loop, &options);
    if (!error)
        error = compare_make(invocation->arena, &loop, &options, &comparison);
    uv_loop_close(&loop);
    if (!error)
        compare_print(invocation, comparison);
    return error;
}

static const struct option compare_options[] = {
    {.name = "as-upgrade",
     .help = "Y is the upgraded X: tell what was kept, renamed, has vanished or is new"},
    {.name = "ignore",
     .repeatable = true,
     .argument = "TABLE[.COLUMN]",
     .help = "leave this out, too; * stands for any text"},
    {.name = "strict", .help = "leave nothing out that differs by nature"},
    {.name = "rows",
     .argument = "NUMBER",
     .help = "how many rows that differ are shown of each table; default: 20"},
    {.name = "jobs",
     .argument = "NUMBER",
     .help = "how many sessions work on each server; default: 4"},
    {.name = "json", .help = "as JSON"},
    {.name = NULL},
};

const struct command command_compare = {
    .name = "compare",
    .operands = "X Y",
    .minimum = 2,
    .maximum = 2,
    .summary = "tell in what two databases differ",
    .description =
        "Compares definitions (tables, columns, constraints, indexes, sequences, views, "
        "functions), what Odoo has (modules, parameters, views, users and their groups, access "
        "rules), and the rows of every table: their number, and hashes that the servers compute, "
        "in whatever order the rows and columns are. Of tables that differ the rows that differ "
        "are shown, column by column. Both databases are only read, each as it is at one "
        "moment.\n\n"
        "X and Y each are a database's URI (postgresql://...), an environment file, whose source "
        "is meant (ENV or ENV:source) or whose working database (ENV:work), or a run folder, whose "
        "working database is meant under the name that it has now. Values of columns and "
        "parameters that hold passwords, keys and the like are not shown.\n\n"
        "What differs by nature is left out: when rows were written, Odoo's logs and messages "
        "between its servers, database.uuid and its like, the schema drehbuch; how far sequences "
        "have come is told and does not count. The exit code is 0 where all is equal and 1 where "
        "something differs or could not be read.\n\n"
        "With --as-upgrade tables are told by what has become of them, with their numbers of rows; "
        "columns, with how many values are lost; and modules. Renamed is only what Odoo knows to "
        "be the same model or field. The exit code is 1 where a table that had rows has vanished "
        "or one could not be read.",
    .example = "drehbuch compare plans/acme/test.yaml:work plans/acme/production.yaml",
    .options = compare_options,
    .run = compare_run,
};
