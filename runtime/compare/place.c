#include "runtime/compare/place.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "runtime/journal.h"
#include "runtime/outside.h"
#include "runtime/postgres/conninfo.h"
#include "runtime/postgres/marker.h"
#include "runtime/report/history.h"

#define SUFFIX_SOURCE ":source"
#define SUFFIX_WORK ":work"

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool ends_with(const char *text, const char *end)
{
    return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static bool is_uri(const char *name)
{
    return strncmp(name, "postgresql://", strlen("postgresql://")) == 0 ||
           strncmp(name, "postgres://", strlen("postgres://")) == 0;
}

/* Nothing of the text is shown: nobody knows what is a password in it. */
static const struct error *place_read_uri(struct arena *arena, const char *name,
                                          struct compare_place *place)
{
    char *problem = NULL;
    PQconninfoOption *options = PQconninfoParse(name, &problem);
    PQfreemem(problem);
    if (!options)
        return error_create(arena, OUTCOME_USAGE,
                            "write it as postgresql://ROLE@HOST:PORT/DATABASE; special characters "
                            "as %XX",
                            "what begins with postgresql:// is not a database's URI");
    const char *database = NULL, *user = NULL;
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (option->val && strcmp(option->keyword, "dbname") == 0)
            database = arena_copy(arena, option->val);
        if (option->val && strcmp(option->keyword, "user") == 0)
            user = arena_copy(arena, option->val);
    }
    PQconninfoFree(options);
    place->address = (struct database_address){.url = name, .name = database ? database : user};
    place->label = place->address.name ? place->address.name : "the role's own database";
    return NULL;
}

static const struct error *place_read_environment(struct arena *arena, const char *name,
                                                  struct diagnostics *diagnostics,
                                                  struct compare_place *place)
{
    bool work = ends_with(name, SUFFIX_WORK);
    const char *path = name;
    struct environment *environment = NULL;
    if (work || ends_with(name, SUFFIX_SOURCE))
        path = arena_copy_bytes(arena, name, (size_t)(strrchr(name, ':') - name));
    const struct error *error = environment_load(arena, path, NULL, diagnostics, &environment);
    if (error)
        return error;
    place->environment = environment;
    place->address = work ? environment->work : environment->source;
    place->label = arena_format(arena, "%s (%s of %s)", place->address.name,
                                work ? "working database" : "source", environment->name);
    return NULL;
}

/* ---- a run ---- */

struct search {
    struct arena *arena;
    const struct environment *environment;
    const char *run;
    struct session *session;
    const char *found;
    const struct error *error;
};

/* What is beside it under names that nobody else would choose is not it. */
static bool is_result(const char *name, const char *work)
{
    size_t length = strlen(work);
    return strncmp(name, work, length) != 0 ||
           (strncmp(name + length, MARKER_PARTIAL, strlen(MARKER_PARTIAL)) != 0 &&
            strncmp(name + length, MARKER_COPY, strlen(MARKER_COPY)) != 0 &&
            strncmp(name + length, MARKER_SAVED, strlen(MARKER_SAVED)) != 0 &&
            strncmp(name + length, MARKER_SOURCE, strlen(MARKER_SOURCE)) != 0);
}

static void search_take(void *context, const struct session_answer *answer)
{
    struct search *search = context;
    if (answer->error)
        search->error = error_wrap(search->arena, answer->error, "cannot look for the database");
    for (int row = 0; !answer->error && row < PQntuples(answer->result); row++) {
        const char *name = PQgetvalue(answer->result, row, 0);
        const char *run = marker_run(search->arena, PQgetvalue(answer->result, row, 1));
        if (run && strcmp(run, search->run) == 0 && is_result(name, search->environment->work.name))
            search->found = arena_copy(search->arena, name);
    }
    session_close(search->session);
}

static void search_opened(void *context, const struct error *error)
{
    struct search *search = context;
    if (!error) {
        session_execute(search->session,
                        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database "
                        "WHERE shobj_description(oid, 'pg_database') LIKE '{\"drehbuch\"%' "
                        "ORDER BY datname",
                        search_take, search);
        return;
    }
    search->error = error_wrap(search->arena, error, "cannot look for the database");
    session_close(search->session);
}

/* A published one has the published name, and may have been renamed by hand since: the comment on
 * it tells whose it is. */
static const struct error *place_search(struct search *search, uv_loop_t *loop)
{
    struct run *run = run_outside(search->arena, loop, search->environment, "drehbuch compare");
    search->session = session_open(loop, run_target(run, &search->environment->work, "postgres"),
                                   search_opened, search);
    uv_run(loop, UV_RUN_DEFAULT);
    if (search->error || search->found)
        return search->error;
    return error_create(search->arena, OUTCOME_INVALID,
                        "name the database itself: postgresql://...",
                        "no database on the server is the result of the run %s", search->run);
}

static const struct error *place_read_run(struct arena *arena, uv_loop_t *loop, const char *name,
                                          struct diagnostics *diagnostics,
                                          struct compare_place *place)
{
    const char *folder;
    struct value *entries = NULL;
    struct environment *environment = NULL;
    const struct error *error = history_find(arena, name, &folder);
    if (!error)
        error = journal_read(arena, file_join(arena, folder, "journal.jsonl"), &entries);
    if (error)
        return error;
    const char *path = value_get_string(value_item(entries, 0), "environment_file");
    const char *run = value_get_string(value_item(entries, 0), "run");
    if (!path || !run)
        return error_create(arena, OUTCOME_INVALID, "name another run",
                            "%s holds a run that never began", folder);
    error = environment_load(arena, path, NULL, diagnostics, &environment);
    if (error)
        return error;
    struct search search = {.arena = arena, .environment = environment, .run = run};
    error = place_search(&search, loop);
    if (error)
        return error;
    place->environment = environment;
    place->address = environment->work;
    place->address.name = search.found;
    place->address.url = conninfo_write(arena, &environment->work, search.found);
    place->label = arena_format(arena, "%s (of the run %s)", search.found, run);
    return NULL;
}

const struct error *compare_place_find(struct arena *arena, uv_loop_t *loop, const char *name,
                                       struct diagnostics *diagnostics, struct compare_place *place)
{
    *place = (struct compare_place){0};
    if (is_uri(name))
        return place_read_uri(arena, name, place);
    if (is_folder(name))
        return place_read_run(arena, loop, name, diagnostics, place);
    return place_read_environment(arena, name, diagnostics, place);
}
