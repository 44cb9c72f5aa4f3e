/* What `inspect` and `init` have in common: looking at the environment's source. */
#ifndef CLI_LOOKING_H
#define CLI_LOOKING_H

#include "cli/command.h"
#include "runtime/inspect/inspection.h"

/* Their options, to stand in a list of them. */
#define LOOKING_OPTIONS                                                                            \
    {.name = "environment",                                                                        \
     .letter = 'e',                                                                                \
     .argument = "FILE",                                                                           \
     .help = "whose source to look at: an environment file"},                                      \
        {.name = "to",                                                                             \
         .argument = "VERSION",                                                                    \
         .help = "the target, like 19.0; default: the latest that the environment names an Odoo "  \
                 "of, else the one after the database's"},                                         \
    {                                                                                              \
        .name = "successors", .argument = "FILE",                                                  \
        .help = "a YAML file of modules that were renamed or merged, as "                          \
                "schemas/successors.schema.json describes it; it counts before OpenUpgrade's "     \
                "lists"                                                                            \
    }

/* Reads the options, the environment and its source. `exact`: all rows are counted. */
const struct error *looking_inspect(struct invocation *invocation, bool exact,
                                    struct inspection *inspection);

#endif
