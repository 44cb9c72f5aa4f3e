/* One file from one folder to another, by the cheapest way that the file systems allow. */
#ifndef RUNTIME_FILESTORE_TRANSFER_H
#define RUNTIME_FILESTORE_TRANSFER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

enum transfer_way { TRANSFER_LINK, TRANSFER_REFLINK, TRANSFER_COPY };

/* What is known of the two file systems; shared by threads. Zero: nothing yet. */
struct transfer {
    atomic_bool links_refused;
    atomic_bool reflinks_refused;
    atomic_bool ranges_refused; /* copy_file_range */
    const atomic_bool *stopped; /* looked at between the pieces of a large file */
};

/* The file `name` in the open folder `from` comes to `to`, whole or not at all; mode, times and,
 * for root, owner as they are. Returns 0 or an errno: EEXIST where it is there, ENOENT where it is
 * gone, ECANCELED where it was stopped. */
int transfer_file(struct transfer *transfer, int from, int to, const char *name,
                  const struct stat *status, enum transfer_way *way);

/* All that was written to the file system of the open folder, to disk. Returns an errno. */
int transfer_sync(int folder);

#endif
