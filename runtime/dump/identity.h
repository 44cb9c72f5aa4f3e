/* What identifies a dump: a digest of its bytes. */
#ifndef RUNTIME_DUMP_IDENTITY_H
#define RUNTIME_DUMP_IDENTITY_H

#include "base/digest.h"
#include "runtime/dump/file_work.h"

/* SHA-256 of the file's bytes; of a folder, of the lines "DIGEST  PATH" of all its files, in the
 * order of their paths, folder by folder. */
const struct error *dump_identify(struct file_work *work, const char *path, struct digest *digest);

#endif
