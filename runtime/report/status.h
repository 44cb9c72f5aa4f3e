/* What `drehbuch status` says of a run: how it stands, and each step. */
#ifndef RUNTIME_REPORT_STATUS_H
#define RUNTIME_REPORT_STATUS_H

#include "base/buffer.h"
#include "base/terminal.h"
#include "runtime/report/history.h"

void status_write(struct buffer *output, const struct past_run *run, int64_t now,
                  const struct terminal *terminal);

/* The same for programs:
 * {run, folder, title, environment, mode, state ("running", "ended", "killed", "elsewhere"),
 * process, host, result?, error? {message, help?}, counts {waiting, ...}, forecast? {milliseconds,
 * complete}, steps [{id, kind, state, milliseconds?, estimate?, reason?, error?}]}. */
struct value *status_value(struct arena *arena, const struct past_run *run, int64_t now);

#endif
