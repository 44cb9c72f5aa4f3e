/* Plans from what people have: a migration file of marabunta, the dotenv file of a playbook, the
 * folder of odoo-openupgrade-wizard. Nothing is guessed: what is ambiguous becomes `tbd`, and what
 * a plan has no equivalent for is noted. Nothing that is read is ever executed. */
#ifndef COMPILER_IMPORT_IMPORT_H
#define COMPILER_IMPORT_IMPORT_H

#include "compiler/import/draft.h"

/* Reads `path`, in the format "marabunta", "playbook" or "wizard"; NULL: the one that the path
 * tells: a folder is the wizard's, a file whose name ends in .yml or .yaml marabunta's, any other
 * file a playbook's. What is wrong with it is added to `diagnostics`; the draft is then of no use.
 */
struct draft import_read(struct arena *arena, const char *path, const char *format,
                         struct diagnostics *diagnostics);

/* The formats, among themselves; each reads into the draft. */
void import_marabunta(struct draft *draft, const char *path, struct diagnostics *diagnostics);
void import_playbook(struct draft *draft, const char *path, struct diagnostics *diagnostics);
void import_wizard(struct draft *draft, const char *folder, struct diagnostics *diagnostics);

/* Reads a text file of at most `limit` bytes: UTF-8 without NUL. NULL after adding a diagnostic. */
const struct source *import_read_text(struct arena *arena, const char *path, size_t limit,
                                      struct diagnostics *diagnostics);

/* The spelling of a text or number; NULL for all else. */
const char *import_spelling(const struct value *value);

/* Adds a diagnostic at `value` unless it is of `kind`; NULL is fine, and false. */
bool import_check_kind(const struct value *value, enum value_kind kind,
                       struct diagnostics *diagnostics);

#endif
