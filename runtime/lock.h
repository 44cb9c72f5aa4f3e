/* One executor a working database: an advisory lock on the server, keyed to the database's name.
 *
 * The lock belongs to a session on the server's maintenance database, so it ends with the executor,
 * however that ends. PostgreSQL keeps advisory locks per database; all executors use `postgres`. */
#ifndef RUNTIME_LOCK_H
#define RUNTIME_LOCK_H

#include "runtime/run.h"

struct lock;

/* `taken` gets NULL, or OUTCOME_REFUSED with who holds it, or why it could not be asked for. `lost`
 * is called where the connection that holds it is lost later: somebody else may then take it. */
struct lock *lock_take(struct run *run, void (*taken)(void *context, const struct error *error),
                       void (*lost)(void *context), void *context);

void lock_release(struct lock *lock);

#endif
