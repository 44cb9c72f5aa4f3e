/* `database.copy`: the source becomes the working database.
 *
 * It is made under another name, marked with a comment, and renamed when it is whole: after a crash
 * it is there and marked with this run and step, or it is made again. */
#include <stdlib.h>
#include <string.h>

#include "runtime/postgres/marker.h"
#include "runtime/postgres/work.h"
#include "runtime/steps/database_copy_private.h"
#include "runtime/steps/kinds.h"

/* A setting of the source (ALTER DATABASE ... SET), for all roles. */
struct copy_setting {
    const char *name;
    const char *value;
};

struct copy {
    struct conversation *conversation; /* with the source's server, then with work's */
    struct copy_source source;
    struct copy_setting *settings;
    size_t setting_count;
    size_t next_setting;
    const char *work;
    const char *partial;
    int version;        /* of work's server */
    const char *method; /* "template", "stream" or "checkpoint"; NULL where it had been made before
                           a crash */
    const char *reason;
    struct stream *stream; /* running, or NULL */
    bool cancelled;
};

/* ---- the result ---- */

static void copy_finish(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct arena *arena = conversation_step(conversation)->arena;
    struct value *effects = value_object(arena);
    if (copy->method) {
        value_set(arena, effects, "method", value_string(arena, copy->method));
        value_set(arena, effects, "reason", value_string(arena, copy->reason));
    }
    value_set(arena, effects, "bytes",
              value_integer(arena, strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10)));
    conversation_end(conversation, NULL, effects);
}

static void copy_measure(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    (void)answer;
    conversation_ask(conversation, "SELECT pg_database_size($1::name)", 1, &copy->work,
                     copy_finish);
}

/* Renaming is the moment from which the working database exists; the comment comes before it. */
static void copy_put_in_place(struct conversation *conversation)
{
    struct copy *copy = conversation_context(conversation);
    struct arena *arena = conversation_step(conversation)->arena;
    conversation_execute(
        conversation,
        arena_format(
            arena, "COMMENT ON DATABASE %s IS %s; ALTER DATABASE %s RENAME TO %s",
            conversation_quote_identifier(conversation, copy->partial),
            conversation_quote(conversation, marker_write(arena, conversation_step(conversation))),
            conversation_quote_identifier(conversation, copy->partial),
            conversation_quote_identifier(conversation, copy->work)),
        copy_measure);
}

/* ---- the source's settings, which a template does not bring along either ---- */

static void copy_take_over_next(struct conversation *conversation);

static void copy_taken_over(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    const char *name = copy->settings[copy->next_setting++].name;
    if (answer->error)
        step_warn(conversation_step(conversation),
                  "the source's setting %s is not taken over into the copy: %s", name,
                  answer->error->message);
    copy_take_over_next(conversation);
}

/* FROM CURRENT: the server knows which settings are lists, and how those are quoted. */
static void copy_take_over_next(struct conversation *conversation)
{
    struct copy *copy = conversation_context(conversation);
    if (copy->next_setting == copy->setting_count) {
        copy_put_in_place(conversation);
        return;
    }
    const struct copy_setting *setting = &copy->settings[copy->next_setting];
    const char *dot = strchr(setting->name, '.');
    const char *name = conversation_quote_identifier(conversation, setting->name);
    if (dot) { /* an extension's own: the part before the dot is quoted for itself */
        struct arena *arena = conversation_step(conversation)->arena;
        name = arena_format(arena, "%s.%s",
                            conversation_quote_identifier(
                                conversation, arena_copy_bytes(arena, setting->name,
                                                               (size_t)(dot - setting->name))),
                            conversation_quote_identifier(conversation, dot + 1));
    }
    conversation_try(conversation,
                     arena_format(conversation_step(conversation)->arena,
                                  "SELECT set_config(%s, %s, true); "
                                  "ALTER DATABASE %s SET %s FROM CURRENT",
                                  conversation_quote(conversation, setting->name),
                                  conversation_quote(conversation, setting->value),
                                  conversation_quote_identifier(conversation, copy->partial), name),
                     copy_taken_over);
}

static void copy_reset(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    copy_take_over_next(conversation);
}

/* What was set for the time of copying goes first. */
static void copy_take_over_settings(struct conversation *conversation,
                                    const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    (void)answer;
    conversation_execute(conversation,
                         arena_format(conversation_step(conversation)->arena,
                                      "ALTER DATABASE %s RESET ALL",
                                      conversation_quote_identifier(conversation, copy->partial)),
                         copy_reset);
}

/* ---- a name of its own for what is no longer the source: Odoo's servers know each other by it
 * ----
 */

