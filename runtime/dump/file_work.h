/* What work on many files shares with whoever waits for it: how far it is, and whether it is to
 * stop. It runs on a thread of the pool (chore.h), with an arena of its own. */
#ifndef RUNTIME_DUMP_FILE_WORK_H
#define RUNTIME_DUMP_FILE_WORK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct file_work {
    struct arena *arena;        /* of the thread alone until the work has ended */
    const atomic_bool *stopped; /* set by whoever waits */
    atomic_llong done;          /* bytes so far ... */
    atomic_llong total;         /* ... of so many; 0: nobody knows */
};

/* Counts `bytes` more; OUTCOME_INTERRUPTED where the work is to stop. */
const struct error *file_work_advance(struct file_work *work, int64_t bytes);

/* Whether `need` bytes more leave `keep` bytes free where `folder` is. */
const struct error *file_work_check_space(struct file_work *work, const char *folder, int64_t need,
                                          int64_t keep);

/* Adds up the bytes of all files below `folder` (or of the file), and counts them; nothing where it
 * is not there. */
const struct error *file_work_measure(struct file_work *work, const char *folder, int64_t *bytes,
                                      int64_t *files);

/* The sorted names in a folder, without "." and "..". */
const struct error *file_work_list(struct file_work *work, const char *folder,
                                   const char *const **names, size_t *count);

#endif
