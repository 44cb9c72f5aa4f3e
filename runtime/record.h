/* The summary of a run, made from its journal: small, kept with the plan, diffable
 * (schemas/record.schema.json). */
#ifndef RUNTIME_RECORD_H
#define RUNTIME_RECORD_H

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/value.h"

#define RECORD_FORMAT "drehbuch-record/1"
#define RECORD_SIZE_LIMIT ((size_t)512 * 1024 * 1024)

/* Makes the record of the run whose journal has these entries. `drift` is the list that
 * drift_compare returned, or NULL where there was no rehearsal to compare with. */
struct value *record_make(struct arena *arena, const struct value *entries, struct value *drift);

/* Reads a record and checks its form; *digest is that of the file's bytes. */
const struct error *record_load(struct arena *arena, const char *path, struct value **record,
                                struct digest *digest);

/* Why a rehearsal with this record cannot be approved, in words that fit behind "because "; NULL
 * where it can. */
const char *record_objection(const struct value *record);

/* How long a step took there, in milliseconds; -1 where it did not run. Builds its index on first
 * use. */
struct record_durations;
struct record_durations *record_durations_create(struct arena *arena, const struct value *record);
int64_t record_duration(const struct record_durations *durations, const char *step);

#endif