static void copy_renew(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    conversation_move(conversation, &conversation_step(conversation)->run->environment->work,
                      "postgres", copy_take_over_settings);
}

static void copy_renew_uuid(struct conversation *conversation, const struct session_answer *answer)
{
    if (PQgetvalue(answer->result, 0, 0)[0] == 't')
        conversation_execute(conversation,
                             "UPDATE ir_config_parameter SET value = gen_random_uuid() "
                             "WHERE key = 'database.uuid'",
                             copy_renew);
    else
        copy_renew(conversation, NULL);
}

static void copy_look_for_uuid(struct conversation *conversation,
                               const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, "SELECT to_regclass('ir_config_parameter') IS NOT NULL",
                         copy_renew_uuid);
}

/* All that the source has is there. */
static void copy_complete(struct conversation *conversation)
{
    struct copy *copy = conversation_context(conversation);
    const struct run *run = conversation_step(conversation)->run;
    bool renew = run->mode == MODE_TEST && !copy->source.is_checkpoint;
    conversation_move(conversation, &run->environment->work, renew ? copy->partial : "postgres",
                      renew ? copy_look_for_uuid : copy_take_over_settings);
}

/* ---- as a stream ---- */

static void copy_streamed(void *context, const struct error *error)
{
    struct copy *copy = context;
    copy->stream = NULL;
    if (error)
        conversation_end(copy->conversation, error, NULL);
    else
        copy_complete(copy->conversation);
}

static void copy_start_stream(struct conversation *conversation,
                              const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    (void)answer;
    conversation_leave(conversation);
    copy->stream = stream_start(step,
                                (struct stream_options){.source = copy->source.address,
                                                        .source_database = copy->source.name,
                                                        .target = &step->run->environment->work,
                                                        .target_database = copy->partial},
                                copy, copy_streamed);
}

/* For pg_restore, too, no commit needs to wait for the disk until the database gets its name. */
static void copy_made_empty(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    bool locale = strcmp(answer->sqlstate, "42809") == 0 || strcmp(answer->sqlstate, "22023") == 0;
    if (!answer->error)
        conversation_execute(
            conversation,
            arena_format(step->arena, "ALTER DATABASE %s SET synchronous_commit = off",
                         conversation_quote_identifier(conversation, copy->partial)),
            copy_start_stream);
    else
        conversation_end(
            conversation,
            locale ? error_create(step->arena, OUTCOME_FAILED,
                                  "install the source's locale on that machine (Debian: "
                                  "dpkg-reconfigure locales), and restart PostgreSQL there",
                                  "work's server cannot sort as the source does: %s",
                                  answer->error->message)
                   : answer->error,
            NULL);
}

static void copy_by_stream(struct conversation *conversation, const char *reason)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    step_log(step, "copying as a stream: %s", reason);
    copy->method = "stream";
    copy->reason = arena_copy(step->arena, reason);
    const struct error *error = NULL;
    const char *sql =
        copy_write_empty(conversation, &copy->source, copy->partial, copy->version, &error);
    if (sql)
        conversation_try(conversation, sql, copy_made_empty);
    else
        conversation_end(conversation, error, NULL);
}

/* ---- by template ---- */

static void copy_made_from_template(struct conversation *conversation,
                                    const struct session_answer *answer)
{
    struct step_run *step = conversation_step(conversation);
    struct copy *copy = conversation_context(conversation);
    /* Somebody has connected to the source meanwhile, or it is not ours to use as a template. */
    bool another_way =
        strcmp(answer->sqlstate, "55006") == 0 || strcmp(answer->sqlstate, "42501") == 0;
    if (!answer->error)
        copy_complete(conversation);
    else if (another_way && step->run->environment->copy == COPY_AUTO && !copy->cancelled)
        copy_by_stream(conversation, answer->error->message);
    else
        conversation_end(conversation, answer->error, NULL);
}

static void copy_by_template(struct conversation *conversation, const char *reason)
{
    struct copy *copy = conversation_context(conversation);
    const char *sql =
        copy_write_template(conversation, &copy->source, copy->partial, copy->version);
    step_log(conversation_step(conversation), "copying inside the server: %s", reason);
    step_log(conversation_step(conversation), "%s", sql);
    copy->method = "template";
    copy->reason = reason;
    conversation_try(conversation, sql, copy_made_from_template);
}

