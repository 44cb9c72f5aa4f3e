#include "runtime/diff/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/template.h"
#include "runtime/report/phrase.h"

/* A copy of up to so many bytes is cheap: some seconds. */
#define CHEAP ((int64_t)20 << 30)

#define PATIENCE 20 /* tenths of a second */

#define CHOICES                                                                                    \
    "choose where to try it: --on RUN (the working database of an earlier run, where nothing is "  \
    "committed), or --live (inside of the source itself, with short time limits)"

static const struct error *place_connect(struct place *place, struct arena *arena,
                                         const struct database_address *address,
                                         const char *database, struct dialogue **dialogue)
{
    return dialogue_open(place->of, arena, run_target(place->of, address, database), place->stopped,
                         dialogue);
}

/* ---- a scratch copy ---- */

/* Where its data is, if that is on this machine and we are let know. */
#define DATA_FOLDER                                                                                \
    "coalesce((SELECT setting FROM pg_settings WHERE name = 'data_directory' AND "                 \
    "(inet_client_addr() IS NULL OR inet_client_addr() = inet_server_addr())), '')"

static const struct error *place_needs_choice(struct arena *arena, const char *why)
{
    return error_create(arena, OUTCOME_USAGE, CHOICES, "a scratch copy is not cheap here: %s", why);
}

/* Whether there is room for it, as far as we can tell, and it is quickly made. */
static const struct error *scratch_check_size(struct place *place, struct arena *arena,
                                              const char *folder)
{
    int64_t kept = place->of->environment->free_disk, available;
    if (file_free_space(folder, &available) && available - place->bytes < kept)
        return place_needs_choice(
            arena, arena_format(arena,
                                "it needs %s on the server's disk, where %s are free and %s are to "
                                "stay free",
                                phrase_size(arena, place->bytes), phrase_size(arena, available),
                                phrase_size(arena, kept)));
    if (place->bytes <= CHEAP || place->forced)
        return NULL;
    return place_needs_choice(
        arena, arena_format(arena, "the source has %s; --copy makes one all the same",
                            phrase_size(arena, place->bytes)));
}

/* How many are connected to the source: a text. Who has just gone, we among them, gets a moment to
 * be gone. */
static const struct error *scratch_count_sessions(struct place *place, struct dialogue *server,
                                                  const PGresult **result)
{
    const char *name = place->of->environment->source.name;
    const struct error *error = NULL;
    for (int i = 0; i < PATIENCE && !error; i++) {
        error = dialogue_ask(server,
                             "SELECT count(*), CASE WHEN count(*) > 0 THEN pg_sleep(0.1) END FROM "
                             "pg_stat_activity WHERE datname = $1 AND backend_type = 'client "
                             "backend' AND pid <> pg_backend_pid()",
                             1, &name, result);
        if (!error && strcmp(PQgetvalue(*result, 0, 0), "0") == 0)
            break;
    }
    return error;
}

/* Whether source and work are on one server and nobody is connected to the source. */
static const struct error *scratch_look(struct place *place, struct arena *arena,
                                        struct dialogue *server, const char *identity)
{
    const struct environment *environment = place->of->environment;
    const PGresult *result;
    const struct error *error = dialogue_ask(
        server,
        "SELECT " SERVER_IDENTITY ", coalesce(pg_database_size(d.oid), 0), " DATA_FOLDER
        " FROM (SELECT 1) AS one LEFT JOIN pg_database d ON d.datname = $1",
        1, &environment->source.name, &result);
    if (error)
        return error;
    if (strcmp(PQgetvalue(result, 0, 0), identity) != 0)
        return place_needs_choice(arena, "source and working database are on different servers");
    place->bytes = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
    const char *folder = dialogue_text(arena, result, 0, 2);
    error = scratch_count_sessions(place, server, &result);
    if (error)
        return error;
    const char *sessions = PQgetvalue(result, 0, 0);
    if (strcmp(sessions, "0") != 0)
        return place_needs_choice(
            arena,
            arena_format(arena, "%s other session%s connected to the source \"%s\"", sessions,
                         strcmp(sessions, "1") == 0 ? " is" : "s are", environment->source.name));
    return scratch_check_size(place, arena, folder);
}

