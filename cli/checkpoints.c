#include <stdio.h>
#include <string.h>

#include "base/diagnostic.h"
#include "cli/tidy.h"
#include "runtime/leftovers/table.h"

/* Leaves only the checkpoints in the list. */
static void checkpoints_keep_only(struct leftovers *leftovers)
{
    size_t kept = 0;
    for (size_t i = 0; i < leftovers->count; i++)
        if (leftovers->items[i].kind == LEFTOVER_CHECKPOINT)
            leftovers->items[kept++] = leftovers->items[i];
    leftovers->count = kept;
}

static struct leftover *checkpoints_find(struct leftovers *leftovers, const char *name)
{
    for (size_t i = 0; i < leftovers->count; i++)
        if (strcmp(leftovers->items[i].name, name) == 0)
            return &leftovers->items[i];
    return NULL;
}

/* Those that are not named stay. */
static const struct error *checkpoints_mark(struct invocation *invocation,
                                            struct leftovers *leftovers)
{
    size_t count;
    const char *const *names = invocation_values(invocation, "remove", &count);
    for (size_t i = 0; i < leftovers->count && !invocation_flag(invocation, "remove-all"); i++)
        leftovers->items[i].kept = "it is not named";
    for (size_t i = 0; i < count; i++) {
        struct leftover *found = checkpoints_find(leftovers, names[i]);
        if (!found)
            return error_create(invocation->arena, OUTCOME_USAGE,
                                "`drehbuch checkpoints` without --remove lists them",
                                "there is no checkpoint \"%s\"", names[i]);
        found->kept = NULL;
    }
    return NULL;
}

static void checkpoints_show(struct invocation *invocation, const struct leftovers *leftovers)
{
    if (invocation->json) {
        print_json(leftovers_value(invocation->arena, leftovers), JSON_INDENTED);
        return;
    }
    struct buffer text = {0};
    leftovers_write(&text, leftovers, true, &invocation->output);
    if (leftovers->count == 0)
        buffer_append_string(&text, "none are kept here (see limits.checkpoints)\n");
    print_buffer(&text);
}

static const struct error *checkpoints_run(struct invocation *invocation)
{
    struct tidy tidy = {0};
    size_t count;
    (void)invocation_values(invocation, "remove", &count);
    const struct error *error = tidy_open(invocation, &tidy);
    if (error)
        return error;
    checkpoints_keep_only(&tidy.leftovers);
    if (count == 0 && !invocation_flag(invocation, "remove-all")) {
        checkpoints_show(invocation, &tidy.leftovers);
    } else {
        error = checkpoints_mark(invocation, &tidy.leftovers);
        if (!error)
            error = tidy_remove(invocation, &tidy);
    }
    tidy_close(&tidy);
    return error;
}

static const struct option checkpoints_options[] = {
    {.name = "environment",
     .letter = 'e',
     .argument = "FILE",
     .help = "where to look: an environment file"},
    {.name = "remove",
     .argument = "NAME",
     .repeatable = true,
     .help = "remove this one, by the name of its database"},
    {.name = "remove-all", .help = "remove all of them"},
    {.name = "json", .help = "as JSON"},
    {.name = NULL},
};

const struct command command_checkpoints = {
    .name = "checkpoints",
    .operands = "",
    .summary = "list or remove the checkpoints that rehearsals begin from",
    .description =
        "Lists the copies of the working database that runs have kept on the way, as the "
        "environment's `limits.checkpoints` asks for, with the step behind which each was kept. A "
        "later rehearsal, also of a changed plan, begins from the deepest one that is on its way, "
        "if "
        "the source has not changed since.",
    .example = "drehbuch checkpoints -e plans/acme/test.yaml",
    .options = checkpoints_options,
    .run = checkpoints_run,
};
