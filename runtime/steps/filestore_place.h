/* Where a run's filestores are, and which folders may go. What the steps for filestores share. */
#ifndef RUNTIME_STEPS_FILESTORE_PLACE_H
#define RUNTIME_STEPS_FILESTORE_PLACE_H

#include "runtime/filestore/copy.h"
#include "runtime/run.h"
#include "runtime/steps/kind.h"

/* In SQL: whether the database has Odoo's table of files, and whether that tells their sizes. */
#define FILESTORE_TABLE_KNOWN                                                                      \
    "SELECT to_regclass('ir_attachment') IS NOT NULL, EXISTS (SELECT FROM pg_attribute WHERE "     \
    "attrelid = to_regclass('ir_attachment') AND attname = 'file_size' AND NOT attisdropped)"

/* Where the working filestore is copied from, or NULL: the environment's source, else what the dump
 * brought. */
const char *filestore_source(const struct step_run *step);

/* The folder with the files that the dump brought, or NULL. */
const char *filestore_of_dump(const struct step_run *step);

/* Why a step that works on the working filestore has nothing to do, or NULL. */
const char *filestore_reason_to_skip(const struct step_run *step);

/* Why the folder, which is there, must not be removed for this run, or NULL. May be asked from any
 * thread, with an arena of its own. */
const struct error *filestore_refuse_removal(struct arena *arena, const struct run *run,
                                             const char *folder);

/* Shows how far a copying is. */
void filestore_show_progress(struct step_run *step, const struct filestore_copied *so_far);

#endif