static const struct error *scratch_identify(struct place *place, struct arena *arena,
                                            const char **identity)
{
    struct dialogue *source;
    const PGresult *result;
    const struct error *error =
        place_connect(place, arena, &place->of->environment->source, NULL, &source);
    if (error)
        return error_wrap(arena, error, "the source");
    error = dialogue_ask(source, "SELECT " SERVER_IDENTITY, 0, NULL, &result);
    if (!error)
        *identity = arena_copy(arena, PQgetvalue(result, 0, 0));
    dialogue_close(source);
    return error;
}

/* One connection, which is ours: an Odoo that looks for databases shall not work in it. */
static const struct error *scratch_create(struct place *place, struct arena *arena,
                                          struct dialogue *server)
{
    struct session *session = dialogue_session(server);
    const char *quoted = session_quote_identifier(session, arena, place->database);
    place->made = true;       /* also where the answer is lost */
    place->dialogue = server; /* for Ctrl-C */
    const struct error *error = dialogue_execute(
        server,
        arena_format(arena, "CREATE DATABASE %s TEMPLATE %s CONNECTION LIMIT 1%s", quoted,
                     session_quote_identifier(session, arena, place->of->environment->source.name),
                     template_strategy(PQserverVersion(session_connection(session)), place->bytes)),
        NULL);
    place->dialogue = NULL;
    if (error && strcmp(dialogue_sqlstate(server), "42P04") == 0)
        place->made = false; /* somebody else's */
    if (error && strcmp(dialogue_sqlstate(server), "55006") == 0)
        return place_needs_choice(arena, error->message);
    if (error)
        return error_wrap(arena, error, "cannot make the scratch copy \"%s\"", place->database);
    return dialogue_execute(
        server,
        arena_format(arena, "COMMENT ON DATABASE %s IS %s", quoted,
                     session_quote(session, arena, marker_write_run(arena, place->of, "dry run"))),
        NULL);
}

static const struct error *scratch_open(struct place *place, struct arena *arena)
{
    const struct environment *environment = place->of->environment;
    const char *identity = "";
    struct dialogue *server = NULL;
    if (environment->source_dump)
        return place_needs_choice(arena, "the source is a dump, which would have to be restored");
    const struct error *error = scratch_identify(place, arena, &identity);
    if (!error)
        error = place_connect(place, arena, &environment->work, "postgres", &server);
    if (error)
        return error;
    place->database = marker_scratch_name(arena, environment->work.name, place->of->id);
    error = scratch_look(place, arena, server, identity);
    if (!error)
        error = scratch_create(place, arena, server);
    dialogue_close(server);
    if (error)
        return error;
    return place_connect(place, arena, &environment->work, place->database, &place->dialogue);
}

static const struct error *scratch_drop(struct place *place, struct arena *arena)
{
    static const bool never = false;
    struct dialogue *server;
    place->stopped = &never; /* it has to go, also after Ctrl-C */
    const struct error *error =
        place_connect(place, arena, &place->of->environment->work, "postgres", &server);
    if (error)
        return error;
    error = dialogue_execute(
        server,
        arena_format(arena, "DROP DATABASE IF EXISTS %s",
                     session_quote_identifier(dialogue_session(server), arena, place->database)),
        NULL);
    dialogue_close(server);
    return error;
}

/* ---- an earlier run's working database ---- */

static void place_lock_taken(void *context, const struct error *error)
{
    struct place *place = context;
    place->lock_error = error;
    place->locked = true;
}

/* Whoever takes it then finds us by our sessions: nothing is committed in any case. */
static void place_lock_lost(void *context)
{
    (void)context;
}

static const struct error *place_run_id(struct arena *arena, const struct environment *environment,
                                        const char *on, const char **id)
{
    const char *folder = file_exists(on) ? on : arena_format(arena, "%s/%s", environment->runs, on);
    const char *path = arena_format(arena, "%s/journal.jsonl", folder);
    struct text text;
    const struct error *error = file_read(arena, path, (size_t)1 << 30, &text);
    if (error)
        return error_create(arena, OUTCOME_USAGE, "name the folder of a run, or its id",
                            "--on %s: %s", on, error->message);
    const char *end = memchr(text.bytes, '\n', text.length);
    struct value *first;
    text.length = end ? (size_t)(end - text.bytes) : text.length;
    error = json_read(arena, text, path, &first);
    *id = error ? NULL : value_get_string(first, "run");
    if (!error && !*id)
        error = error_create(arena, OUTCOME_INVALID, NULL, "%s names no run", path);
    return error;
}

