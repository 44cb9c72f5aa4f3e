#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/diagnostic.h"
#include "cli/command.h"

struct given_option {
    const struct option *option;
    const char *value; /* NULL for a flag */
};

const struct option command_common_options[] = {
    {.name = "color",
     .argument = "auto|always|never",
     .help = "colours; auto: on a terminal, unless NO_COLOR is set"},
    {.name = "help", .letter = 'h', .help = "show this help"},
    {.name = NULL},
};

/* What is being read. */
struct reading {
    struct invocation *invocation;
    char *const *arguments;
    int count;
    int next; /* the argument to be read next */
    const char **operands;
    struct given_option *given;
};

static const struct error *arguments_usage(const struct reading *reading, const char *help,
                                           const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A usage error; `help` NULL points to the command's help. */
static const struct error *arguments_usage(const struct reading *reading, const char *help,
                                           const char *format, ...)
{
    struct arena *arena = reading->invocation->arena;
    const struct command *command = reading->invocation->command;
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_arguments(arena, format, arguments);
    va_end(arguments);
    const char *pointer = command ? arena_format(arena, "see `drehbuch %s --help`", command->name)
                                  : "see `drehbuch help`";
    return error_create(arena, OUTCOME_USAGE, help ? help : pointer, "%s", message);
}

static const struct option *arguments_find_in(const struct option *options, const char *name,
                                              size_t length, char letter)
{
    for (; options && options->name; options++) {
        if (letter != 0 && options->letter == letter)
            return options;
        if (name && strncmp(options->name, name, length) == 0 && options->name[length] == '\0')
            return options;
    }
    return NULL;
}

/* By name (`length` bytes) or, where that is NULL, by letter. */
static const struct option *arguments_find(const struct command *command, const char *name,
                                           size_t length, char letter)
{
    const struct option *option =
        command ? arguments_find_in(command->options, name, length, letter) : NULL;
    return option ? option : arguments_find_in(command_common_options, name, length, letter);
}

/* "did you mean `--output`?", or NULL. */
static const char *arguments_suggest_option(const struct reading *reading, const char *name)
{
    struct arena *arena = reading->invocation->arena;
    const struct command *command = reading->invocation->command;
    const char **names = NULL;
    size_t count = 0;
    const struct option *lists[] = {command ? command->options : NULL, command_common_options};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (const struct option *option = lists[i]; option && option->name; option++) {
            names = arena_extend(arena, names, count, sizeof *names);
            names[count++] = option->name;
        }
    const char *nearest = diagnostic_nearest(name, names, count);
    return nearest ? arena_format(arena, "did you mean `--%s`?", nearest) : NULL;
}

static bool arguments_is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *choice = choices; choice; choice = strchr(choice, '|')) {
        choice += *choice == '|';
        if (strcspn(choice, "|") == length && strncmp(choice, value, length) == 0)
            return true;
    }
    return false;
}

static bool arguments_was_given(const struct invocation *invocation, const struct option *option)
{
    for (size_t i = 0; i < invocation->given_count; i++)
        if (invocation->given[i].option == option)
            return true;
    return false;
}

static const struct error *arguments_add(struct reading *reading, const struct option *option,
                                         const char *value)
{
    struct invocation *invocation = reading->invocation;
    if (!option->repeatable && option->argument && arguments_was_given(invocation, option))
        return arguments_usage(reading, NULL, "--%s is given twice", option->name);
    if (value && strchr(option->argument, '|') && !arguments_is_choice(option->argument, value))
        return arguments_usage(reading, NULL, "--%s is %s, not \"%s\"", option->name,
                               option->argument, value);
    reading->given = arena_extend(invocation->arena, reading->given, invocation->given_count,
                                  sizeof *reading->given);
    reading->given[invocation->given_count++] =
        (struct given_option){.option = option, .value = value};
    invocation->given = reading->given;
    return NULL;
}

/* Takes the value of `option` from what is attached to it, else from the next argument. */
static const struct error *
arguments_add_with_value(struct reading *reading, const struct option *option, const char *attached)
{
    if (!attached && reading->next == reading->count)
        return arguments_usage(reading, NULL, "--%s needs its %s", option->name, option->argument);
    return arguments_add(reading, option,
                         attached ? attached : reading->arguments[reading->next++]);
}

/* --name, --name=value, --name value; `text` is behind the dashes. */
static const struct error *arguments_read_long(struct reading *reading, const char *text)
{
    size_t length = strcspn(text, "=");
    const char *attached = text[length] == '=' ? text + length + 1 : NULL;
    const struct option *option = arguments_find(reading->invocation->command, text, length, 0);
    if (!option) {
        const char *name = arena_copy_bytes(reading->invocation->arena, text, length);
        return arguments_usage(reading, arguments_suggest_option(reading, name),
                               "unknown option --%s", name);
    }
    if (option->argument)
        return arguments_add_with_value(reading, option, attached);
    if (attached)
        return arguments_usage(reading, NULL, "--%s takes no value", option->name);
    return arguments_add(reading, option, NULL);
}

/* -e value, -evalue, and flags side by side; `text` is behind the dash. */
static const struct error *arguments_read_letters(struct reading *reading, const char *text)
{
    for (; *text; text++) {
        const struct option *option = arguments_find(reading->invocation->command, NULL, 0, *text);
        if (!option)
            return arguments_usage(reading, NULL, "unknown option -%c", *text);
        if (option->argument)
            return arguments_add_with_value(reading, option, text[1] ? text + 1 : NULL);
        const struct error *error = arguments_add(reading, option, NULL);
        if (error)
            return error;
    }
    return NULL;
}

