/* The append-only record of a run: one JSON object a line, written as it happens, each with the
 * digest of the line before. What the journal says is what happened; status, log, resume, record
 * and the views are made from it.
 *
 * Every entry has "at" (UTC, milliseconds), "event", "sequence" (from 0) and "previous" (SHA-256 of
 * the line before without its newline; of the empty text for the first). Events and their further
 * members: run-started, run-resumed, step-started, step-ended, warning, run-ended: docs/journal.md.
 */
#ifndef RUNTIME_JOURNAL_H
#define RUNTIME_JOURNAL_H

#include "base/error.h"
#include "base/value.h"

struct journal;

/* Starts a new journal; fails where the file exists. */
const struct error *journal_create(struct arena *arena, const char *path, struct journal **journal);

/* Opens an existing one to go on: reads and verifies it as journal_read does, and cuts off a last
 * line that was not written to its end. */
const struct error *journal_open(struct arena *arena, const char *path, struct journal **journal,
                                 struct value **entries);

enum journal_sync {
    JOURNAL_SYNC_NOW,   /* on disk when the call returns */
    JOURNAL_SYNC_LATER, /* on disk within a second (journal_sync is called by then): where a receipt
                           tells too */
};

/* Completes `entry` with at, sequence and previous, and appends it. */
const struct error *journal_append(struct journal *journal, struct value *entry,
                                   enum journal_sync sync);

/* Puts on disk what is not yet there. */
const struct error *journal_sync(struct journal *journal);

const struct error *journal_close(struct journal *journal);

/* Reads a whole journal into a list of entries and verifies the chain; the error names the first
 * line that does not fit. A last line without its newline was cut off by a crash and is left out.
 */
const struct error *journal_read(struct arena *arena, const char *path, struct value **entries);
const struct error *journal_parse(struct arena *arena, struct text text, const char *name,
                                  struct value **entries);

#endif
