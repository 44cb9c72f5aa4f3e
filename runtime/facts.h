/* What a database is, in a few figures: for the record, and for telling the series. */
#ifndef RUNTIME_FACTS_H
#define RUNTIME_FACTS_H

#include "runtime/run.h"

/* `found` gets an object {database, server_version, size, series, modules: {state: count}} in
 * `arena`; series and modules are missing where the database is not Odoo's. Or an error. */
void facts_read(struct run *run, struct arena *arena, const struct database_address *address,
                void (*found)(void *context, struct value *facts, const struct error *error),
                void *context);

#endif
