/* Walks a tree of folders with several threads: of each folder one thread reads the entries. */
#ifndef RUNTIME_FILESTORE_TREE_H
#define RUNTIME_FILESTORE_TREE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"

#define TREE_DEPTH_LIMIT 16 /* a filestore has two; a link to a folder above would have no end */

struct tree;

struct tree_folder {
    const char *path; /* below the root; "." is the root itself */
    int file;         /* the folder, open for reading */
    int other;        /* the visitor's: closed behind its last entry; -1 */
    int depth;
    struct tree_folder *next; /* in line */
};

struct tree_visitor {
    /* Both are called from any of the threads; false where tree_fail was called. Links have been
     * followed. */
    bool (*enter)(void *context, struct tree *tree, struct tree_folder *folder,
                  const struct stat *status); /* may be NULL */
    bool (*file)(void *context, struct tree *tree, const struct tree_folder *folder,
                 const char *name, const struct stat *status);
    /* An entry that was listed is gone; may be NULL. */
    void (*vanished)(void *context);
    void *context;
    const char *marker; /* the name of a file of the root that is passed over, or NULL */
};

/* Blocks until all was visited, or something failed, or `stopped`. */
const struct error *tree_walk(struct arena *arena, const char *root, int jobs,
                              const struct tree_visitor *visitor, const atomic_bool *stopped);

/* Ends the walk with this error, unless it has one. From any thread. `action`: "cannot copy";
 * `name` (or NULL) in the folder `path` below `root`. Returns false. */
bool tree_fail(struct tree *tree, int code, const char *action, const char *root, const char *path,
               const char *name);

bool tree_is_over(struct tree *tree);

/* What to do about an errno of writing or reading files; NULL where there is nothing to be said. */
const char *tree_help(int code);

#endif