const struct error *command_unknown(struct arena *arena, const char *name)
{
    const char **names = NULL;
    size_t count = 0;
    for (; command_table[count]; count++) {
        names = arena_extend(arena, names, count, sizeof *names);
        names[count] = command_table[count]->name;
    }
    const char *nearest = diagnostic_nearest(name, names, count);
    const char *help = nearest ? arena_format(arena, "did you mean `%s`?", nearest)
                               : "`drehbuch help` lists the commands";
    return error_create(arena, OUTCOME_USAGE, help, "unknown command \"%s\"", name);
}

/* The first operand is the command. */
static const struct error *arguments_add_operand(struct reading *reading, const char *operand)
{
    struct invocation *invocation = reading->invocation;
    if (!invocation->command) {
        invocation->command = command_find(operand);
        return invocation->command ? NULL : command_unknown(invocation->arena, operand);
    }
    reading->operands = arena_extend(invocation->arena, reading->operands,
                                     invocation->operand_count, sizeof *reading->operands);
    reading->operands[invocation->operand_count++] = operand;
    invocation->operands = reading->operands;
    return NULL;
}

static const struct error *arguments_read_all(struct reading *reading)
{
    bool only_operands = false;
    while (reading->next < reading->count) {
        const char *argument = reading->arguments[reading->next++];
        const struct error *error = NULL;
        if (!only_operands && strcmp(argument, "--") == 0)
            only_operands = true;
        else if (!only_operands && strncmp(argument, "--", 2) == 0)
            error = arguments_read_long(reading, argument + 2);
        else if (!only_operands && argument[0] == '-' && argument[1] != '\0')
            error = arguments_read_letters(reading, argument + 1);
        else
            error = arguments_add_operand(reading, argument);
        if (error)
            return error;
    }
    return NULL;
}

static const struct error *arguments_check_operands(const struct reading *reading)
{
    const struct invocation *invocation = reading->invocation;
    const struct command *command = invocation->command;
    if (command && invocation->operand_count < command->minimum)
        return arguments_usage(reading, NULL, "usage: drehbuch %s %s", command->name,
                               command->operands);
    if (command && invocation->operand_count > command->maximum)
        return arguments_usage(reading, NULL, "\"%s\" is one argument too many",
                               invocation->operands[command->maximum]);
    return NULL;
}

/* --json and --color count for the error too that stops the reading before it gets to them. */
static enum terminal_colours arguments_look_ahead(struct invocation *invocation, int count,
                                                  char *const *arguments)
{
    enum terminal_colours colours = TERMINAL_COLOURS_AUTO;
    for (int i = 0; i < count && strcmp(arguments[i], "--") != 0; i++) {
        const char *value = "";
        if (strcmp(arguments[i], "--json") == 0)
            invocation->json = true;
        else if (strncmp(arguments[i], "--color=", 8) == 0)
            value = arguments[i] + 8;
        else if (strcmp(arguments[i], "--color") == 0 && i + 1 < count)
            value = arguments[i + 1];
        if (strcmp(value, "always") == 0)
            colours = TERMINAL_COLOURS_ALWAYS;
        else if (strcmp(value, "never") == 0)
            colours = TERMINAL_COLOURS_NEVER;
    }
    return colours;
}

const struct error *arguments_read(struct invocation *invocation, int count, char *const *arguments,
                                   bool *help)
{
    enum terminal_colours colours = arguments_look_ahead(invocation, count, arguments);
    invocation->output = terminal_inspect(STDOUT_FILENO, colours);
    invocation->errors = terminal_inspect(STDERR_FILENO, colours);
    struct reading reading = {.invocation = invocation, .arguments = arguments, .count = count};
    const struct error *error = arguments_read_all(&reading);
    if (error)
        return error;
    *help = arguments_was_given(invocation, arguments_find(NULL, "help", strlen("help"), 0));
    return *help ? NULL : arguments_check_operands(&reading);
}

const char *const *invocation_values(const struct invocation *invocation, const char *option,
                                     size_t *count)
{
    const struct option *declared = arguments_find(invocation->command, option, strlen(option), 0);
    assert(declared);
    const char **values = NULL;
    *count = 0;
    for (size_t i = 0; i < invocation->given_count; i++) {
        if (invocation->given[i].option != declared)
            continue;
        values = arena_extend(invocation->arena, values, *count, sizeof *values);
        values[(*count)++] = invocation->given[i].value;
    }
    return values;
}

const char *invocation_value(const struct invocation *invocation, const char *option)
{
    size_t count = 0;
    const char *const *values = invocation_values(invocation, option, &count);
    return count > 0 ? values[0] : NULL;
}

bool invocation_flag(const struct invocation *invocation, const char *option)
{
    size_t count = 0;
    invocation_values(invocation, option, &count);
    return count > 0;
}

const char *invocation_operand(const struct invocation *invocation, size_t index)
{
    return index < invocation->operand_count ? invocation->operands[index] : NULL;
}

const struct error *invocation_open_loop(const struct invocation *invocation, uv_loop_t *loop)
{
    int code = uv_loop_init(loop);
    return code == 0 ? NULL
                     : error_create(invocation->arena, OUTCOME_FAILED, NULL,
                                    "cannot make an event loop: %s", uv_strerror(code));
}