static const struct error *place_check_run(struct place *place, struct arena *arena)
{
    const PGresult *result;
    const struct error *error =
        dialogue_ask(place->dialogue,
                     "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname "
                     "= current_database()",
                     0, NULL, &result);
    if (error)
        return error;
    const char *run = marker_run(arena, dialogue_text(arena, result, 0, 0));
    if (run && strcmp(run, place->run) == 0)
        return NULL;
    return error_create(arena, OUTCOME_REFUSED,
                        "name the run whose result it is, or run the plan again",
                        "the working database \"%s\" is not that of the run %s, but of %s",
                        place->database, place->run, run ? run : "somebody else");
}

static const struct error *place_open_run(struct place *place, struct arena *arena, const char *on)
{
    const struct environment *environment = place->of->environment;
    const struct error *error = place_run_id(arena, environment, on, &place->run);
    if (error)
        return error;
    place->database = environment->work.name;
    place->lock = lock_take(place->of, place_lock_taken, place_lock_lost, place);
    dialogue_wait(place->of->loop, &place->locked);
    if (place->lock_error)
        return place->lock_error;
    error = place_connect(place, arena, &environment->work, NULL, &place->dialogue);
    return error ? error : place_check_run(place, arena);
}

/* ---- the source itself ---- */

static const struct error *place_open_live(struct place *place, struct arena *arena,
                                           const struct place_choice *choice)
{
    const struct environment *environment = place->of->environment;
    if (environment->source_dump)
        return error_create(arena, OUTCOME_USAGE, "choose --on RUN",
                            "the source is a dump: nothing is live in it");
    place->database = environment->source.name;
    place->row_limit = choice->row_limit;
    place->step_limit = choice->statement_timeout;
    place->time_limit = choice->time_limit;
    place->settings =
        arena_format(arena,
                     "SET statement_timeout = %lld; SET lock_timeout = %lld; SET "
                     "idle_in_transaction_session_timeout = %lld;",
                     (long long)choice->statement_timeout, (long long)choice->lock_timeout,
                     (long long)choice->idle_timeout);
    return place_connect(place, arena, &environment->source, NULL, &place->dialogue);
}

/* ---- all of them ---- */

static const struct error *place_learn(struct place *place, struct arena *arena)
{
    const PGresult *result;
    const struct error *error =
        dialogue_ask(place->dialogue,
                     "SELECT pg_database_size(current_database()), to_regclass('ir_module_module')",
                     0, NULL, &result);
    if (error)
        return error;
    place->bytes = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    if (PQgetisnull(result, 0, 1))
        return NULL;
    error = dialogue_ask(place->dialogue,
                         "SELECT substring(latest_version FROM '^\\d+\\.\\d+') FROM "
                         "ir_module_module WHERE name = 'base'",
                         0, NULL, &result);
    if (!error && PQntuples(result) > 0)
        place->series = dialogue_text(arena, result, 0, 0);
    return error;
}

const struct error *place_open(struct run *run, struct arena *arena,
                               const struct place_choice *choice, const bool *stopped,
                               struct place *place)
{
    *place = (struct place){.kind = choice->live ? PLACE_LIVE
                                    : choice->on ? PLACE_RUN
                                                 : PLACE_SCRATCH,
                            .settings = "",
                            .forced = choice->copy,
                            .of = run,
                            .stopped = stopped};
    const struct error *error = place->kind == PLACE_LIVE ? place_open_live(place, arena, choice)
                                : place->kind == PLACE_RUN
                                    ? place_open_run(place, arena, choice->on)
                                    : scratch_open(place, arena);
    return error ? error : place_learn(place, arena);
}

const struct error *place_close(struct arena *arena, struct place *place)
{
    const struct error *error = NULL;
    dialogue_close(place->dialogue);
    place->dialogue = NULL;
    lock_release(place->lock);
    place->lock = NULL;
    if (place->made)
        error = scratch_drop(place, arena);
    if (!error)
        return NULL;
    return error_create(arena, OUTCOME_FAILED, "`drehbuch clean --remove` removes it",
                        "the scratch copy \"%s\" could not be dropped: %s", place->database,
                        error->message);
}
