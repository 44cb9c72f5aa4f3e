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
                                       license,    to_buy} */
    const struct value *depends;    /* name: the installed modules that depend on it */
    const struct value *owned;      /* name: {tables, rows, bytes} of the tables that it brought */
    const struct value *custom;     /* {kind, title, names} of the customer's own things */
    const struct value *parameters; /* key: value; secrets are left out */
};

/* Blocks. `exact`: rows are counted, else they are as many as the server's statistics say. An error
 * (OUTCOME_FAILED) where it is no database of Odoo's or cannot be read. */
const struct error *source_read(struct run *run, const struct database_address *address, bool exact,
                                struct source_facts *facts);

#endif
