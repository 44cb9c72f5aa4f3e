/* Python literals into values: what a module's manifest is made of.
 *
 * Takes what Python's ast.literal_eval takes, and never runs anything: texts in all their
 * spellings, numbers, True, False, None, and lists, tuples, sets and dictionaries of them. Tuples
 * and sets become arrays (a set's items in the order written, each once), dictionaries objects,
 * bytes texts; of two equal keys the last counts. Keys that are numbers, True, False or None become
 * text as JSON has them.
 *
 * Refused although Python takes it, since a value cannot hold it or no manifest has it: integers
 * beyond 64 bits, reals beyond a double, complex numbers, `...`, characters by their Unicode names
 * (\N{…}), NUL, halves of surrogate pairs, bytes that are not ASCII, tuples as keys; also more than
 * PYTHON_LITERAL_DEPTH_LIMIT levels and more than PYTHON_LITERAL_SIZE_LIMIT bytes. */
#ifndef RUNTIME_ODOO_PYTHON_LITERAL_H
#define RUNTIME_ODOO_PYTHON_LITERAL_H

#include "base/error.h"
#include "base/file.h"
#include "base/value.h"

#define PYTHON_LITERAL_SIZE_LIMIT ((size_t)4 * 1024 * 1024)
#define PYTHON_LITERAL_DEPTH_LIMIT 100

/* Reads the one literal that `bytes` are, comments around it aside. Positions of values speak of
 * the decoded text (python_text.h). Errors (OUTCOME_INVALID) name `name`, line and column. */
const struct error *python_literal_read(struct arena *arena, struct text bytes, const char *name,
                                        struct value **value);

#endif
