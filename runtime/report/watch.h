/* Stands between the executor and the people and programs that watch it: chooses the view, feeds it
 * with events and time, asks questions at the terminal, and ends with the summary. */
#ifndef RUNTIME_REPORT_WATCH_H
#define RUNTIME_REPORT_WATCH_H

#include <stdbool.h>
#include <uv.h>

#include "base/terminal.h"
#include "runtime/executor.h"

struct watch;

/* A watch over the run that will be made with `options`, into which it puts itself. Writes to
 * standard output, which is `terminal`, or with `json` for programs; asks at standard input where
 * that is a terminal too. `compiled` is the plan's path as the user typed it, or NULL: the copy in
 * the run folder. */
struct watch *watch_create(struct arena *arena, uv_loop_t *loop, struct terminal terminal,
                           bool json, const char *compiled, struct executor_options *options);

/* Once the run has ended: shows the rest and the summary. Returns whether the run's end was heard
 * of and shown; where not, the executor's error is still to be told. */
bool watch_end(struct watch *watch, const char *folder);

#endif
