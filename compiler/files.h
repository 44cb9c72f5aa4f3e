/* The files that a plan is made of: read once, and only from within the plan's root folder. */
#ifndef COMPILER_FILES_H
#define COMPILER_FILES_H

#include "base/diagnostic.h"

struct files;

/* A file that was read. */
struct included {
    const struct source *source; /* its text; `path` as it is shown: seen from where the user is */
    const char *origin; /* its path from the root folder, with forward slashes: the same wherever
                           that folder lies */
    const char *real;   /* its absolute path without symbolic links; NULL for a text in memory */
};

/* Reads the plan `path`. Its root folder is `root` or, where that is NULL, the folder that holds
 * the nearest folder `plans` above the plan, else the plan's own folder. Returns NULL after adding
 * a diagnostic. */
struct files *files_open(struct arena *arena, const char *path, const char *root,
                         struct diagnostics *diagnostics, const struct included **plan);

/* Takes the plan from memory; it can then name no other files. */
struct files *files_open_text(struct arena *arena, const struct source *source,
                              const struct included **plan);

/* Reads the file that the text `name` in `from` names, relative to that one's folder, once however
 * often it is named. Returns NULL after adding a diagnostic: it lies outside of the root folder,
 * cannot be read, is larger than `limit` bytes, or is not text. */
const struct included *files_include(struct files *files, const struct included *from,
                                     const struct value *name, size_t limit,
                                     struct diagnostics *diagnostics);

#endif
