/* Where a plan is run: the environment file, checked, with its bindings and passwords fetched.
 *
 * Secrets stand only in `bindings`, in the addresses' passwords, and in `secrets`, which is what
 * everything that is written somewhere is masked by. */
#ifndef RUNTIME_ENVIRONMENT_H
#define RUNTIME_ENVIRONMENT_H

#include <stdint.h>

#include "base/diagnostic.h"
#include "base/error.h"
#include "base/map.h"
#include "compiler/compiled.h"
#include "runtime/known_errors.h"

#define SECRET_MASK "********" /* what is shown in a secret's place */

enum mode { MODE_TEST, MODE_PRODUCTION };

const char *mode_name(enum mode mode); /* "test", "production" */

struct database_address {
    const char *url;      /* libpq URI, without a password */
    const char *name;     /* the database's name */
    const char *password; /* secret; NULL: libpq's own ways (PGPASSWORD, PGPASSFILE) */
};

enum copy_method { COPY_AUTO, COPY_TEMPLATE, COPY_DUMP };

enum backup_format { BACKUP_FOLDER, BACKUP_ZIP };

/* Which copies of the working database are kept on the way: limits.checkpoints. */
struct checkpoint_policy {
    int64_t count;   /* at most so many; 0: none */
    int64_t disk;    /* bytes that they may have together; 0: any */
    int64_t minimum; /* milliseconds that the steps since the last one took */
};

struct environment {
    const char *path; /* of the file */
    const char *name;
    enum mode mode;
    struct database_address source; /* where a dump is named: the database that is made of it */
    struct database_address work;
    const char *source_dump;      /* the dump that is upgraded; NULL: a database is */
    const char *source_filestore; /* NULL where the environment names none; may be HOST:FOLDER */
    const char *work_filestore;
    const struct value *publish;            /* NULL: the result stays where it is */
    const char *publish_filestore;          /* where the working filestore goes, or NULL */
    const char *publish_replaced_filestore; /* where what is there goes, or NULL */
    enum copy_method copy;
    const char *backup_folder; /* NULL where none is named */
    bool backup_declined;      /* `backup: false`: a conscious no */
    enum backup_format backup_format;
    const char *runs; /* the folder of run folders */
    const char *const
        *approval_keys; /* PEM files of public keys; approvals must then be signed by one */
    size_t approval_key_count;
    int jobs;          /* how many steps may run side by side */
    int64_t window;    /* milliseconds a run may take; 0: no limit */
    int64_t free_disk; /* bytes to leave free */
    int64_t timeout;   /* milliseconds for steps that name no time of their own; 0: no limit */
    struct checkpoint_policy checkpoints;
    struct map *odoo;                  /* version to its struct installation */
    struct known_errors *known_errors; /* the catalogue, with the environment's own entries */
    struct map *bindings;              /* name to its value, a string */
    const char *const *secrets;        /* what may be shown nowhere, longest first */
    size_t secret_count;
};

/* Reads, checks and fetches (environment variables, files, commands). Every binding that `plan`
 * declares must be supplied, and none else; where `plan` is NULL bindings are left alone. What is
 * wrong with the document goes to `diagnostics`; the error (OUTCOME_INVALID) then says how much it
 * is. */
const struct error *environment_load(struct arena *arena, const char *path,
                                     const struct compiled_plan *plan,
                                     struct diagnostics *diagnostics,
                                     struct environment **environment);

/* What `drehbuch restore` is told on the command line. */
struct restore_order {
    const char *dump;
    const char *database;          /* libpq URI of the database to be made */
    const char *password_variable; /* environment variable that holds the password, or NULL */
    const char *filestore;         /* the folder to be made; NULL: none */
};

/* An environment whose source is made of the dump, under the very name that was ordered. What is
 * wrong with the order is OUTCOME_USAGE. */
const struct error *environment_for_restore(struct arena *arena, const struct restore_order *order,
                                            struct environment **environment);

/* `text` with every secret replaced by "********"; `text` itself where there is none in it. */
const char *environment_mask(const struct environment *environment, struct arena *arena,
                             const char *text);

/* The same for all strings of a tree, keys too. */
struct value *environment_mask_value(const struct environment *environment, struct arena *arena,
                                     struct value *value);

#endif
