#include "runtime/odoo/installation.h"

#include <string.h>

#include "base/buffer.h"
#include "base/shell_word.h"

const char *const installation_environment[] = {"PYTHONHASHSEED=0", NULL};

struct vector {
    struct arena *arena;
    const char **arguments;
    size_t count;
    bool quoting;
};

static void vector_add(struct vector *vector, const char *argument)
{
    vector->arguments = arena_extend(vector->arena, (void *)vector->arguments, vector->count,
                                     sizeof *vector->arguments);
    vector->arguments[vector->count++] = argument;
}

static void vector_append(struct vector *vector, const char *argument)
{
    vector_add(vector, vector->quoting ? shell_word_quote(vector->arena, argument) : argument);
}

static void vector_append_option(struct vector *vector, const char *option, const char *text)
{
    if (text)
        vector_append(vector, arena_format(vector->arena, "--%s=%s", option, text));
}

static bool is_program(const char *word, const char *program)
{
    const char *slash = strrchr(word, '/');
    return strcmp(slash ? slash + 1 : word, program) == 0;
}

/* One of the words that start Odoo. Behind the first ssh all is for a shell; into a container the
 * environment has to be carried by docker. */
static void vector_add_word(struct vector *vector, const char *const *words, size_t index)
{
    vector_add(vector, words[index]);
    vector->quoting |= is_program(words[index], "ssh");
    if (index != 1 || strcmp(words[1], "exec") != 0 ||
        (!is_program(words[0], "docker") && !is_program(words[0], "podman")))
        return;
    for (size_t i = 0; installation_environment[i]; i++) {
        vector_add(vector, "-e");
        vector_add(vector, installation_environment[i]);
    }
}

const struct installation *installation_read(struct arena *arena, const char *series,
                                             const struct value *entry)
{
    struct installation *installation = arena_allocate(arena, sizeof *installation);
    struct vector run = {.arena = arena};
    const struct value *words = value_get(entry, "run");
    for (size_t i = 0; i < value_count(words); i++)
        vector_add(&run, value_as_string(value_item(words, i)));
    vector_add(&run, NULL);
    const struct value *addons = value_get(entry, "addons");
    struct buffer joined = {0};
    for (size_t i = 0; i < value_count(addons); i++)
        buffer_format(&joined, "%s%s", i > 0 ? "," : "", value_as_string(value_item(addons, i)));
    *installation = (struct installation){
        .series = series,
        .run = run.arguments,
        .config = value_get_string(entry, "config"),
        .addons = joined.length > 0 ? arena_copy(arena, buffer_string(&joined)) : NULL,
        .data_folder = value_get_string(entry, "data_folder"),
        .openupgrade = value_get_string(entry, "openupgrade"),
    };
    buffer_release(&joined);
    return installation;
}

static void append_openupgrade(struct vector *vector, const struct installation *installation)
{
    struct arena *arena = vector->arena;
    const char *folder = installation->openupgrade;
    vector_append_option(
        vector, "addons-path",
        installation->addons ? arena_format(arena, "%s,%s", installation->addons, folder) : NULL);
    vector_append_option(vector, "upgrade-path",
                         arena_format(arena, "%s/openupgrade_scripts/scripts", folder));
    vector_append(vector, "--load=base,web,openupgrade_framework");
}

const char *const *installation_arguments(struct arena *arena,
                                          const struct installation *installation,
                                          struct installation_call call)
{
    struct vector vector = {.arena = arena};
    for (size_t i = 0; installation->run[i]; i++)
        vector_add_word(&vector, installation->run, i);
    if (call.subcommand)
        vector_append(&vector, call.subcommand);
    vector_append_option(&vector, "config", installation->config);
    vector_append_option(&vector, "data-dir", installation->data_folder);
    if (call.openupgrade)
        append_openupgrade(&vector, installation);
    else
        vector_append_option(&vector, "addons-path", installation->addons);
    vector_append_option(&vector, "database", call.database);
    /* A configuration may send the log to a file and leave lines out: we read it. */
    vector_append(&vector, "--logfile=");
    vector_append(&vector, "--log-level=info");
    vector_append(&vector, "--no-http");
    for (size_t i = 0; call.more && call.more[i]; i++)
        vector_append(&vector, call.more[i]);
    vector_add(&vector, NULL);
    return vector.arguments;
}
