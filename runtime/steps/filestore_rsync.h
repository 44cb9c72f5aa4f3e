/* Files of another host: by rsync over ssh. */
#ifndef RUNTIME_STEPS_FILESTORE_RSYNC_H
#define RUNTIME_STEPS_FILESTORE_RSYNC_H

#include "runtime/steps/kind.h"

struct filestore_rsync;

/* The error says what rsync's exit code means. `vanished`: files that went away meanwhile, which is
 * no error. */
typedef void filestore_rsync_ended(void *context, const struct error *error, int64_t vanished);

/* Makes the folder `to` what the folder `from` (HOST:FOLDER) is. What rsync says goes to the step's
 * log. */
struct filestore_rsync *filestore_rsync_start(struct step_run *step, const char *from,
                                              const char *to, filestore_rsync_ended *ended,
                                              void *context);

/* Brings those of the files that a list names, one a line, and that are there. */
struct filestore_rsync *filestore_rsync_fetch(struct step_run *step, const char *from,
                                              const char *to, const char *list,
                                              filestore_rsync_ended *ended, void *context);

/* Only looks: whether the host can be reached and has the folder. */
struct filestore_rsync *filestore_rsync_look(struct step_run *step, const char *from,
                                             filestore_rsync_ended *ended, void *context);

void filestore_rsync_stop(struct filestore_rsync *rsync);

#endif
