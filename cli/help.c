#include <string.h>

#include "cli/command.h"

#define HELP_WIDTH 80
#define HELP_OPTION_COLUMN 33 /* where the texts of options begin */

void help_write_wrapped(struct buffer *output, const char *text, size_t indent, size_t column)
{
    while (*text) {
        size_t length = strcspn(text, " \n");
        bool at_start = column <= indent;
        if (!at_start && column + 1 + length > HELP_WIDTH) {
            buffer_format(output, "\n%*s", (int)indent, "");
            column = indent;
            at_start = true;
        }
        if (!at_start)
            buffer_append_character(output, ' ');
        buffer_append(output, text, length);
        column += length + (at_start ? 0 : 1);
        text += length;
        if (strncmp(text, "\n\n", 2) == 0) {
            buffer_format(output, "\n\n%*s", (int)indent, "");
            column = indent;
        }
        text += strspn(text, " \n");
    }
    buffer_append_character(output, '\n');
}

static void help_write_options(struct buffer *output, const struct option *option)
{
    for (; option && option->name; option++) {
        size_t start = output->length;
        if (option->letter)
            buffer_format(output, "  -%c, --%s", option->letter, option->name);
        else
            buffer_format(output, "      --%s", option->name);
        if (option->argument)
            buffer_format(output, " %s", option->argument);
        size_t column = output->length - start;
        if (column + 2 > HELP_OPTION_COLUMN) {
            buffer_append_character(output, '\n');
            column = 0;
        }
        buffer_format(output, "%*s", (int)(HELP_OPTION_COLUMN - column), "");
        help_write_wrapped(output, option->help, HELP_OPTION_COLUMN, HELP_OPTION_COLUMN);
    }
}

void help_write_command(struct buffer *output, const struct command *command)
{
    bool operands = command->operands[0] != '\0';
    buffer_format(output, "usage: drehbuch %s%s%s [OPTION]...\n\n", command->name,
                  operands ? " " : "", command->operands);
    help_write_wrapped(output, command->description, 0, 0);
    buffer_append_string(output, "\noptions:\n");
    help_write_options(output, command->options);
    help_write_options(output, command_common_options);
    buffer_format(output, "\nexample:\n  %s\n", command->example);
}

void help_write_overview(struct buffer *output)
{
    buffer_append_string(
        output, "usage: drehbuch COMMAND ...\n\n"
                "Writes, rehearses and performs the upgrade of an Odoo database: a plan is\n"
                "compiled once, rehearsed on copies, approved, and then performed on\n"
                "production exactly as it was rehearsed.\n\n"
                "commands:\n");
    for (const struct command *const *command = command_table; *command; command++)
        buffer_format(output, "  %-11s %s\n", (*command)->name, (*command)->summary);
    buffer_append_string(
        output,
        "\n"
        "`drehbuch help COMMAND` says more. Exit codes: 0 done, 1 a step or check failed,\n"
        "2 usage, 3 plan or environment invalid, 4 refused (approval, digest, drift, lock,\n"
        "window), 130 interrupted.\n");
}

static struct value *help_options(struct arena *arena, struct value *list,
                                  const struct option *option)
{
    for (; option && option->name; option++) {
        struct value *item = value_object(arena);
        value_set(arena, item, "name", value_string(arena, option->name));
        if (option->letter)
            value_set(arena, item, "letter", value_format(arena, "%c", option->letter));
        if (option->argument)
            value_set(arena, item, "argument", value_string(arena, option->argument));
        value_set(arena, item, "repeatable", value_boolean(arena, option->repeatable));
        value_set(arena, item, "help", value_string(arena, option->help));
        value_append(arena, list, item);
    }
    return list;
}

static struct value *help_command(struct arena *arena, const struct command *command)
{
    struct value *item = value_object(arena);
    value_set(arena, item, "name", value_string(arena, command->name));
    value_set(arena, item, "operands", value_string(arena, command->operands));
    value_set(arena, item, "summary", value_string(arena, command->summary));
    value_set(arena, item, "description", value_string(arena, command->description));
    value_set(arena, item, "example", value_string(arena, command->example));
    struct value *options = help_options(arena, value_array(arena), command->options);
    value_set(arena, item, "options", help_options(arena, options, command_common_options));
    return item;
}

static struct value *help_document(struct arena *arena)
{
    struct value *commands = value_array(arena);
    for (const struct command *const *command = command_table; *command; command++)
        value_append(arena, commands, help_command(arena, *command));
    struct value *document = value_object(arena);
    value_set(arena, document, "commands", commands);
    return document;
}

static const struct error *help_run(struct invocation *invocation)
{
    const char *name = invocation_operand(invocation, 0);
    const struct command *command = name ? command_find(name) : NULL;
    if (name && !command)
        return command_unknown(invocation->arena, name);
    if (invocation->json) {
        print_json(help_document(invocation->arena), JSON_INDENTED);
        return NULL;
    }
    struct buffer text = {0};
    if (command)
        help_write_command(&text, command);
    else
        help_write_overview(&text);
    print_buffer(&text);
    return NULL;
}

static const struct option help_options_table[] = {
    {.name = "json", .help = "every command and its options as JSON"},
    {.name = NULL},
};

const struct command command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .maximum = 1,
    .summary = "show this list, or the help of one command",
    .description = "Lists the commands, or shows how one of them is used, as `drehbuch COMMAND "
                   "--help` does.",
    .example = "drehbuch help run",
    .options = help_options_table,
    .run = help_run,
};
