#include "runtime/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "runtime/process.h"

#define FETCH_LIMIT ((size_t)64 * 1024) /* bytes of a file that holds a value */

static const char *fetch_report(struct diagnostics *diagnostics, const struct value *reference,
                                const char *help, const char *message)
{
    struct diagnostic *diagnostic =
        diagnostics_add(diagnostics, "binding-unavailable", reference->position, "%s", message);
    diagnostic->help = help;
    return NULL;
}

static const char *fetch_file(struct arena *arena, const char *path, const struct value *reference,
                              struct diagnostics *diagnostics)
{
    struct text text;
    const struct error *error = file_read(arena, path, FETCH_LIMIT, &text);
    if (error)
        return fetch_report(diagnostics, reference, error->help, error->message);
    size_t length = text.length;
    if (length > 0 && text.bytes[length - 1] == '\n')
        length--;
    if (memchr(text.bytes, '\0', length))
        return fetch_report(diagnostics, reference, "name a text file",
                            arena_format(arena, "%s holds a NUL byte", path));
    return arena_copy_bytes(arena, text.bytes, length);
}

struct fetch_command {
    struct buffer output;
    const struct error *error;
    int64_t exit_code;
    int signal;
};

static void fetch_take_line(void *context, int stream, const char *line)
{
    struct fetch_command *command = context;
    if (stream != 1)
        return;
    if (command->output.length > 0)
        buffer_append_character(&command->output, '\n');
    buffer_append_string(&command->output, line);
}

static void fetch_command_ended(void *context, const struct error *error, int64_t exit_code,
                                int signal)
{
    struct fetch_command *command = context;
    command->error = error;
    command->exit_code = exit_code;
    command->signal = signal;
}

static const char *fetch_output(struct arena *arena, const char *folder, const struct value *words,
                                const struct value *reference, struct diagnostics *diagnostics)
{
    size_t count = value_count(words);
    const char **arguments = arena_allocate(arena, (count + 1) * sizeof *arguments);
    for (size_t i = 0; i < count; i++)
        arguments[i] = value_as_string(value_item(words, i));
    struct fetch_command command = {0};
    uv_loop_t loop;
    if (uv_loop_init(&loop) != 0)
        return fetch_report(diagnostics, reference, NULL,
                            "the system has no event loop left for a command");
    process_start(&loop, arena,
                  (struct process_options){.arguments = arguments,
                                           .folder = folder,
                                           .line = fetch_take_line,
                                           .ended = fetch_command_ended,
                                           .context = &command});
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    const char *output = arena_copy(arena, buffer_string(&command.output));
    buffer_release(&command.output);
    if (command.error)
        return fetch_report(diagnostics, reference, command.error->help, command.error->message);
    if (command.exit_code != 0 || command.signal != 0)
        return fetch_report(diagnostics, reference, "run it by hand to see why",
                            arena_format(arena, "the command %s ended with exit code %lld",
                                         arguments[0], (long long)command.exit_code));
    return output;
}

const char *fetch_value(struct arena *arena, const char *folder, const struct value *reference,
                        struct diagnostics *diagnostics)
{
    if (reference->kind == VALUE_STRING)
        return reference->as.string.bytes;
    if (reference->kind != VALUE_OBJECT)
        return reference->plain;
    const char *variable = value_get_string(reference, "env");
    if (variable) {
        const char *found = getenv(variable);
        return found ? arena_copy(arena, found)
                     : fetch_report(
                           diagnostics, reference, "set it before the run",
                           arena_format(arena, "the environment variable %s is not set", variable));
    }
    const char *path = value_get_string(reference, "file");
    if (path)
        return fetch_file(arena, file_join(arena, folder, path), reference, diagnostics);
    return fetch_output(arena, folder, value_get(reference, "command"), reference, diagnostics);
}
