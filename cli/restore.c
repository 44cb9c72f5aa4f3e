#include "cli/errand.h"

static const struct error *restore_run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct restore_order order = {
        .dump = invocation_operand(invocation, 0),
        .database = invocation_value(invocation, "database"),
        .password_variable = invocation_value(invocation, "password-env"),
        .filestore = invocation_value(invocation, "filestore"),
    };
    if (!order.database)
        return error_create(arena, OUTCOME_USAGE,
                            "name it with --database, as postgresql://ROLE@HOST/DATABASE",
                            "restore needs the database to make");
    struct environment *environment = NULL;
    const struct error *error = environment_for_restore(arena, &order, &environment);
    if (error)
        return error;
    struct value *spec = value_object(arena);
    value_set(arena, spec, "by_hand", value_boolean(arena, true));
    value_set(arena, spec, "copy", value_boolean(arena, invocation_flag(invocation, "copy")));
    return errand_run(invocation, "database.restore", spec, environment,
                      arena_format(arena, "database %s", environment->source.name));
}

static const struct option restore_options[] = {
    {.name = "database",
     .argument = "URL",
     .help = "the database to make, as a libpq URI without a password"},
    {.name = "password-env",
     .argument = "NAME",
     .help = "the environment variable that holds the role's password; default: libpq's own ways"},
    {.name = "filestore",
     .argument = "FOLDER",
     .help = "the folder to make of the dump's filestore; without it the filestore is left out"},
    {.name = "copy", .help = "make it a copy: with a database.uuid of its own"},
    {.name = "json", .help = "what was made, for programs"},
    {.name = NULL},
};

const struct command command_restore = {
    .name = "restore",
    .operands = "DUMP",
    .minimum = 1,
    .maximum = 1,
    .summary = "make a database, and a filestore, of a dump",
    .description =
        "DUMP is plain SQL of pg_dump, the same compressed by gzip, pg_dump's custom or directory "
        "format, Odoo's backup zip, or a folder that `drehbuch backup` made. What it is, is found "
        "out from its content.\n\n"
        "Neither the database nor the folder may exist; they get their names when they are whole.",
    .example = "drehbuch restore acme.zip --database postgresql:///acme_copy --copy",
    .options = restore_options,
    .run = restore_run,
};
