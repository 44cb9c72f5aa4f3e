#include "runtime/process.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"

#define LINE_LIMIT ((size_t)64 * 1024) /* a longer line is handed on in pieces */

#define AFTERWARDS                                                                                 \
    1000 /* milliseconds that output is still waited for when the process has ended */

struct process_stream {
    uv_pipe_t pipe;
    struct process *process;
    int number; /* 1 stdout, 2 stderr */
    struct buffer pending;
    char chunk[8192];
};

struct process {
    uv_process_t handle;
    struct arena *arena;
    struct process_options options;
    struct process_stream output;
    struct process_stream errors;
    uv_pipe_t input;
    uv_write_t write;
    uv_timer_t
        patience; /* from SIGTERM to SIGKILL; for a process that could not start, the call back */
    int open_handles;
    struct buffer line; /* the one that is being handed on */
    bool started;
    bool exited;
    const struct error *error;
    int64_t exit_code;
    int signal;
};

/* A handle is gone; with the last one the process has ended and all its output was seen. */
static void process_handle_closed(struct process *process)
{
    if (--process->open_handles > 0)
        return;
    buffer_release(&process->output.pending);
    buffer_release(&process->errors.pending);
    buffer_release(&process->line);
    process->options.ended(process->options.context, process->error, process->exit_code,
                           process->signal);
}

static void process_on_closed(uv_handle_t *handle)
{
    process_handle_closed(handle->data);
}

/* Children write what they like; what we hand on is UTF-8 without NUL. */
static void process_emit(struct process_stream *stream, const char *bytes, size_t length)
{
    struct process *process = stream->process;
    if (!process->options.line)
        return;
    if (length > 0 && bytes[length - 1] == '\r')
        length--;
    buffer_clear(&process->line);
    buffer_append(&process->line, bytes, length);
    char *line = process->line.bytes;
    for (size_t at = 0; at < length;) {
        size_t valid = utf8_valid_length(line + at, length - at);
        for (size_t i = at; i < at + valid; i++)
            if (line[i] == '\0')
                line[i] = '?';
        at += valid;
        if (at < length)
            line[at++] = '?';
    }
    process->options.line(process->options.context, stream->number, line);
}

static void process_split_lines(struct process_stream *stream)
{
    size_t done = 0;
    for (;;) {
        const char *start = stream->pending.bytes + done;
        size_t left = stream->pending.length - done;
        const char *newline = left > 0 ? memchr(start, '\n', left) : NULL;
        if (!newline && left < LINE_LIMIT)
            break;
        size_t length = newline ? (size_t)(newline - start) : LINE_LIMIT;
        process_emit(stream, start, length);
        done += length + (newline ? 1 : 0);
    }
    buffer_consume(&stream->pending, done);
}

/* Once the process has ended and both its pipes, its clock is of no more use. */
static void process_close_timer(struct process *process)
{
    if (process->exited && uv_is_closing((uv_handle_t *)&process->output.pipe) &&
        uv_is_closing((uv_handle_t *)&process->errors.pipe) &&
        !uv_is_closing((uv_handle_t *)&process->patience))
        uv_close((uv_handle_t *)&process->patience, process_on_closed);
}

static void process_end_stream(struct process_stream *stream)
{
    if (uv_is_closing((uv_handle_t *)&stream->pipe))
        return;
    if (stream->pending.length > 0)
        process_emit(stream, stream->pending.bytes, stream->pending.length);
    uv_close((uv_handle_t *)&stream->pipe, process_on_closed);
    process_close_timer(stream->process);
}

static void process_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct process_stream *stream = (struct process_stream *)handle;
    (void)suggested;
    *buffer = uv_buf_init(stream->chunk, sizeof stream->chunk);
}

static void process_on_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buffer)
{
    struct process_stream *stream = (struct process_stream *)handle;
    if (count > 0) {
        buffer_append(&stream->pending, buffer->base, (size_t)count);
        process_split_lines(stream);
    } else if (count < 0) {
        process_end_stream(stream);
    }
}

/* Somebody whom the process has left behind, in a group of his own, holds its pipes open. */
static void process_let_go(uv_timer_t *timer)
{
    struct process *process = timer->data;
    process_end_stream(&process->output);
    process_end_stream(&process->errors);
}

static void process_on_exit(uv_process_t *handle, int64_t exit_code, int signal)
{
    struct process *process = handle->data;
    process->exit_code = exit_code;
    process->signal = signal;
    /* What it may have left behind in its group goes with it, so that the pipes end. */
    uv_kill(-handle->pid, SIGKILL);
    process->exited = true;
    uv_timer_start(&process->patience, process_let_go, AFTERWARDS, 0);
    uv_close((uv_handle_t *)handle, process_on_closed);
    process_close_timer(process);
}

static void process_on_written(uv_write_t *write, int status)
{
    struct process *process = write->data;
    (void)status; /* a child that does not read its input is its own affair */
    uv_close((uv_handle_t *)&process->input, process_on_closed);
}

