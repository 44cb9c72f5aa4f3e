/* The working database: one session for all that writes to it, and the receipts of what was
 * committed.
 *
 * Receipts lie in the database's own schema `drehbuch`, made when the session opens. A step's
 * receipt is written inside its transaction, so after a crash it tells committed from not
 * committed.
 *
 * That is why transactional steps need not wait for the disk: they commit asynchronously
 * (PostgreSQL keeps the order of commits, so a crash costs the last of them, receipts included, and
 * a resumed run does them again). Before anything begins whose doing is not told by a receipt,
 * work_flush waits until all of it is on disk. */
#ifndef RUNTIME_POSTGRES_WORK_H
#define RUNTIME_POSTGRES_WORK_H

#include "runtime/postgres/session.h"
#include "runtime/run.h"

struct work_database *work_create(struct run *run);

/* Gets the session, opened and with the schema made where that is still to do. `ready` comes from
 * the loop. The session stays the work database's; one user at a time, as steps that write it never
 * run side by side. */
void work_use(struct work_database *work,
              void (*ready)(void *context, struct session *session, const struct error *error),
              void *context);

/* Whether there are commits that may not be on disk. */
bool work_is_dirty(const struct work_database *work);

/* A transaction was committed asynchronously. */
void work_note_commit(struct work_database *work);

/* Waits until all commits are on disk. `flushed` comes from the loop, with an error where that
 * cannot be said: the run then has to be resumed. */
void work_flush(struct work_database *work,
                void (*flushed)(void *context, const struct error *error), void *context);

/* Closes the session, before the database is dropped or renamed, or at the end. It opens again when
 * used. */
void work_disconnect(struct work_database *work);

/* Ends what a killed executor of this run has left on the server, waits until what it committed is
 * on disk, and reads the run's receipts: an object of step id to {digest, effects}. NULL where the
 * working database does not exist or is not of this run. `found` gets it in `arena`. */
void work_read_receipts(struct run *run, struct arena *arena,
                        void (*found)(void *context, struct value *receipts,
                                      const struct error *error),
                        void *context);

#endif
