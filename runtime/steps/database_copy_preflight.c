/* What can be found out of the copy before it is made: room, client programs, extensions. */
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/tools.h"
#include "runtime/steps/database_copy_private.h"

struct copy_preflight {
    struct conversation *conversation;
    struct copy_source source;
    struct value *extensions; /* names */
    bool streamed;            /* the template is no way */
    const struct error *missing;
};

/* ---- the client programs ---- */

static void preflight_tools_found(void *context, const struct tools *tools,
                                  const struct error *error)
{
    struct copy_preflight *preflight = context;
    (void)tools;
    if (error && preflight->missing)
        error =
            error_create(conversation_step(preflight->conversation)->arena, OUTCOME_FAILED,
                         error->help, "%s; and %s", preflight->missing->message, error->message);
    conversation_end(preflight->conversation, error ? error : preflight->missing, NULL);
}

static void preflight_look_for_tools(struct conversation *conversation)
{
    struct copy_preflight *preflight = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    if (preflight->streamed)
        tools_find(step->run->loop, step->arena, preflight->source.version, preflight_tools_found,
                   preflight);
    else
        conversation_end(conversation, preflight->missing, NULL);
}

/* ---- extensions ---- */

static void preflight_list(struct buffer *list, const char *name)
{
    buffer_format(list, "%s%s", list->length > 0 ? ", " : "", name);
}

/* The answer's rows: name, whether it is there, whether we may make it. */
static void preflight_take_extensions(struct conversation *conversation,
                                      const struct session_answer *answer)
{
    struct copy_preflight *preflight = conversation_context(conversation);
    struct arena *arena = conversation_step(conversation)->arena;
    struct buffer absent = {0}, forbidden = {0};
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *name = PQgetvalue(answer->result, row, 0);
        if (PQgetvalue(answer->result, row, 1)[0] == 'f')
            preflight_list(&absent, name);
        else if (PQgetvalue(answer->result, row, 2)[0] == 'f')
            preflight_list(&forbidden, name);
    }
    if (absent.length > 0)
        preflight->missing = error_create(
            arena, OUTCOME_FAILED,
            "install their packages on that machine (Debian: postgresql-contrib for PostgreSQL's "
            "own, postgresql-N-NAME for others)",
            "work's server lacks extensions of the source: %s", buffer_string(&absent));
    else if (forbidden.length > 0)
        preflight->missing =
            error_create(arena, OUTCOME_FAILED,
                         "let a superuser create them in template1's place: give work's role that "
                         "right, or remove them from the source where nothing needs them",
                         "only a superuser can create these extensions of the source on work's "
                         "server: %s",
                         buffer_string(&forbidden));
    buffer_release(&absent);
    buffer_release(&forbidden);
    preflight_look_for_tools(conversation);
}

static void preflight_ask_extensions(struct conversation *conversation)
{
    struct copy_preflight *preflight = conversation_context(conversation);
    struct buffer names = {0};
    for (size_t i = 0; i < value_count(preflight->extensions); i++)
        buffer_format(&names, "%s(%s)", i > 0 ? ", " : "",
                      conversation_quote(conversation,
                                         value_as_string(value_item(preflight->extensions, i))));
    if (!preflight->streamed || names.length == 0)
        preflight_look_for_tools(conversation);
    else
        /* to_jsonb: the column is there from PostgreSQL 13 on */
        conversation_execute(
            conversation,
            arena_format(
                conversation_step(conversation)->arena,
                "SELECT name, EXISTS (SELECT FROM pg_available_extensions a "
                "WHERE a.name = wanted.name), current_setting('is_superuser') = 'on' OR "
                "EXISTS (SELECT FROM pg_available_extension_versions v WHERE v.name = wanted.name "
                "AND (NOT v.superuser OR (to_jsonb(v) ->> 'trusted')::boolean)) "
                "FROM (VALUES %s) AS wanted (name) ORDER BY name",
                buffer_string(&names)),
            preflight_take_extensions);
    buffer_release(&names);
}

/* ---- room ---- */

/* Only where the server is on this machine and lets us know where its data is. */
static const struct error *preflight_check_room(const struct step_run *step, const char *folder,
                                                int64_t size)
{
    int64_t kept = step->run->environment->free_disk, available;
    if (!file_free_space(folder, &available))
        return NULL;
    if (available - size >= kept)
        return NULL;
    return error_create(step->arena, OUTCOME_FAILED, "free space there, or work on another server",
                        "the copy needs some %lld MB in %s, where %lld MB are free and %lld MB are "
                        "to stay free",
                        (long long)size / 1048576, arena_copy(step->arena, folder),
                        (long long)available / 1048576, (long long)kept / 1048576);
}

static void preflight_take_server(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    struct copy_preflight *preflight = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    enum copy_method wanted = step->run->environment->copy;
    bool same_server = strcmp(PQgetvalue(answer->result, 0, 0), preflight->source.server) == 0;
    preflight->streamed = wanted == COPY_DUMP || (wanted == COPY_AUTO && !same_server);
    const struct error *error =
        preflight_check_room(step, PQgetvalue(answer->result, 0, 1), preflight->source.size);
    if (error)
        conversation_end(conversation, error, NULL);
    else
        preflight_ask_extensions(conversation);
}

static void preflight_work_opened(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation,
                         "SELECT " SERVER_IDENTITY ", coalesce((SELECT setting FROM pg_settings "
                         "WHERE name = 'data_directory' AND (inet_client_addr() IS NULL "
                         "OR inet_client_addr() = inet_server_addr())), '')",
                         preflight_take_server);
}

/* ---- the source ---- */

static void preflight_take_names(struct conversation *conversation,
                                 const struct session_answer *answer)
{
    struct copy_preflight *preflight = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    for (int row = 0; row < PQntuples(answer->result); row++)
        value_append(
            step->arena, preflight->extensions,
            value_string(step->arena, arena_copy(step->arena, PQgetvalue(answer->result, row, 0))));
    conversation_move(conversation, &step->run->environment->work, "postgres",
                      preflight_work_opened);
}

static void preflight_ask_names(struct conversation *conversation,
                                const struct session_answer *answer)
{
    (void)answer;
    /* plpgsql is in every new database */
    conversation_execute(conversation,
                         "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'",
                         preflight_take_names);
}

static void preflight_take_source(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    struct copy_preflight *preflight = conversation_context(conversation);
    struct arena *arena = conversation_step(conversation)->arena;
    if (PQntuples(answer->result) == 0) {
        conversation_end(conversation, copy_source_missing(arena, &preflight->source), NULL);
        return;
    }
    copy_read_source(arena, answer, &preflight->source);
    conversation_move(conversation, preflight->source.address, preflight->source.name,
                      preflight_ask_names);
}

static void preflight_source_opened(struct conversation *conversation,
                                    const struct session_answer *answer)
{
    const struct copy_preflight *preflight = conversation_context(conversation);
    (void)answer;
    copy_ask_source(conversation, &preflight->source, preflight_take_source);
}

void copy_preflight(struct step_run *step)
{
    if (step->run->environment->source_dump) { /* there is no database yet */
        step_finish(step, NULL, NULL);
        return;
    }
    struct copy_preflight *preflight = arena_allocate(step->arena, sizeof *preflight);
    preflight->source = copy_find_source(step);
    preflight->extensions = value_array(step->arena);
    preflight->conversation = conversation_open(step, preflight->source.address, "postgres",
                                                preflight, preflight_source_opened);
}
