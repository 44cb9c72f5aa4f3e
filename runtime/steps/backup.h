/* Between the files that make up `database.backup`. */
#ifndef RUNTIME_STEPS_BACKUP_H
#define RUNTIME_STEPS_BACKUP_H

#include "runtime/dump/chore.h"
#include "runtime/dump/pack.h"
#include "runtime/filestore/copy.h"
#include "runtime/postgres/conversation.h"
#include "runtime/postgres/tools.h"
#include "runtime/steps/kinds.h"
#include "runtime/steps/program.h"

struct backup {
    struct step_run *step;

    /* What is backed up, and where to. */
    const struct database_address *address;
    const char *filestore; /* NULL: none, or one of another host */
    bool left_out;         /* of another host */
    enum backup_format format;
    const char *parent;  /* the folder that the backup comes to */
    const char *final;   /* NULL: the environment names no place */
    const char *partial; /* the folder that it is made in */
    bool by_hand;        /* there must be nothing in its place */

    /* What was found out and done. */
    int64_t database_bytes;
    int64_t filestore_bytes;
    int server_version; /* as PQserverVersion gives it */
    bool is_odoo;
    const char *manifest; /* the text of manifest.json */
    struct filestore_copied copied;
    struct dump_packed packed;
    int64_t bytes; /* of the backup */
    int64_t files; /* of the filestore in it */

    const struct tools *tools;
    struct conversation *conversation; /* open, or NULL */
    struct chore *chore;               /* running, or NULL */
    struct program *program;           /* running, or NULL */
    struct filestore_copy *copying;    /* running, or NULL */
    const struct error *failure;
    bool cancelled;
};

/* What the step is to do, from its specification and the environment. */
struct backup *backup_create(struct step_run *step);

/* The preflight: is there a place for it, and is it large enough? */
void backup_preflight(struct step_run *step);

/* Reads what manifest.json says from the database, and closes the session. */
void backup_read_manifest(struct backup *backup, void (*next)(struct backup *backup));

/* True where it is over, with the error or because it was asked to stop: the step is then ended,
 * once what was begun is removed. */
bool backup_is_over(struct backup *backup, const struct error *error);

/* Makes the folder to work in; what an earlier attempt left goes. */
void backup_make_place(struct backup *backup, void (*next)(struct backup *backup));

/* Once the dump is there: adds all else, verifies, and gives the backup its name. */
void backup_complete(struct backup *backup, void (*next)(struct backup *backup));

#endif
