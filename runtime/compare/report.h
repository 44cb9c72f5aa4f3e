/* A comparison in words and tables, and as JSON. */
#ifndef RUNTIME_COMPARE_REPORT_H
#define RUNTIME_COMPARE_REPORT_H

#include "base/buffer.h"
#include "base/terminal.h"
#include "base/value.h"
#include "runtime/compare/compare.h"

/* The summary first, then what differs. */
void compare_write(struct buffer *output, const struct comparison *comparison,
                   const struct terminal *terminal);

/* One line: "equal: ..." or "different: ...". */
const char *compare_summary(const struct comparison *comparison);

struct value *compare_value_of(struct arena *arena, const struct comparison *comparison);

#endif