static void process_init_stream(struct process *process, uv_loop_t *loop,
                                struct process_stream *stream, int number)
{
    stream->process = process;
    stream->number = number;
    uv_pipe_init(loop, &stream->pipe, 0);
    stream->pipe.data = process;
    process->open_handles++;
}

static char **process_make_environment(struct arena *arena, const char *const *added)
{
    uv_env_item_t *items = NULL;
    int count = 0;
    size_t more = 0;
    while (added[more])
        more++;
    if (uv_os_environ(&items, &count) != 0)
        count = 0;
    char **environment = arena_allocate(arena, ((size_t)count + more + 1) * sizeof *environment);
    size_t used = 0;
    for (size_t i = 0; i < more; i++)
        environment[used++] = arena_copy(arena, added[i]);
    for (int i = 0; i < count; i++) {
        bool replaced = false;
        size_t length = strlen(items[i].name);
        for (size_t j = 0; j < more; j++)
            replaced |= strncmp(added[j], items[i].name, length) == 0 && added[j][length] == '=';
        if (!replaced)
            environment[used++] = arena_format(arena, "%s=%s", items[i].name, items[i].value);
    }
    uv_os_free_environ(items, count);
    return environment;
}

static void process_could_not_start(uv_timer_t *timer)
{
    struct process *process = timer->data;
    uv_close((uv_handle_t *)timer, process_on_closed);
    uv_close((uv_handle_t *)&process->handle, process_on_closed);
    uv_close((uv_handle_t *)&process->output.pipe, process_on_closed);
    uv_close((uv_handle_t *)&process->errors.pipe, process_on_closed);
    if (process->options.input)
        uv_close((uv_handle_t *)&process->input, process_on_closed);
}

static void process_begin_streams(struct process *process)
{
    uv_read_start((uv_stream_t *)&process->output.pipe, process_allocate, process_on_read);
    uv_read_start((uv_stream_t *)&process->errors.pipe, process_allocate, process_on_read);
    if (!process->options.input)
        return;
    char *input = arena_copy(process->arena, process->options.input);
    uv_buf_t buffer = uv_buf_init(input, (unsigned)strlen(input));
    process->write.data = process;
    if (uv_write(&process->write, (uv_stream_t *)&process->input, &buffer, 1, process_on_written) !=
        0)
        uv_close((uv_handle_t *)&process->input, process_on_closed);
}

static int process_spawn(uv_loop_t *loop, struct process *process)
{
    struct arena *arena = process->arena;
    const struct process_options *options = &process->options;
    size_t count = 0;
    while (options->arguments[count])
        count++;
    char **arguments = arena_allocate(arena, (count + 1) * sizeof *arguments);
    for (size_t i = 0; i < count; i++)
        arguments[i] = arena_copy(arena, options->arguments[i]);
    uv_stdio_container_t streams[3] = {
        {.flags = options->input ? UV_CREATE_PIPE | UV_READABLE_PIPE : UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE},
    };
    streams[0].data.stream = (uv_stream_t *)&process->input;
    streams[1].data.stream = (uv_stream_t *)&process->output.pipe;
    streams[2].data.stream = (uv_stream_t *)&process->errors.pipe;
    uv_process_options_t spawn = {
        .exit_cb = process_on_exit,
        .file = arguments[0],
        .args = arguments,
        .env = options->environment ? process_make_environment(arena, options->environment) : NULL,
        .cwd = options->folder,
        .flags = UV_PROCESS_DETACHED, /* a group of its own, which can be ended as a whole */
        .stdio_count = 3,
        .stdio = streams,
    };
    return uv_spawn(loop, &process->handle, &spawn);
}

struct process *process_start(uv_loop_t *loop, struct arena *arena, struct process_options options)
{
    struct process *process = arena_allocate(arena, sizeof *process);
    process->arena = arena;
    process->options = options;
    process->handle.data = process;
    process_init_stream(process, loop, &process->output, 1);
    process_init_stream(process, loop, &process->errors, 2);
    if (options.input) {
        uv_pipe_init(loop, &process->input, 0);
        process->input.data = process;
        process->open_handles++;
    }
    uv_timer_init(loop, &process->patience);
    process->patience.data = process;
    process->open_handles += 2; /* the timer and the process itself */
    int code = process_spawn(loop, process);
    process->started = code == 0;
    if (code == 0) {
        process_begin_streams(process);
    } else {
        process->error =
            error_create(arena, OUTCOME_FAILED, "check that it is installed and in PATH",
                         "cannot start %s: %s", options.arguments[0], uv_strerror(code));
        uv_timer_start(&process->patience, process_could_not_start, 0, 0);
    }
    return process;
}

static void process_lose_patience(uv_timer_t *timer)
{
    struct process *process = timer->data;
    uv_kill(-process->handle.pid, SIGKILL);
}

bool process_stop(struct process *process, uint64_t grace)
{
    if (!process->started || process->exited)
        return false;
    uv_kill(-process->handle.pid, SIGTERM);
    uv_timer_start(&process->patience, process_lose_patience, grace, 0);
    return true;
}
