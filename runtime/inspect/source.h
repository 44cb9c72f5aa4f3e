/* What a database of Odoo's has: its modules, what they own, and what the customer has made. Only
 * read, in one snapshot. */
#ifndef RUNTIME_INSPECT_SOURCE_H
#define RUNTIME_INSPECT_SOURCE_H

#include "base/error.h"
#include "runtime/environment.h"
#include "runtime/run.h"

struct source_facts {
    const struct value *database;   /* {name, server, bytes, series} */
    const struct value *modules;    /* in order of names: {name, title, state, version, author,
                                       license,    imported} */
    const struct value *depends;    /* name: the installed modules that depend on it */
    const struct value *owned;      /* name: {tables, rows, bytes} of the tables that it brought */
    const struct value *added;      /* name: how many columns it has added to others' tables */
    const struct value *custom;     /* {kind, title, names} of the customer's own things */
    const struct value *parameters; /* key: value; secrets are left out */
};

struct inspected_source;

/* Opens a session to it, in a snapshot that lasts until inspected_source_close. All of these block.
 * An error (OUTCOME_FAILED) where it is no database of Odoo's or cannot be read. */
const struct error *inspected_source_open(struct run *run, const struct database_address *address,
                                          struct inspected_source **opened);

/* Everything but `owned` and `added`. */
const struct error *inspected_source_read(struct inspected_source *source,
                                          struct source_facts *facts);

/* What each module owns. Rows of the modules in the list `counted` (NULL: of all) are counted, of
 * the others they are as many as the server's statistics say. */
const struct error *inspected_source_measure(struct inspected_source *source,
                                             const struct value *counted,
                                             struct source_facts *facts);

/* NULL is allowed. */
void inspected_source_close(struct inspected_source *source);

#endif
