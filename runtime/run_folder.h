/* The folder that a run leaves behind:
 *
 *   RUNS/ID/plan.json        the compiled plan, byte for byte
 *   RUNS/ID/journal.jsonl    what happened, as it happened
 *   RUNS/ID/steps/NAME.log     what steps said, a file a step that said something
 *   RUNS/ID/run.json         the record, at the end
 *   RUNS/ID/approval.json    in production: the approval it was run with
 *   RUNS/ID/rehearsal.json   the record of the rehearsal that it is compared with
 *   RUNS/latest              a link to the newest; so are RUNS/latest-test and
 * RUNS/latest-production, each of its mode
 */
#ifndef RUNTIME_RUN_FOLDER_H
#define RUNTIME_RUN_FOLDER_H

#include "runtime/run.h"

/* "20261123T081400Z-acme-test-3f2a" */
const char *run_folder_make_id(struct arena *arena, const char *environment_name);

/* Makes the folder with the plan in it. */
const struct error *run_folder_create(struct arena *arena, const char *folder, struct text plan);

/* Points RUNS/latest, and RUNS/latest-test or RUNS/latest-production, to the run. */
const struct error *run_folder_link_latest(struct arena *arena, const char *runs, const char *id,
                                           enum mode mode);

/* The log of step `index` of the plan. */
const char *run_folder_log_path(struct arena *arena, const char *folder, size_t index,
                                const char *step);

#endif
