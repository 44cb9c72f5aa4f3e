#include <stdio.h>

#include "cli/tidy.h"
#include "runtime/leftovers/table.h"

static void clean_show(struct invocation *invocation, const struct tidy *tidy)
{
    if (invocation->json) {
        print_json(leftovers_value(invocation->arena, &tidy->leftovers), JSON_INDENTED);
        return;
    }
    struct buffer text = {0};
    leftovers_write(&text, &tidy->leftovers, false, &invocation->output);
    buffer_format(&text, "%s could go%s\n", leftovers_sum(invocation->arena, &tidy->leftovers),
                  tidy->leftovers.count > 0 ? "; --remove removes what does not stay" : "");
    print_buffer(&text);
}

static const struct error *clean_run(struct invocation *invocation)
{
    struct tidy tidy = {0};
    const struct error *error = tidy_open(invocation, &tidy);
    if (error)
        return error;
    if (!invocation_flag(invocation, "remove"))
        clean_show(invocation, &tidy);
    else
        error = tidy_remove(invocation, &tidy);
    tidy_close(&tidy);
    return error;
}

static const struct option clean_options[] = {
    {.name = "environment",
     .letter = 'e',
     .argument = "FILE",
     .help = "where to look: an environment file"},
    {.name = "remove", .help = "remove what is listed, but for what stays"},
    {.name = "json", .help = "as JSON"},
    {.name = NULL},
};

const struct command command_clean = {
    .name = "clean",
    .operands = "",
    .summary = "show or remove what runs have left in an environment",
    .description =
        "Lists the working database and filestore, checkpoints, unfinished copies, restored dumps "
        "and "
        "old runs of an environment, and with --remove removes them. It sees only what drehbuch "
        "has "
        "made: a database by the comment on it, a folder by a marker in it, what is unfinished by "
        "a "
        "name that nobody else would choose.\n\n"
        "Published databases, results of production runs, production runs, approved ones and the "
        "latest stay.",
    .example = "drehbuch clean -e plans/acme/test.yaml",
    .options = clean_options,
    .run = clean_run,
};
