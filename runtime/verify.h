/* Whether what a run left behind, or is to be run, is as it was written. */
#ifndef RUNTIME_VERIFY_H
#define RUNTIME_VERIFY_H

#include "base/error.h"

/* Verifies one file, of whatever kind it turns out to be: a compiled plan, a journal, an approval
 * (against the public keys in these PEM files, if any), a record. *found says in one line what it
 * is. */
const struct error *verify_file(struct arena *arena, const char *path, const char *const *key_paths,
                                size_t key_count, const char **found);

/* Verifies a run folder: each file in it, and that they belong together. */
const struct error *verify_run(struct arena *arena, const char *folder,
                               const char *const *key_paths, size_t key_count, const char **found);

#endif
