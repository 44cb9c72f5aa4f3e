#include <stdio.h>
#include <string.h>

#include "base/notation.h"
#include "cli/command.h"
#include "cli/looking.h"
#include "runtime/inspect/report.h"

static void inspect_print(struct invocation *invocation, const struct inspection *inspection)
{
    const char *format = invocation_value(invocation, "format");
    bool all = invocation_flag(invocation, "all");
    struct buffer text = {0};
    if (invocation->json || (format && strcmp(format, "json") == 0)) {
        print_json(inspection_value(invocation->arena, inspection), JSON_INDENTED);
        return;
    }
    if (format && strcmp(format, "csv") == 0)
        inspection_write_csv(&text, inspection);
    else if (format && strcmp(format, "markdown") == 0)
        inspection_write_markdown(&text, inspection, all);
    else
        inspection_write(&text, inspection, all, &invocation->output);
    print_buffer(&text);
}

static const struct error *inspect_run(struct invocation *invocation)
{
    struct inspection inspection;
    const struct error *error =
        looking_inspect(invocation, invocation_flag(invocation, "exact"), &inspection);
    if (!error)
        inspect_print(invocation, &inspection);
    return error;
}

static const struct option inspect_options[] = {
    LOOKING_OPTIONS,
    {.name = "exact",
     .help =
         "count the rows of Odoo's own modules, too, instead of asking the server's statistics"},
    {.name = "all", .help = "every module, not only those of third parties that are installed"},
    {.name = "format",
     .argument = "table|csv|markdown|json",
     .help = "what to write; csv and json have every module; default: table"},
    {.name = "json", .help = "the same as --format json"},
    {.name = NULL},
};

const struct command command_inspect = {
    .name = "inspect",
    .operands = "",
    .summary = "list a database's modules and what an upgrade has to do about them",
    .description =
        "Reads the environment's source and tells of every module whose it is, who needs it, what "
        "its tables hold, and whether the target has it; then what the customer has made by hand. "
        "Whose a module is tell the addons folders of the Odoo that the database runs on, where "
        "the "
        "environment names it, else lists of Odoo's own modules; never its author. What the target "
        "has tells the Odoo of that version that the environment names, with OpenUpgrade's lists "
        "of "
        "renamed and merged modules.\n\n"
        "The work on a third-party module is put down as keep (the target has it), replace (it has "
        "a "
        "successor, or Odoo itself has one of its name), migrate (the target has it not, but it "
        "holds data or others need it), remove (the target has it not, its tables are empty, "
        "nothing "
        "needs it) or undecided.",
    .example = "drehbuch inspect -e plans/acme/test.yaml --to 19.0",
    .options = inspect_options,
    .run = inspect_run,
};