/* Which way, and why. */
static void copy_choose(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    enum copy_method wanted = step->run->environment->copy;
    bool same_server = strcmp(PQgetvalue(answer->result, 0, 0), copy->source.server) == 0;
    copy->version = (int)strtol(PQgetvalue(answer->result, 0, 1), NULL, 10);
    if (copy->source.is_checkpoint) {
        copy_by_template(conversation, "an earlier run has kept a checkpoint");
        copy->method = "checkpoint";
    } else if (wanted == COPY_TEMPLATE && !same_server)
        conversation_end(
            conversation,
            error_create(step->arena, OUTCOME_FAILED, "write `copy: auto` or `copy: dump`",
                         "source and work are on two servers, so the source cannot be a template"),
            NULL);
    else if (wanted == COPY_DUMP)
        copy_by_stream(conversation, "the environment wants it");
    else if (!same_server)
        copy_by_stream(conversation, "source and work are on two servers");
    else if (wanted == COPY_AUTO && copy->source.connected[0])
        copy_by_stream(conversation, arena_format(step->arena, "connected to the source: %s",
                                                  copy->source.connected));
    else
        copy_by_template(conversation,
                         wanted == COPY_TEMPLATE
                             ? "the environment wants it"
                             : "source and work are on one server, and nobody is connected");
}

static void copy_identify_work(struct conversation *conversation,
                               const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation,
                         "SELECT " SERVER_IDENTITY ", current_setting('server_version_num')",
                         copy_choose);
}

/* ---- what is there ---- */

/* What a crash may have left: the whole database of this very step, or a part of it. */
static void copy_look_for_remains(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    bool exists = PQntuples(answer->result) > 0;
    if (exists && marker_is_of_step(PQgetvalue(answer->result, 0, 0), step->arena, step))
        copy_measure(conversation, NULL); /* it was put in place just before the crash */
    else if (exists)
        conversation_end(conversation,
                         error_create(step->arena, OUTCOME_REFUSED,
                                      "give the environment's `work` another name",
                                      "the database \"%s\" has appeared meanwhile", copy->work),
                         NULL);
    else
        conversation_drop(conversation, copy->partial, copy_identify_work);
}

static void copy_work_opened(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    (void)answer;
    conversation_ask(conversation,
                     "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database "
                     "WHERE datname = $1",
                     1, &copy->work, copy_look_for_remains);
}

static void copy_take_settings(struct conversation *conversation,
                               const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    copy->setting_count = (size_t)PQntuples(answer->result);
    copy->settings = arena_allocate(step->arena, copy->setting_count * sizeof *copy->settings);
    for (size_t i = 0; i < copy->setting_count; i++)
        copy->settings[i] = (struct copy_setting){
            .name = arena_copy(step->arena, PQgetvalue(answer->result, (int)i, 0)),
            .value = arena_copy(step->arena, PQgetvalue(answer->result, (int)i, 1))};
    conversation_move(conversation, &step->run->environment->work, "postgres", copy_work_opened);
}

static void copy_take_source(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct arena *arena = conversation_step(conversation)->arena;
    if (PQntuples(answer->result) == 0) {
        conversation_end(conversation, copy_source_missing(arena, &copy->source), NULL);
        return;
    }
    copy_read_source(arena, answer, &copy->source);
    conversation_ask(conversation,
                     "SELECT split_part(one, '=', 1), substr(one, strpos(one, '=') + 1) "
                     "FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, "
                     "unnest(s.setconfig) WITH ORDINALITY AS c (one, number) "
                     "WHERE d.datname = $1 AND s.setrole = 0 ORDER BY number",
                     1, &copy->source.name, copy_take_settings);
}

static void copy_source_opened(struct conversation *conversation,
                               const struct session_answer *answer)
{
    const struct copy *copy = conversation_context(conversation);
    (void)answer;
    copy_ask_source(conversation, &copy->source, copy_take_source);
}

static void copy_start(struct step_run *step)
{
    struct copy *copy = arena_allocate(step->arena, sizeof *copy);
    copy->source = copy_find_source(step);
    copy->work = step->run->environment->work.name;
    copy->partial = marker_partial_name(step->arena, copy->work, step->run->id);
    work_disconnect(step->run->work);
    copy->conversation =
        conversation_open(step, copy->source.address, "postgres", copy, copy_source_opened);
}

static void copy_cancel(struct step_run *step)
{
    struct copy *copy = conversation_context(step->state);
    copy->cancelled = true;
    if (copy->stream)
        stream_stop(copy->stream);
    conversation_cancel(step);
}

const struct step_kind kind_database_copy = {
    .name = "database.copy",
    .resource = RESOURCE_DATABASE,
    .makes_work = true,
    .nature = nature_repeatable,
    .preflight = copy_preflight,
    .start = copy_start,
    .cancel = copy_cancel,
};
