#include "runtime/checkpoint/make.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "runtime/filestore/copy.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/template.h"

#define PATIENCE 50 /* tenths of a second that sessions on the working database get to end */

struct checkpoint_making {
    struct run *run;
    struct arena *arena;
    const struct compiled_step *step;
    const char *snapshot;
    const char *name;    /* of the database that is made ... */
    const char *partial; /* ... and until it is whole */
    struct session *session;
    const struct checkpoints *others;
    size_t next; /* of them */
    bool has_filestore;
    struct filestore_copy *copy;
    int patience;
    bool stopped;
    struct checkpoint_made made;
    void (*ended)(void *context, const struct checkpoint_made *made);
    void *context;
};

static void making_end(struct checkpoint_making *making, const char *why)
{
    making->made.why = why ? arena_copy(making->run->arena, why) : NULL;
    if (why)
        making->made.database = NULL;
    session_close(making->session);
    making->ended(making->context, &making->made);
    arena_destroy(making->arena);
}

/* Whether the answer ends it: there is an error, or it was asked to stop. */
static bool making_failed(struct checkpoint_making *making, const struct error *error)
{
    if (!error && !making->stopped)
        return false;
    making_end(making, error ? error->message : "it was asked to stop");
    return true;
}

static void making_make_room(struct checkpoint_making *making);

/* ---- the database ---- */

static const char *making_quote(struct checkpoint_making *making, const char *name)
{
    return session_quote_identifier(making->session, making->arena, name);
}

static void making_named(void *context, const struct session_answer *answer)
{
    struct checkpoint_making *making = context;
    if (making_failed(making, answer->error))
        return;
    making->made.database = arena_copy(making->run->arena, making->name);
    making_make_room(making);
}

static void making_create(struct checkpoint_making *making);

static void making_created(void *context, const struct session_answer *answer)
{
    struct checkpoint_making *making = context;
    /* Somebody's session has not ended yet. */
    if (answer->error && strcmp(answer->sqlstate, "55006") == 0 && making->patience-- > 0 &&
        !making->stopped) {
        making_create(making);
        return;
    }
    if (making_failed(making, answer->error))
        return;
    const char *partial = making_quote(making, making->partial);
    const char *comment = marker_write_saved(making->arena, making->run, making->step,
                                             making->snapshot, making->has_filestore);
    session_execute(making->session,
                    arena_format(making->arena,
                                 "COMMENT ON DATABASE %s IS %s; ALTER DATABASE %s RENAME TO %s",
                                 partial, session_quote(making->session, making->arena, comment),
                                 partial, making_quote(making, making->name)),
                    making_named, making);
}

static void making_waited(void *context, const struct session_answer *answer)
{
    struct checkpoint_making *making = context;
    if (making_failed(making, answer->error))
        return;
    session_execute(
        making->session,
        arena_format(making->arena, "CREATE DATABASE %s TEMPLATE %s%s",
                     making_quote(making, making->partial),
                     making_quote(making, making->run->environment->work.name),
                     template_strategy(PQserverVersion(session_connection(making->session)),
                                       making->made.bytes)),
        making_created, making);
}

static void making_create(struct checkpoint_making *making)
{
    session_execute(making->session,
                    making->patience == PATIENCE ? "SELECT 1" : "SELECT pg_sleep(0.1)",
                    making_waited, making);
}

static void making_cleared(void *context, const struct session_answer *answer)
{
    struct checkpoint_making *making = context;
    if (!making_failed(making, answer->error))
        making_create(making);
}

/* What a crash has left of an earlier attempt. */
static void making_clear(struct checkpoint_making *making)
{
    session_execute(making->session,
                    arena_format(making->arena, "DROP DATABASE IF EXISTS %s",
                                 making_quote(making, making->partial)),
                    making_cleared, making);
}

/* ---- the filestore ---- */

static void making_copied(void *context, const struct error *error,
                          const struct filestore_copied *copied)
{
    struct checkpoint_making *making = context;
    (void)copied;
    making->copy = NULL;
    if (!making_failed(making, error))
        making_clear(making);
}

static void making_copy_filestore(struct checkpoint_making *making)
{
    const struct environment *environment = making->run->environment;
    making->has_filestore = environment->work_filestore && file_exists(environment->work_filestore);
    if (!making->has_filestore) {
        making_clear(making);
        return;
    }
    making->copy = filestore_copy_start(
        making->run->loop, making->arena,
        (struct filestore_copy_options){
            .from = environment->work_filestore,
            .to = checkpoint_folder(making->arena, environment, making->name),
            .purpose = FILESTORE_REPLACE,
            .marker = marker_write_saved(making->arena, making->run, making->step, making->snapshot,
                                         making->has_filestore),
            .jobs = environment->jobs,
            .ended = making_copied,
            .context = making});
}

