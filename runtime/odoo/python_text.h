/* The text of a Python file, whatever it is encoded in.
 *
 * Bytes that are UTF-8 are read as UTF-8, whatever the file declares: so does Odoo. Other bytes are
 * read as the file declares in one of its first two lines (PEP 263). */
#ifndef RUNTIME_ODOO_PYTHON_TEXT_H
#define RUNTIME_ODOO_PYTHON_TEXT_H

#include "base/error.h"
#include "base/file.h"

/* Makes valid UTF-8 of `bytes`, without a byte order mark and without NUL, all line breaks LF.
 * `*encoding` is what Odoo, which reads UTF-8 alone, cannot read ("latin-1", "UTF-8 with a byte
 * order mark"), else NULL. The error (OUTCOME_INVALID) names `name` and the line. */
const struct error *python_text_read(struct arena *arena, struct text bytes, const char *name,
                                     struct text *text, const char **encoding);

#endif
