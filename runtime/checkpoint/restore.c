#include "runtime/checkpoint/restore.h"

#include <string.h>

#include "base/file.h"
#include "runtime/checkpoint/list.h"
#include "runtime/filestore/copy.h"
#include "runtime/filestore/folder.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/session.h"
#include "runtime/postgres/strangers.h"

#define PATIENCE 50

struct restoring {
    struct run *run;
    struct arena *arena;
    const char *name; /* of the checkpoint's database */
    const char
        *partial; /* the name that its copy has until it takes the working database's place */
    const char
        *spoilt; /* the name that the working database has from then on, until it is dropped */
    struct session *session;
    int patience; /* tenths of a second that sessions on the checkpoint get to end */
    void (*ended)(void *context, const struct error *error);
    void *context;
};

static void restoring_end(struct restoring *restoring, const struct error *error)
{
    session_close(restoring->session);
    if (error)
        error = error_wrap(restoring->run->arena, error, "cannot go back to the checkpoint \"%s\"",
                           restoring->name);
    restoring->ended(restoring->context, error);
    arena_destroy(restoring->arena);
}

static const char *restoring_quote(struct restoring *restoring, const char *name)
{
    return session_quote_identifier(restoring->session, restoring->arena, name);
}

static void restoring_dropped(void *context, const struct session_answer *answer)
{
    restoring_end(context, answer->error);
}

static void restoring_drop(struct restoring *restoring, const char *name,
                           session_callback *callback)
{
    session_execute(restoring->session,
                    arena_format(restoring->arena, "DROP DATABASE IF EXISTS %s",
                                 restoring_quote(restoring, name)),
                    callback, restoring);
}

static void restoring_swapped(void *context, const struct session_answer *answer)
{
    struct restoring *restoring = context;
    if (answer->error)
        restoring_end(restoring, answer->error);
    else
        restoring_drop(restoring, restoring->spoilt, restoring_dropped);
}

/* In one transaction, so that there is always one whole working database, and it is marked. */
static void restoring_swap(void *context, const struct session_answer *answer)
{
    struct restoring *restoring = context;
    if (answer->error || PQntuples(answer->result) == 0) {
        restoring_end(restoring, answer->error ? answer->error
                                               : error_create(restoring->arena, OUTCOME_FAILED,
                                                              "begin a new run",
                                                              "the working database is gone"));
        return;
    }
    const char *work = restoring_quote(restoring, restoring->run->environment->work.name);
    const char *partial = restoring_quote(restoring, restoring->partial);
    const char *comment =
        session_quote(restoring->session, restoring->arena, PQgetvalue(answer->result, 0, 0));
    session_execute(restoring->session,
                    arena_format(restoring->arena,
                                 "COMMENT ON DATABASE %s IS %s; ALTER DATABASE %s RENAME TO %s; "
                                 "ALTER DATABASE %s RENAME TO %s",
                                 partial, comment, work,
                                 restoring_quote(restoring, restoring->spoilt), partial, work),
                    restoring_swapped, restoring);
}

/* ---- the filestore, once there is a database to go with it ---- */

static void restoring_filestore_ended(void *context, const struct error *error,
                                      const struct filestore_copied *copied)
{
    struct restoring *restoring = context;
    (void)copied;
    if (error)
        restoring_end(restoring, error);
    else
        session_query(restoring->session,
                      "SELECT coalesce(shobj_description(oid, 'pg_database'), '') "
                      "FROM pg_database WHERE datname = $1",
                      1, &restoring->run->environment->work.name, restoring_swap, restoring);
}

static void restoring_filestore(struct restoring *restoring)
{
    const struct environment *environment = restoring->run->environment;
    if (!checkpoint_uses_filestore(environment)) {
        restoring_filestore_ended(restoring, NULL, NULL);
        return;
    }
    /* A crash in an earlier attempt may have come while there was none. */
    const char *marker = filestore_marker(restoring->arena, environment->work_filestore);
    if (!marker)
        marker = marker_write_run(restoring->arena, restoring->run, restoring->name);
    filestore_copy_start(
        restoring->run->loop, restoring->arena,
        (struct filestore_copy_options){
            .from = checkpoint_folder(restoring->arena, environment, restoring->name),
            .to = environment->work_filestore,
            .purpose = FILESTORE_REPLACE,
            .marker = marker,
            .jobs = environment->jobs,
            .ended = restoring_filestore_ended,
            .context = restoring});
}

/* ---- the database ---- */

static void restoring_copy(void *context, const struct session_answer *answer);

/* Somebody may be looking at the checkpoint. */
static void restoring_copied(void *context, const struct session_answer *answer)
{
    struct restoring *restoring = context;
    if (answer->error && strcmp(answer->sqlstate, "55006") == 0 && restoring->patience-- > 0)
        session_execute(restoring->session, "SELECT pg_sleep(0.1)", restoring_copy, restoring);
    else if (answer->error)
        restoring_end(restoring, answer->error);
    else
        restoring_filestore(restoring);
}

static void restoring_copy(void *context, const struct session_answer *answer)
{
    struct restoring *restoring = context;
    if (answer->error)
        restoring_end(restoring, answer->error);
    else
        session_execute(restoring->session,
                        arena_format(restoring->arena, "CREATE DATABASE %s TEMPLATE %s",
                                     restoring_quote(restoring, restoring->partial),
                                     restoring_quote(restoring, restoring->name)),
                        restoring_copied, restoring);
}

static void restoring_clear(void *context, const struct session_answer *answer)
{
    struct restoring *restoring = context;
    if (answer->error)
        restoring_end(restoring, answer->error);
    else
        restoring_drop(restoring, restoring->partial, restoring_copy);
}

static void restoring_opened(void *context, const struct error *error)
{
    struct restoring *restoring = context;
    if (error)
        restoring_end(restoring, error);
    else
        restoring_drop(restoring, restoring->spoilt, restoring_clear);
}

/* Whether the files are there, before anything is done. */
static const struct error *restoring_look(struct restoring *restoring)
{
    const struct environment *environment = restoring->run->environment;
    if (!checkpoint_uses_filestore(environment))
        return NULL;
    const char *from = checkpoint_folder(restoring->arena, environment, restoring->name);
    if (from && file_exists(from))
        return NULL;
    return error_create(restoring->arena, OUTCOME_FAILED, "put the folder back, or begin a new run",
                        "its filestore \"%s\" is gone", from ? from : "");
}

static void restoring_alone(void *context, const struct error *error)
{
    struct restoring *restoring = context;
    const struct run *run = restoring->run;
    if (!error)
        error = restoring_look(restoring);
    if (error)
        restoring_end(restoring, error);
    else
        restoring->session =
            session_open(run->loop, run_target(run, &run->environment->work, "postgres"),
                         restoring_opened, restoring);
}

void checkpoint_restore(struct run *run, const char *name,
                        void (*ended)(void *context, const struct error *error), void *context)
{
    struct arena *arena = arena_create();
    struct restoring *restoring = arena_allocate(arena, sizeof *restoring);
    *restoring = (struct restoring){.run = run,
                                    .arena = arena,
                                    .name = name,
                                    .patience = PATIENCE,
                                    .ended = ended,
                                    .context = context};
    restoring->partial = marker_partial_name(arena, run->environment->work.name, run->id);
    restoring->spoilt = marker_spoilt_name(arena, run->environment->work.name, run->id);
    strangers_end(run, restoring_alone, restoring);
}
