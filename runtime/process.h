/* Child processes by argument vector, in a process group of their own, on the event loop (libuv).
 */
#ifndef RUNTIME_PROCESS_H
#define RUNTIME_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"

struct process;

struct process_options {
    const char *const *arguments; /* NULL-terminated; the first is looked up in PATH */
    const char *const
        *environment; /* "NAME=VALUE", NULL-terminated, added to ours; may be NULL. For secrets too:
                         an environment is not in the process list, arguments are */
    const char *folder; /* working folder, or NULL for ours */
    const char *input;  /* standard input's text, or NULL for none (/dev/null) */
    void (*line)(void *context, int stream,
                 const char *line); /* each line of output: 1 stdout, 2 stderr; may be NULL */
    void (*ended)(void *context, const struct error *error, int64_t exit_code, int signal);
    void *context;
};

/* Starts. Where that fails, `ended` gets the error (what, and that it may not be installed), later,
 * from the loop. */
struct process *process_start(uv_loop_t *loop, struct arena *arena, struct process_options options);

/* SIGTERM to the whole group, SIGKILL after `grace` milliseconds. `ended` still comes. False where
 * the process had ended by itself. */
bool process_stop(struct process *process, uint64_t grace);

#endif