/* ---- room for it ---- */

static void making_removed(void *context, const struct error *error)
{
    struct checkpoint_making *making = context;
    if (error && making->made.database)
        making_end(making, NULL); /* the new one is whole; the old one goes another time */
    else if (!making_failed(making, error))
        making_make_room(making);
}

/* The oldest go until the limits hold with the new one. */
static void making_make_room(struct checkpoint_making *making)
{
    const struct checkpoint_policy *policy = &making->run->environment->checkpoints;
    const struct checkpoints *others = making->others;
    int64_t bytes = making->made.bytes;
    for (size_t i = making->next; i < others->count; i++)
        bytes += others->items[i].bytes;
    bool too_many = (int64_t)(others->count - making->next) >= policy->count;
    bool too_large = policy->disk > 0 && bytes > policy->disk;
    if (making->next < others->count && (too_many || too_large))
        checkpoint_remove(making->run, making->arena, making->session,
                          &others->items[making->next++], making_removed, making);
    else if (making->made.database)
        making_end(making, NULL);
    else
        making_copy_filestore(making);
}

static void making_measured(void *context, const struct session_answer *answer)
{
    struct checkpoint_making *making = context;
    int64_t disk = making->run->environment->checkpoints.disk;
    if (making_failed(making, answer->error))
        return;
    making->made.bytes = strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10);
    if (disk > 0 && making->made.bytes > disk)
        making_end(making, "the database alone is larger than limits.checkpoints.disk");
    else if (disk > 0)
        making_make_room(making);
    else
        making_copy_filestore(making); /* the older ones go once this one is whole */
}

static void making_measure(void *context, const struct error *error)
{
    struct checkpoint_making *making = context;
    if (making_failed(making, error))
        return;
    session_query(making->session, "SELECT pg_database_size($1::name)", 1,
                  &making->run->environment->work.name, making_measured, making);
}

/* The same step after the same history may be kept already: by this run, then it is as good; by
 * another, whose receipts it has and not this run's, then it is made anew. */
static void making_listed(void *context, const struct checkpoints *checkpoints,
                          const struct error *error)
{
    struct checkpoint_making *making = context;
    if (making_failed(making, error))
        return;
    struct checkpoints *others = arena_allocate(making->arena, sizeof *others);
    const struct checkpoint *same = NULL;
    others->items = arena_allocate(making->arena, (checkpoints->count + 1) * sizeof *others->items);
    for (size_t i = 0; i < checkpoints->count; i++)
        if (strcmp(checkpoints->items[i].database, making->name) == 0)
            same = &checkpoints->items[i];
        else
            others->items[others->count++] = checkpoints->items[i];
    making->others = others;
    if (!same) {
        making_measure(making, NULL);
    } else if (strcmp(same->run, making->run->id) == 0 &&
               checkpoint_fits(same, making->run->environment)) {
        making->made.database = arena_copy(making->run->arena, making->name);
        making->made.bytes = same->bytes;
        making_end(making, NULL);
    } else {
        checkpoint_remove(making->run, making->arena, making->session, same, making_measure,
                          making);
    }
}

static void making_opened(void *context, const struct error *error)
{
    struct checkpoint_making *making = context;
    if (!making_failed(making, error))
        checkpoint_list(making->run, making->arena, making_listed, making);
}

struct checkpoint_making *
checkpoint_make(struct run *run, const struct compiled_step *step, const char *snapshot,
                void (*ended)(void *context, const struct checkpoint_made *made), void *context)
{
    struct arena *arena = arena_create();
    struct checkpoint_making *making = arena_allocate(arena, sizeof *making);
    *making = (struct checkpoint_making){.run = run,
                                         .arena = arena,
                                         .step = step,
                                         .snapshot = snapshot,
                                         .patience = PATIENCE,
                                         .ended = ended,
                                         .context = context};
    making->name = marker_saved_name(arena, run, step, snapshot);
    making->partial = marker_partial_name(arena, run->environment->work.name, run->id);
    making->session = session_open(run->loop, run_target(run, &run->environment->work, "postgres"),
                                   making_opened, making);
    return making;
}

void checkpoint_making_stop(struct checkpoint_making *making)
{
    making->stopped = true;
    if (making->copy)
        filestore_copy_stop(making->copy);
    session_cancel(making->session);
}
