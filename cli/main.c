/* The program: reads the command line, runs one command, prints its error, checks its output. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

const struct command *const command_table[] = {
    &command_check,    &command_compile, &command_explain, &command_graph,
    &command_inspect,  &command_init,    &command_import,  &command_diff,
    &command_estimate, &command_run,     &command_resume,  &command_rollback,
    &command_status,   &command_log,     &command_approve, &command_verify,
    &command_compare,  &command_backup,  &command_restore, &command_checkpoints,
    &command_clean,    &command_version, &command_help,    NULL,
};

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = command_table; *command; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

static void main_print_error_json(struct arena *arena, const struct error *error)
{
    struct value *members = value_object(arena);
    value_set(arena, members, "exit", value_integer(arena, error->outcome));
    value_set(arena, members, "message", value_string(arena, error->message));
    if (error->help)
        value_set(arena, members, "help", value_string(arena, error->help));
    struct value *document = value_object(arena);
    value_set(arena, document, "error", members);
    print_json(document, JSON_COMPACT);
}

static void main_print_error(const struct invocation *invocation, const struct error *error)
{
    if (invocation->json) {
        main_print_error_json(invocation->arena, error);
        return;
    }
    const struct terminal *terminal = &invocation->errors;
    fprintf(stderr, "%serror:%s %s\n", terminal_paint(terminal, TERMINAL_BAD),
            terminal_plain(terminal, TERMINAL_BAD), error->message);
    if (error->help)
        fprintf(stderr, "%shelp:%s %s\n", terminal_paint(terminal, TERMINAL_STRONG),
                terminal_plain(terminal, TERMINAL_STRONG), error->help);
}

static const struct error *main_show_help(const struct invocation *invocation)
{
    struct buffer text = {0};
    if (invocation->command)
        help_write_command(&text, invocation->command);
    else
        help_write_overview(&text);
    print_buffer(&text);
    return NULL;
}

static const struct error *main_run(struct invocation *invocation, int count,
                                    char *const *arguments)
{
    bool help = false;
    const struct error *error = arguments_read(invocation, count, arguments, &help);
    if (error)
        return error;
    if (help)
        return main_show_help(invocation);
    if (!invocation->command)
        return error_create(invocation->arena, OUTCOME_USAGE, "`drehbuch help` lists the commands",
                            "usage: drehbuch COMMAND ...");
    return invocation->command->run(invocation);
}

/* What was printed may not have arrived: a full disk, a closed pipe. */
static const struct error *main_flush(struct arena *arena)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return NULL;
    return error_system(arena, errno, NULL, "cannot write to standard output");
}

int main(int count, char **arguments)
{
    /* A closed pipe is an error of the write, not the end of a run. */
    signal(SIGPIPE, SIG_IGN);
    struct arena *arena = arena_create();
    struct invocation invocation = {.arena = arena};
    const struct error *error =
        main_run(&invocation, count > 0 ? count - 1 : 0, count > 0 ? arguments + 1 : arguments);
    if (error) {
        main_print_error(&invocation, error);
        invocation.outcome = error->outcome;
    }
    error = main_flush(arena);
    if (error && invocation.outcome == OUTCOME_DONE) {
        invocation.json = false; /* where it cannot be written to */
        main_print_error(&invocation, error);
        invocation.outcome = error->outcome;
    }
    int exit_code = (int)invocation.outcome;
    arena_destroy(arena);
    return exit_code;
}
