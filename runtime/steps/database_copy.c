/* `database.copy`: the source becomes the working database.
 *
 * It is made under another name, marked with a comment, and renamed when it is whole: after a crash
 * it is there and marked with this run and step, or it is made again. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "runtime/postgres/conninfo.h"
#include "runtime/postgres/conversation.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/work.h"
#include "runtime/steps/kinds.h"
#include "runtime/steps/program.h"

struct copy {
    struct conversation *conversation; /* with the working database's server */
    const char *work;
    const char *partial;
    const char *method;                     /* "template" or "dump" */
    const char *source_server;              /* identifies the running server */
    const char *encoding, *collate, *ctype; /* of the source */
    const char *icu;                        /* its ICU locale; "" where libc sorts */
    long long source_connections;
    const char *folder;      /* of the dump */
    struct program *program; /* running, or NULL */
    bool cancelled;
};

static void copy_finish(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct arena *arena = conversation_step(conversation)->arena;
    struct value *effects = value_object(arena);
    value_set(arena, effects, "method", value_string(arena, copy->method));
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
static void copy_put_in_place(struct conversation *conversation,
                              const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct arena *arena = conversation_step(conversation)->arena;
    (void)answer;
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

/* ---- by dump and restore ---- */

static void copy_fail(struct copy *copy, const struct error *error)
{
    conversation_end(copy->conversation, error, NULL);
}

static void copy_analyzed(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    const struct error *error =
        file_remove_tree(conversation_step(conversation)->arena, copy->folder);
    (void)answer;
    if (error)
        conversation_end(conversation, error, NULL);
    else
        conversation_move(conversation, &conversation_step(conversation)->run->environment->work,
                          "postgres", copy_put_in_place);
}

static void copy_analyze(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    step_progress(conversation_step(conversation), "collecting statistics");
    conversation_execute(conversation, "ANALYZE", copy_analyzed);
}

static void copy_restored(struct program *program, const struct error *error)
{
    struct copy *copy = program_context(program);
    struct step_run *step = program_step(program);
    copy->program = NULL;
    if (!error && copy->cancelled)
        error = error_create(step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    /* pg_restore also ends with 1 where it ignored errors; those that are known to be harmless do
     * not count. */
    bool harmless = error && program_exit_code(program) == 1 && program_error_count(program) == 0 &&
                    program_harmless_count(program) > 0;
    if (error && !harmless)
        copy_fail(copy, error);
    else
        conversation_move(copy->conversation, &step->run->environment->work, copy->partial,
                          copy_analyze);
}

static void copy_dumped(struct program *program, const struct error *error)
{
    struct copy *copy = program_context(program);
    struct step_run *step = program_step(program);
    copy->program = NULL;
    if (!error && copy->cancelled)
        error = error_create(step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    if (error) {
        copy_fail(copy, error);
        return;
    }
    const struct database_address *work = &step->run->environment->work;
    const char *const arguments[] = {"pg_restore",
                                     "--no-owner",
                                     "--no-acl",
                                     "--jobs",
                                     arena_format(step->arena, "%d", step->run->environment->jobs),
                                     "--dbname",
                                     conninfo_write(step->arena, work, copy->partial),
                                     copy->folder,
                                     NULL};
    step_progress(step, "restoring");
    copy->program = program_start(step, arguments, work, copy, copy_restored);
}

static void copy_dump(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    const struct database_address *source = &step->run->environment->source;
    (void)answer;
    const char *const arguments[] = {
        "pg_dump",    "--format=directory",
        "--no-owner", "--no-acl",
        "--jobs",     arena_format(step->arena, "%d", step->run->environment->jobs),
        "--file",     copy->folder,
        "--dbname",   conninfo_write(step->arena, source, NULL),
        NULL};
    step_progress(step, "dumping");
    copy->program = program_start(step, arguments, source, copy, copy_dumped);
}

static void copy_by_dump(struct conversation *conversation, const char *reason)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    step_log(step, "copying by dump and restore: %s", reason);
    copy->method = "dump";
    /* A name of its own: a pg_dump of an executor that was killed may still write to its folder. */
    copy->folder = arena_format(step->arena, "%s/dump-%lld-%d", step->run->folder,
                                (long long)clock_now(), (int)getpid());
    /* Encoding and locale of the source: sorting must stay what it was. */
    conversation_execute(
        conversation,
        arena_format(step->arena,
                     "CREATE DATABASE %s TEMPLATE template0 ENCODING %s LC_COLLATE %s LC_CTYPE %s"
                     "%s%s",
                     conversation_quote_identifier(conversation, copy->partial),
                     conversation_quote(conversation, copy->encoding),
                     conversation_quote(conversation, copy->collate),
                     conversation_quote(conversation, copy->ctype),
                     copy->icu[0] ? " LOCALE_PROVIDER icu ICU_LOCALE " : "",
                     copy->icu[0] ? conversation_quote(conversation, copy->icu) : ""),
        copy_dump);
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
        copy_put_in_place(conversation, answer);
    else if (another_way && step->run->environment->copy == COPY_AUTO && !copy->cancelled)
        copy_by_dump(conversation, answer->error->message);
    else
        conversation_end(conversation, answer->error, NULL);
}

static void copy_by_template(struct conversation *conversation)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    copy->method = "template";
    step_log(step, "copying inside the server, with the source as template");
    conversation_try(conversation,
                     arena_format(step->arena, "CREATE DATABASE %s TEMPLATE %s",
                                  conversation_quote_identifier(conversation, copy->partial),
                                  conversation_quote_identifier(
                                      conversation, step->run->environment->source.name)),
                     copy_made_from_template);
}

/* Which way, and why. */
static void copy_choose(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    enum copy_method wanted = step->run->environment->copy;
    bool same_server = strcmp(PQgetvalue(answer->result, 0, 0), copy->source_server) == 0;
    if (wanted == COPY_TEMPLATE && !same_server)
        conversation_end(
            conversation,
            error_create(step->arena, OUTCOME_FAILED, "write `copy: auto` or `copy: dump`",
                         "source and work are on two servers, so the source cannot be a template"),
            NULL);
    else if (wanted == COPY_DUMP)
        copy_by_dump(conversation, "the environment wants it");
    else if (!same_server)
        copy_by_dump(conversation, "source and work are on two servers");
    else if (wanted == COPY_AUTO && copy->source_connections > 0)
        copy_by_dump(conversation, "somebody is connected to the source");
    else
        copy_by_template(conversation);
}

static void copy_identify_work(struct conversation *conversation,
                               const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, "SELECT " SERVER_IDENTITY, copy_choose);
}

/* What a crash may have left: the whole database of this very step, or a part of it. */
static void copy_look_for_remains(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    bool exists = PQntuples(answer->result) > 0;
    if (exists && marker_is_of_step(PQgetvalue(answer->result, 0, 0), step->arena, step)) {
        copy->method = "template";
        copy_measure(conversation, NULL); /* it was put in place just before the crash */
        return;
    }
    if (exists) {
        conversation_end(conversation,
                         error_create(step->arena, OUTCOME_REFUSED,
                                      "give the environment's `work` another name",
                                      "the database \"%s\" has appeared meanwhile", copy->work),
                         NULL);
        return;
    }
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

static void copy_take_source(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    if (PQntuples(answer->result) == 0) {
        conversation_end(conversation,
                         error_create(step->arena, OUTCOME_FAILED,
                                      "check the environment's `source`",
                                      "the source database \"%s\" does not exist",
                                      step->run->environment->source.name),
                         NULL);
        return;
    }
    copy->source_server = arena_copy(step->arena, PQgetvalue(answer->result, 0, 0));
    copy->encoding = arena_copy(step->arena, PQgetvalue(answer->result, 0, 1));
    copy->collate = arena_copy(step->arena, PQgetvalue(answer->result, 0, 2));
    copy->ctype = arena_copy(step->arena, PQgetvalue(answer->result, 0, 3));
    copy->source_connections = strtoll(PQgetvalue(answer->result, 0, 4), NULL, 10);
    copy->icu = arena_copy(step->arena, PQgetvalue(answer->result, 0, 5));
    conversation_move(conversation, &step->run->environment->work, "postgres", copy_work_opened);
}

static void copy_source_opened(struct conversation *conversation,
                               const struct session_answer *answer)
{
    struct step_run *step = conversation_step(conversation);
    (void)answer;
    /* Asked from the maintenance database: a connection to the source itself would forbid its use
     * as a template. */
    conversation_ask(conversation,
                     "SELECT " SERVER_IDENTITY ", "
                     "pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, "
                     "(SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid "
                     "AND a.backend_type = 'client backend'), "
                     /* from PostgreSQL 15 on; the column has another name from 17 on */
                     "CASE WHEN to_jsonb(d) ->> 'datlocprovider' = 'i' THEN coalesce("
                     "to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') ELSE '' END "
                     "FROM pg_database d WHERE d.datname = $1",
                     1, &step->run->environment->source.name, copy_take_source);
}

static void copy_start(struct step_run *step)
{
    struct copy *copy = arena_allocate(step->arena, sizeof *copy);
    copy->work = step->run->environment->work.name;
    copy->partial = marker_partial_name(step->arena, copy->work, step->run->id);
    work_disconnect(step->run->work);
    copy->conversation = conversation_open(step, &step->run->environment->source, "postgres", copy,
                                           copy_source_opened);
}

static void copy_cancel(struct step_run *step)
{
    struct copy *copy = conversation_context(step->state);
    copy->cancelled = true;
    if (copy->program)
        program_stop(copy->program);
    conversation_cancel(step);
}

const struct step_kind kind_database_copy = {
    .name = "database.copy",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .start = copy_start,
    .cancel = copy_cancel,
};
