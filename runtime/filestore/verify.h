/* Files of a filestore against the names that the database knows them by, which are the SHA-1 of
 * their content. */
#ifndef RUNTIME_FILESTORE_VERIFY_H
#define RUNTIME_FILESTORE_VERIFY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum verify_state {
    VERIFY_PRESENT,
    VERIFY_FETCHED,   /* it was missing, and a source had it */
    VERIFY_MISSING,   /* the sources do not have it either */
    VERIFY_DAMAGED,   /* its content is not what its name says, and neither is a source's */
    VERIFY_WORSE,     /* its content is not what its name says, but a source's is */
    VERIFY_ELSEWHERE, /* the name is of no filestore: a module keeps its files in another place */
};

struct verify_file {
    const char *name; /* store_fname */
    int64_t size;     /* what the database says; -1: nothing */
    bool hash;        /* its content is to be read */
    bool hashed;      /* it was */
    enum verify_state state;
};

struct verification {
    const char *folder;         /* a filestore of drehbuch's */
    const char *const *sources; /* where missing files are fetched from, in this order */
    size_t source_count;
    int jobs;
};

/* Fills in the files' `state` and `hashed`. A file is also read where it has another size than the
 * database says. What is fetched is on disk afterwards. Blocks. */
const struct error *filestore_verify(struct arena *arena, const struct verification *verification,
                                     struct verify_file *files, size_t count,
                                     const atomic_bool *stopped);

/* How many files the filestore has, without the list that Odoo's garbage collector keeps there.
 * Blocks. */
const struct error *filestore_count(struct arena *arena, const char *folder, int jobs,
                                    const atomic_bool *stopped, int64_t *count);

/* Whether `name` has the form of a file of a filestore: "ab/ab..." */
bool filestore_name_is_valid(const char *name);

#endif
