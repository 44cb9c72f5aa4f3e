#include <stdlib.h>
#include <string.h>

#include "runtime/checkpoint/list.h"
#include "runtime/leftovers/leftovers.h"
#include "runtime/outside.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/session.h"
#include "runtime/snapshot.h"

struct search {
    struct arena *arena;
    const struct environment *environment;
    struct run *run;
    struct session *session;
    struct leftovers *found;
    const char *snapshot; /* what the source is now; NULL: it cannot be told */
    const struct error *error;
};

/* The working database, the one made of a dump, and what is beside it under names that nobody else
 * would choose (marker.h). */
static const char find_databases[] =
    "SELECT datname, shobj_description(oid, 'pg_database'), "
    "CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) ELSE -1 END "
    "FROM pg_database WHERE datname::text IN ($1::text, $1::text || '" MARKER_SOURCE
    "') OR (left(datname::text, -8) IN "
    "($1::text || '" MARKER_PARTIAL "', $1::text || '" MARKER_COPY "', $1::text || '" MARKER_SCRATCH
    "', $1::text || '" MARKER_SOURCE MARKER_PARTIAL
    "') AND right(datname, 8) ~ '^[0-9a-f]{8}$') ORDER BY datname";

static const char *why_kept(struct arena *arena, const char *name, const char *comment,
                            const struct environment *environment)
{
    const char *maker = marker_run(arena, comment);
    bool is_work = strcmp(name, environment->work.name) == 0;
    if (!maker && (is_work || strstr(name, MARKER_SOURCE)) && !strstr(name, MARKER_PARTIAL))
        return "drehbuch did not make it";
    if (marker_published(arena, comment))
        return "it was published";
    if (is_work && marker_is_of_production(arena, comment))
        return "the result of a production run";
    return NULL;
}

static const char *what_it_is(const char *name, const struct environment *environment)
{
    if (strcmp(name, environment->work.name) == 0)
        return "working database";
    if (strstr(name, MARKER_PARTIAL))
        return "unfinished copy";
    if (strstr(name, MARKER_SCRATCH))
        return "scratch copy of a dry run";
    return strstr(name, MARKER_COPY) ? "copy before a step that was cut off" : "restored dump";
}

static void search_end(struct search *search, const struct error *error)
{
    if (error && !search->error)
        search->error = error_wrap(search->arena, error, "cannot look for databases");
    session_close(search->session);
}

static void search_take_databases(void *context, const struct session_answer *answer)
{
    struct search *search = context;
    struct arena *arena = search->arena;
    for (int row = 0; !answer->error && row < PQntuples(answer->result); row++) {
        const char *name = arena_copy(arena, PQgetvalue(answer->result, row, 0));
        const char *comment = PQgetvalue(answer->result, row, 1);
        leftovers_add(
            arena, search->found,
            (struct leftover){.kind = LEFTOVER_DATABASE,
                              .name = name,
                              .what = what_it_is(name, search->environment),
                              .run = marker_run(arena, comment),
                              .at = marker_member(arena, comment, "at"),
                              .bytes = strtoll(PQgetvalue(answer->result, row, 2), NULL, 10),
                              .kept = why_kept(arena, name, comment, search->environment)});
    }
    search_end(search, answer->error);
}

static void search_opened(void *context, const struct error *error)
{
    struct search *search = context;
    if (error)
        search_end(search, error);
    else
        session_query(search->session, find_databases, 1, &search->environment->work.name,
                      search_take_databases, search);
}

static void search_take_checkpoints(void *context, const struct checkpoints *checkpoints,
                                    const struct error *error)
{
    struct search *search = context;
    struct run *run = search->run;
    if (error) {
        search->error = error_wrap(search->arena, error, "cannot look for checkpoints");
        return;
    }
    for (size_t i = 0; i < checkpoints->count; i++) {
        const struct checkpoint *checkpoint = &checkpoints->items[i];
        leftovers_add(
            search->arena, search->found,
            (struct leftover){.kind = LEFTOVER_CHECKPOINT,
                              .name = checkpoint->database,
                              .what = arena_format(search->arena, "%scheckpoint behind %s",
                                                   checkpoint->is_half ? "half-removed " : "",
                                                   checkpoint->step),
                              .run = checkpoint->run,
                              .at = checkpoint->at,
                              .bytes = checkpoint->bytes,
                              .filestore = checkpoint->filestore,
                              .is_current = !checkpoint->is_half && search->snapshot &&
                                            strcmp(search->snapshot, checkpoint->snapshot) == 0});
    }
    search->session = session_open(
        run->loop, run_target(run, &search->environment->work, "postgres"), search_opened, search);
}

/* A source that cannot be asked is no reason not to look at what there is. */
static void search_know_source(void *context, const char *snapshot, const struct error *error)
{
    struct search *search = context;
    search->snapshot = error ? NULL : snapshot;
    checkpoint_list(search->run, search->arena, search_take_checkpoints, search);
}

const struct error *leftovers_find_databases(struct arena *arena, uv_loop_t *loop,
                                             const struct environment *environment,
                                             struct leftovers *found)
{
    struct search search = {.arena = arena,
                            .environment = environment,
                            .run = run_outside(arena, loop, environment, "drehbuch clean"),
                            .found = found};
    snapshot_read(search.run, arena, &environment->source, false, search_know_source, &search);
    uv_run(loop, UV_RUN_DEFAULT);
    return search.error;
}
