#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/notation.h"
#include "cli/command.h"
#include "cli/looking.h"
#include "runtime/inspect/proposal.h"

/* What was written, or the plan itself where that went nowhere. */
static void init_tell(struct invocation *invocation, const struct inspection *inspection,
                      const char *path, const struct buffer *text, size_t undecided)
{
    if (invocation->json)
        print_json_plan(invocation->arena, proposal_value(invocation->arena, inspection), path,
                        text);
    else if (!path)
        fwrite(buffer_string(text), 1, text->length, stdout);
    else if (undecided > 0)
        printf("%s: %zu to be decided, replace each tbd; then: drehbuch check %s\n", path,
               undecided, path);
    else
        printf("%s: everything is proposed; read it, then: drehbuch check %s\n", path, path);
}

static const struct error *init_run(struct invocation *invocation)
{
    struct inspection inspection;
    struct buffer text = {0};
    const char *customer = invocation_value(invocation, "customer");
    const char *path = invocation_value(invocation, "output");
    if (customer && !notation_is_customer(customer))
        return error_create(
            invocation->arena, OUTCOME_USAGE,
            "use up to 64 letters, digits, `-`, `_` and `.`, beginning with a letter "
            "or digit",
            "--customer: \"%s\" cannot be a customer's name", customer);
    if (path && strcmp(path, "-") == 0)
        path = NULL;
    if (path && file_exists(path))
        return error_create(invocation->arena, OUTCOME_REFUSED, "remove it, or name another file",
                            "%s is there already", path);
    const struct error *error = looking_inspect(invocation, false, &inspection);
    if (error)
        return error;
    size_t undecided = proposal_write(&text, &inspection, customer);
    if (path)
        error = file_create(invocation->arena, path, buffer_string(&text), text.length, 0666);
    if (!error)
        init_tell(invocation, &inspection, path, &text, undecided);
    buffer_release(&text);
    return error;
}

static const struct option init_options[] = {
    LOOKING_OPTIONS,
    {.name = "customer",
     .argument = "NAME",
     .help = "the customer's short name; default: after the database"},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .help = "the plan to write, which must not be there yet; default, and `-`: standard output"},
    {.name = "json",
     .help = "what is proposed as JSON; the plan in its member `plan` where no file is named"},
    {.name = NULL},
};

const struct command command_init = {
    .name = "init",
    .operands = "",
    .summary = "propose a first plan for a database",
    .description =
        "Looks at the environment's source as `drehbuch inspect` does and writes a plan: a "
        "decision "
        "for every third-party module that is installed, with its reason as a comment, or `tbd` "
        "where the database does not tell; then, as comments, the parameters and the customer's "
        "own "
        "things that are worth a thought. Modules to migrate are `tbd`: keep them once their code "
        "is "
        "there for the target.\n\n"
        "The plan passes `drehbuch check` once every tbd is decided. The same database gives the "
        "same bytes.",
    .example = "drehbuch init -e plans/acme/test.yaml --to 19.0 -o plan.yaml",
    .options = init_options,
    .run = init_run,
};
