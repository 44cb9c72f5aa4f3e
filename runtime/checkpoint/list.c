#include "runtime/checkpoint/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "runtime/filestore/place.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/session.h"

struct listing {
    struct run *run;
    struct arena *arena;
    struct session *session;
    void (*found)(void *context, const struct checkpoints *checkpoints, const struct error *error);
    void *context;
};

const char *checkpoint_folder(struct arena *arena, const struct environment *environment,
                              const char *name)
{
    if (!environment->work_filestore)
        return NULL;
    return arena_format(arena, "%s%s", environment->work_filestore,
                        name + strlen(environment->work.name));
}

static void listing_end(struct listing *listing, const struct checkpoints *checkpoints,
                        const struct error *error)
{
    session_close(listing->session);
    listing->found(listing->context, checkpoints, error);
}

static int compare_ages(const void *left, const void *right)
{
    const struct checkpoint *first = left, *second = right;
    int order = strcmp(first->at, second->at);
    return order ? order : strcmp(first->database, second->database);
}

/* One that is not marked as a checkpoint is not ours, whatever its name. */
static void listing_take(struct listing *listing, struct checkpoints *checkpoints,
                         const PGresult *result, int row)
{
    struct arena *arena = listing->arena;
    struct checkpoint checkpoint = {
        .database = arena_copy(arena, PQgetvalue(result, row, 0)),
        .bytes = strtoll(PQgetvalue(result, row, 2), NULL, 10),
        .is_half = PQgetvalue(result, row, 3)[0] == 't',
    };
    const char *comment = PQgetvalue(result, row, 1);
    checkpoint.run = marker_run(arena, comment);
    checkpoint.mode = marker_member(arena, comment, "mode");
    checkpoint.at = marker_member(arena, comment, "at");
    checkpoint.step = marker_member(arena, comment, "step");
    checkpoint.digest = marker_member(arena, comment, "digest");
    checkpoint.snapshot = marker_member(arena, comment, "snapshot");
    checkpoint.circumstances = marker_member(arena, comment, "circumstances");
    if (!checkpoint.run || !checkpoint.mode || !checkpoint.at || !checkpoint.step ||
        !checkpoint.digest || !checkpoint.snapshot || !checkpoint.circumstances)
        return;
    const char *filestore = marker_member(arena, comment, "filestore");
    if (filestore && strcmp(filestore, "yes") == 0)
        checkpoint.filestore =
            checkpoint_folder(arena, listing->run->environment, checkpoint.database);
    checkpoints->items[checkpoints->count++] = checkpoint;
}

static void listing_answered(void *context, const struct session_answer *answer)
{
    struct listing *listing = context;
    struct checkpoints *checkpoints = arena_allocate(listing->arena, sizeof *checkpoints);
    if (answer->error) {
        listing_end(listing, NULL, answer->error);
        return;
    }
    int rows = PQntuples(answer->result);
    checkpoints->items =
        arena_allocate(listing->arena, ((size_t)rows + 1) * sizeof *checkpoints->items);
    for (int row = 0; row < rows; row++)
        listing_take(listing, checkpoints, answer->result, row);
    qsort(checkpoints->items, checkpoints->count, sizeof *checkpoints->items, compare_ages);
    listing_end(listing, checkpoints, NULL);
}

/* A limit of -2 is PostgreSQL's mark (from 11.21, 12.16, 13.12, 14.9, 15.4 and 16 on) of a database
 * whose DROP was cut off. */
static void listing_opened(void *context, const struct error *error)
{
    struct listing *listing = context;
    const char *work = listing->run->environment->work.name;
    if (error)
        listing_end(listing, NULL, error);
    else
        session_query(listing->session,
                      "SELECT datname, shobj_description(oid, 'pg_database'), "
                      "CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) "
                      "ELSE 0 END, datconnlimit = -2 FROM pg_database WHERE left(datname, -8) = $1 "
                      "|| '" MARKER_SAVED "' AND right(datname, 8) ~ '^[0-9a-f]{8}$'",
                      1, &work, listing_answered, listing);
}

bool checkpoint_uses_filestore(const struct environment *environment)
{
    struct arena *arena = arena_create();
    bool used = environment->work_filestore &&
                (environment->source_filestore ||
                 (environment->source_dump &&
                  file_exists(filestore_dump_folder(arena, environment->work_filestore))));
    arena_destroy(arena);
    return used;
}

bool checkpoint_fits(const struct checkpoint *checkpoint, const struct environment *environment)
{
    if (checkpoint->is_half)
        return false;
    return checkpoint->filestore ? file_exists(checkpoint->filestore)
                                 : !checkpoint_uses_filestore(environment);
}

void checkpoint_list(struct run *run, struct arena *arena,
                     void (*found)(void *context, const struct checkpoints *checkpoints,
                                   const struct error *error),
                     void *context)
{
    struct listing *listing = arena_allocate(arena, sizeof *listing);
    *listing = (struct listing){.run = run, .arena = arena, .found = found, .context = context};
    listing->session = session_open(run->loop, run_target(run, &run->environment->work, "postgres"),
                                    listing_opened, listing);
}
