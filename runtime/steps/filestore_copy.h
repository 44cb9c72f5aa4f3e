/* The two files of `filestore.copy`, between themselves. */
#ifndef RUNTIME_STEPS_FILESTORE_COPY_H
#define RUNTIME_STEPS_FILESTORE_COPY_H

#include "runtime/steps/kind.h"

void filestore_copy_preflight(struct step_run *step);

#endif
