/* Between the files that make up `database.restore`. */
#ifndef RUNTIME_STEPS_RESTORE_H
#define RUNTIME_STEPS_RESTORE_H

#include "base/digest.h"
#include "runtime/dump/chore.h"
#include "runtime/dump/format.h"
#include "runtime/dump/restoring.h"
#include "runtime/dump/unpack.h"
#include "runtime/filestore/copy.h"
#include "runtime/postgres/conversation.h"
#include "runtime/steps/kinds.h"

struct restore {
    struct step_run *step;
    bool by_hand; /* `drehbuch restore`: the result is the user's, and must not be there yet */
    bool renew;   /* as a copy: with a new database.uuid */

    /* The dump. */
    const char *dump;
    enum dump_format format;
    struct digest identity;
    struct dump_contents contents;
    bool has_filestore;

    /* What it becomes. */
    const char *target;  /* the database */
    const char *partial; /* its name until it is whole */
    const char *folder;  /* the filestore; NULL: none is wanted */
    const char *marker;  /* of both */
    const char *staging; /* the folder that SQL is unpacked to */
    const char *sql;     /* the SQL that psql reads */

    /* What is there, and what is to be done. */
    bool there;       /* a database of ours has the name: of this dump, or of another */
    bool same;        /* of this dump */
    bool whole;       /* the partial one is, and has only to be renamed */
    bool needs_files; /* they are to be unpacked or copied */
    bool stale_files; /* an earlier dump's are there, and this one has none */
    struct filestore_copied copied;

    struct conversation *conversation; /* with the server, once there is one */
    struct restoring *restoring;
    struct chore *chore;            /* running, or NULL */
    struct filestore_copy *copying; /* running, or NULL */
    const struct error *failure;    /* that ends it once what was begun is cleared away */
    bool cancelled;
};

/* Ends the step with the error; what was begun is cleared away. */
void restore_fail(struct restore *restore, const struct error *error);

/* Removes the unpacked filestore on the way there ... */
void restore_clear_files(struct restore *restore);
/* ... and goes on with the database that was begun. */
void restore_give_up(struct restore *restore);

/* Goes on with the database once the dump is read ... */
void restore_open_server(struct restore *restore);
/* ... once SQL and filestore are unpacked ... */
void restore_make_database(struct restore *restore);
/* ... and once the filestore is in its place. */
void restore_put_in_place(struct restore *restore);

/* Finds out on the thread pool what the dump is. */
void restore_look(struct restore *restore);

/* What is at the filestore's place; the error refuses it. */
const struct error *restore_check_folder(struct restore *restore);

/* Unpacks what has to be, or only reads it through. */
void restore_unpack(struct restore *restore);

/* Puts the filestore in its place, where there is something to be put or removed. */
void restore_place_files(struct restore *restore);

#endif
