#include <stdio.h>

#include "cli/diagnose.h"
#include "cli/errand.h"

static void backup_set(struct invocation *invocation, struct value *spec, const char *key,
                       const char *value)
{
    if (value)
        value_set(invocation->arena, spec, key, value_string(invocation->arena, value));
}

static const struct error *backup_run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct environment *environment = NULL;
    const struct error *error = diagnose_load_environment(invocation, NULL, &environment);
    if (error)
        return error;
    struct value *spec = value_object(arena);
    backup_set(invocation, spec, "of", invocation_flag(invocation, "work") ? "work" : "source");
    backup_set(invocation, spec, "format", invocation_value(invocation, "format"));
    backup_set(invocation, spec, "path", invocation_value(invocation, "output"));
    return errand_run(invocation, "database.backup", spec, environment, NULL);
}

static const struct option backup_options[] = {
    {.name = "environment",
     .letter = 'e',
     .argument = "FILE",
     .help = "whose source is backed up: an environment file"},
    {.name = "work", .help = "back up the working database and filestore instead"},
    {.name = "format",
     .argument = "folder|zip",
     .help = "a folder with pg_dump's parallel dump, or Odoo's own zip; default: what OUTPUT ends "
             "with, else the environment's `backup.format`"},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .help = "the folder or file to make; default: one in the environment's `backup.folder`"},
    {.name = "json", .help = "what was made, for programs"},
    {.name = NULL},
};

const struct command command_backup = {
    .name = "backup",
    .operands = "",
    .minimum = 0,
    .maximum = 0,
    .summary = "back up an environment's database and filestore",
    .description =
        "Makes the same backup as a run in production does before its first change: of the source, "
        "which is only read, database and filestore both.\n\n"
        "A folder is quicker to make and to restore; where it lies on the filestore's file system, "
        "the filestore takes no further space. A zip is restored by Odoo's database manager too. "
        "Either is made under another name, read back, and renamed when it is whole.",
    .example = "drehbuch backup -e plans/acme/production.yaml -o acme.zip",
    .options = backup_options,
    .run = backup_run,
};
