#include "runtime/postgres/stream.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "runtime/postgres/conninfo.h"
#include "runtime/postgres/stream_crew.h"
#include "runtime/postgres/tools.h"
#include "runtime/run.h"
#include "runtime/steps/program.h"

#define LIST_LIMIT ((size_t)256 * 1024 * 1024)

struct stream {
    struct step_run *step;
    struct stream_options options;
    void (*ended)(void *context, const struct error *error);
    void *context;
    struct session
        *session; /* with the source while its snapshot is needed, then with the target */
    struct stream_work work;
    const struct tools *tools;
    const char *snapshot;
    const char *archive; /* the schema, and large objects */
    const char *list;    /* of what pg_restore makes behind the rows */
    struct program *program;
    struct crew *crew;
    int64_t size;
    bool stopped;
};

/* ---- the end ---- */

static void stream_end(struct stream *stream, const struct error *error)
{
    struct arena *arena = stream->step->arena;
    if (stream->stopped)
        error = error_create(arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    else if (error) /* the session's errors end with it */
        error =
            error_create(arena, error->outcome, error->help ? arena_copy(arena, error->help) : NULL,
                         "%s", error->message);
    session_close(stream->session);
    stream->session = NULL;
    const struct error *left = file_remove_tree(arena, stream->archive);
    if (!left)
        left = file_remove_tree(arena, stream->list);
    stream->ended(stream->context, error ? error : left);
}

/* Whether what has ended leaves something to go on with. */
static bool stream_goes_on(struct stream *stream, const struct error *error)
{
    if (!error && !stream->stopped)
        return true;
    stream_end(stream, error);
    return false;
}

static void stream_last_done(void *context, const struct session_answer *answer)
{
    stream_end(context, answer->error);
}

static void stream_target_opened(void *context, const struct error *error)
{
    struct stream *stream = context;
    if (stream_goes_on(stream, error))
        session_execute(stream->session, stream->work.last, stream_last_done, stream);
}

static void stream_do_last(struct stream *stream)
{
    if (stream->work.last[0] == '\0') {
        stream_end(stream, NULL);
        return;
    }
    step_progress(stream->step, "refreshing views, collecting statistics");
    stream->session =
        session_open(stream->step->run->loop, stream->work.target, stream_target_opened, stream);
}

/* ---- the client programs ---- */

static void stream_start_program(struct stream *stream, const char *const *arguments,
                                 const struct database_address *address, program_ended *ended)
{
    stream->program = program_start(stream->step, arguments, address, stream, ended);
}

/* pg_restore also ends with 1 where it ignored errors; those that are known to be harmless do not
 * count. */
static bool stream_program_went_well(struct stream *stream, struct program *program,
                                     const struct error *error)
{
    stream->program = NULL;
    bool harmless = error && program_exit_code(program) == 1 && program_error_count(program) == 0 &&
                    program_harmless_count(program) > 0;
    return stream_goes_on(stream, harmless ? NULL : error);
}

static void stream_restore(struct stream *stream, const char *section, program_ended *ended)
{
    struct arena *arena = stream->step->arena;
    bool last = strcmp(section, "post-data") == 0;
    const char *const arguments[] = {
        tools_program(arena, stream->tools, "pg_restore"),
        "--no-owner",
        "--no-acl",
        "--no-tablespaces",
        "--section",
        section,
        "--dbname",
        conninfo_write(arena, stream->options.target, stream->options.target_database),
        arena_format(arena, "--jobs=%d", last ? stream->work.jobs : 1),
        last ? arena_format(arena, "--use-list=%s", stream->list) : stream->archive,
        last ? stream->archive : NULL,
        NULL};
    step_log(stream->step, "restoring: %s", section);
    stream_start_program(stream, arguments, stream->options.target, ended);
}

static void stream_post_data_restored(struct program *program, const struct error *error)
{
    struct stream *stream = program_context(program);
    if (stream_program_went_well(stream, program, error))
        stream_do_last(stream);
}

static void stream_restore_post_data(struct stream *stream)
{
    step_progress(stream->step, "foreign keys and what else comes behind the rows");
    stream_restore(stream, "post-data", stream_post_data_restored);
}

static void stream_large_objects_restored(struct program *program, const struct error *error)
{
    struct stream *stream = program_context(program);
    if (stream_program_went_well(stream, program, error))
        stream_restore_post_data(stream);
}

/* ---- rows ---- */

static void stream_moved(void *context, const struct error *error, int working,
                         const struct error *short_of)
{
    struct stream *stream = context;
    stream->crew = NULL;
    if (!stream_goes_on(stream, error))
        return;
    if (short_of) {
        step_warn(stream->step, "only %d of %d jobs found a connection: %s", working,
                  stream->work.jobs, short_of->message);
        stream->work.jobs = working;
    }
    session_close(stream->session); /* the snapshot is of no more use */
    stream->session = NULL;
    if (stream->work.large_objects)
        stream_restore(stream, "data", stream_large_objects_restored);
    else
        stream_restore_post_data(stream);
}

/* "310 MB", "1.1 GB" */
static const char *stream_write_size(struct arena *arena, int64_t bytes)
{
    if (bytes < INT64_C(1000) * 1024 * 1024)
        return arena_format(arena, "%" PRId64 " MB", bytes / 1048576);
    return arena_format(arena, "%.1f GB", (double)bytes / 1073741824);
}

static void stream_on_progress(void *context, size_t tables, int64_t bytes)
{
    struct stream *stream = context;
    struct arena *arena = arena_create();
    step_progress(stream->step, "%zu of %zu tables, %s of %s", tables, stream->work.table_count,
                  stream_write_size(arena, bytes), stream_write_size(arena, stream->size));
    arena_destroy(arena);
}

static void stream_move(struct stream *stream)
{
    for (size_t i = 0; i < stream->work.table_count; i++)
        stream->size += stream->work.tables[i].size;
    stream->crew =
        crew_start(stream->step->run->loop, stream->step->arena, &stream->work,
                   (struct crew_watcher){
                       .progress = stream_on_progress, .ended = stream_moved, .context = stream});
}

static void stream_pre_data_restored(struct program *program, const struct error *error)
{
    struct stream *stream = program_context(program);
    if (stream_program_went_well(stream, program, error))
        stream_move(stream);
}

/* ---- the schema ---- */

/* Whether the line "3402; 1259 16437 INDEX public res_partner_pkey odoo" is of what the crew
 * builds. */
static bool stream_builds(const struct stream *stream, const char *line)
{
    const char *object = strchr(line, ' ');
    const char *between = object ? strchr(object + 1, ' ') : NULL;
    const char *end = between ? strchr(between + 1, ' ') : NULL;
    if (!end)
        return false;
    struct arena *arena = arena_create();
    bool builds = map_get(stream->work.built,
                          arena_copy_bytes(arena, object + 1, (size_t)(end - object - 1)));
    arena_destroy(arena);
    return builds;
}

static const struct error *stream_shorten_list(struct stream *stream)
{
    struct text text;
    const struct error *error = file_read(stream->step->arena, stream->list, LIST_LIMIT, &text);
    if (error)
        return error;
    struct buffer kept = {0};
    for (const char *line = text.bytes, *end; *line; line = end) {
        size_t length = strcspn(line, "\n");
        end = line + length + (line[length] == '\n' ? 1 : 0);
        if (line[0] == ';' || !stream_builds(stream, line))
            buffer_append(&kept, line, (size_t)(end - line));
    }
    error =
        file_replace(stream->step->arena, stream->list, buffer_string(&kept), kept.length, 0600);
    buffer_release(&kept);
    return error;
}

static void stream_listed(struct program *program, const struct error *error)
{
    struct stream *stream = program_context(program);
    if (!stream_program_went_well(stream, program, error) ||
        !stream_goes_on(stream, stream_shorten_list(stream)))
        return;
    step_progress(stream->step, "making the tables");
    stream_restore(stream, "pre-data", stream_pre_data_restored);
}

/* Only of this section: a comment belongs to the section of what stands before it. */
static void stream_dumped(struct program *program, const struct error *error)
{
    struct stream *stream = program_context(program);
    if (!stream_program_went_well(stream, program, error))
        return;
    const char *const arguments[] = {
        tools_program(stream->step->arena, stream->tools, "pg_restore"),
        "--list",
        "--section=post-data",
        "--file",
        stream->list,
        stream->archive,
        NULL};
    stream_start_program(stream, arguments, NULL, stream_listed);
}

/* Large objects are nobody's in Odoo; where there are some they are few, and pg_dump's archive
 * holds them. */
static void stream_dump(struct stream *stream)
{
    struct arena *arena = stream->step->arena;
    const char *const arguments[] = {
        tools_program(arena, stream->tools, "pg_dump"),
        "--format=custom",
        "--compress=0",
        "--no-owner",
        "--no-acl",
        "--no-tablespaces",
        "--no-publications",
        "--no-subscriptions",
        "--no-security-labels",
        "--exclude-table-data=*.*",
        arena_format(arena, "--snapshot=%s", stream->snapshot),
        "--file",
        stream->archive,
        "--dbname",
        conninfo_write(arena, stream->options.source, stream->options.source_database),
        NULL};
    step_progress(stream->step, "reading the schema");
    stream_start_program(stream, arguments, stream->options.source, stream_dumped);
}

/* ---- the snapshot ---- */

static void stream_tools_found(void *context, const struct tools *tools, const struct error *error)
{
    struct stream *stream = context;
    stream->tools = tools;
    if (stream_goes_on(stream, error))
        stream_dump(stream);
}

static void stream_locked(void *context, const struct session_answer *answer)
{
    struct stream *stream = context;
    if (stream_goes_on(stream, answer->error))
        tools_find(stream->step->run->loop, stream->step->arena,
                   PQserverVersion(session_connection(stream->session)), stream_tools_found,
                   stream);
}

static void stream_catalog_known(void *context, const struct error *error)
{
    struct stream *stream = context;
    if (!stream_goes_on(stream, error))
        return;
    if (stream->work.grantees[0])
        step_warn(stream->step,
                  "the rights of other roles are not taken over into the copy, where all belongs "
                  "to the role of `work`: %s",
                  stream->work.grantees);
    session_execute(stream->session, stream->work.locks, stream_locked, stream);
}

static void stream_snapshot_taken(void *context, const struct session_answer *answer)
{
    struct stream *stream = context;
    if (!stream_goes_on(stream, answer->error))
        return;
    struct arena *arena = stream->step->arena;
    stream->snapshot = arena_copy(arena, PQgetvalue(answer->result, 0, 0));
    char *quoted = PQescapeLiteral(session_connection(stream->session), stream->snapshot,
                                   strlen(stream->snapshot));
    stream->work.snapshot = arena_copy(arena, quoted ? quoted : "NULL");
    PQfreemem(quoted);
    stream_catalog_read(stream->session, stream->step->arena, &stream->work, stream_catalog_known,
                        stream);
}

static void stream_source_lost(void *context)
{
    struct stream *stream = context;
    if (stream->crew)
        crew_stop(stream->crew);
}

static void stream_source_opened(void *context, const struct error *error)
{
    struct stream *stream = context;
    if (!stream_goes_on(stream, error))
        return;
    session_on_loss(stream->session, stream_source_lost, stream);
    session_execute(stream->session,
                    "SET search_path = ''; SET statement_timeout = 0; "
                    "SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot()",
                    stream_snapshot_taken, stream);
}

struct stream *stream_start(struct step_run *step, struct stream_options options, void *context,
                            void (*ended)(void *context, const struct error *error))
{
    struct stream *stream = arena_allocate(step->arena, sizeof *stream);
    const struct run *run = step->run;
    *stream = (struct stream){.step = step, .options = options, .ended = ended, .context = context};
    stream->work.jobs = run->environment->jobs;
    stream->work.source = run_target(run, options.source, options.source_database);
    stream->work.target = run_target(run, options.target, options.target_database);
    /* Names of their own: a pg_dump of an executor that was killed may still write to its file. */
    stream->archive = arena_format(step->arena, "%s/schema-%lld-%d", run->folder,
                                   (long long)clock_now(), (int)getpid());
    stream->list = arena_format(step->arena, "%s.list", stream->archive);
    stream->session = session_open(run->loop, stream->work.source, stream_source_opened, stream);
    return stream;
}

void stream_stop(struct stream *stream)
{
    stream->stopped = true;
    if (stream->program)
        program_stop(stream->program);
    if (stream->crew)
        crew_stop(stream->crew);
    if (stream->session)
        session_cancel(stream->session);
}
