/* An inspection, for people, spreadsheets, documents and programs. */
#ifndef RUNTIME_INSPECT_REPORT_H
#define RUNTIME_INSPECT_REPORT_H

#include "base/table.h"
#include "runtime/inspect/inspection.h"

/* A summary, the third-party modules with what is to be done about each, and the customer's own
 * things. `all`: every module. */
void inspection_write(struct buffer *output, const struct inspection *inspection, bool all,
                      const struct terminal *terminal);

/* The same as a document. */
void inspection_write_markdown(struct buffer *output, const struct inspection *inspection,
                               bool all);

/* One line for every module, and nothing else: the columns' names are those of the JSON. */
void inspection_write_csv(struct buffer *output, const struct inspection *inspection);

/* Everything. */
struct value *inspection_value(struct arena *arena, const struct inspection *inspection);

#endif
