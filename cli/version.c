#include <stdio.h>

#include "cli/command.h"

static const struct error *version_run(struct invocation *invocation)
{
    if (!invocation->json) {
        puts("drehbuch " DREHBUCH_VERSION);
        return NULL;
    }
    struct value *document = value_object(invocation->arena);
    value_set(invocation->arena, document, "name", value_string(invocation->arena, "drehbuch"));
    value_set(invocation->arena, document, "version",
              value_string(invocation->arena, DREHBUCH_VERSION));
    print_json(document, JSON_COMPACT);
    return NULL;
}

static const struct option version_options[] = {
    {.name = "json", .help = "as JSON"},
    {.name = NULL},
};

const struct command command_version = {
    .name = "version",
    .operands = "",
    .summary = "show the program's version",
    .description = "Shows the program's name and version.",
    .example = "drehbuch version",
    .options = version_options,
    .run = version_run,
};
