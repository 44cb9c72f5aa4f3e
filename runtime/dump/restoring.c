#include "runtime/dump/restoring.h"

#include <inttypes.h>
#include <openssl/rand.h>

#include "runtime/postgres/conninfo.h"
#include "runtime/postgres/tools.h"
#include "runtime/process.h"
#include "runtime/run.h"
#include "runtime/steps/program.h"

#define GRACE 10000 /* milliseconds from SIGTERM to SIGKILL */

struct restoring {
    struct step_run *step;
    struct restoring_source source;
    const struct tools *tools;
    struct dump_locale locale;
    bool located;             /* the statement with the locale was seen */
    struct process *locating; /* the pg_restore that prints it, or NULL */
    struct program *program;  /* that fills the database, or NULL */
    bool stopped;
    int harmless_count;
    restoring_ended *ended;
    void *context;
};

static bool restoring_is_sql(const struct restoring *restoring)
{
    enum dump_format format = restoring->source.format;
    return format == DUMP_SQL || format == DUMP_GZIP || format == DUMP_ZIP;
}

static void restoring_end(struct restoring *restoring, const struct error *error)
{
    if (restoring->stopped)
        error =
            error_create(restoring->step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    restoring->ended(restoring->context, error);
}

/* ---- how it sorts ---- */

static void locale_take_line(void *context, int stream, const char *line)
{
    struct restoring *restoring = context;
    if (stream == 1 && !restoring->located)
        restoring->located = dump_locale_take(restoring->step->arena, line, &restoring->locale);
}

/* What goes wrong here goes wrong again when the dump is restored, with everything that is to be
 * said of it. */
static void locale_ended(void *context, const struct error *error, int64_t exit_code, int signal)
{
    struct restoring *restoring = context;
    (void)error;
    restoring->locating = NULL;
    if (exit_code != 0 || signal != 0)
        step_log(restoring->step, "pg_restore does not tell how the dumped database sorts");
    restoring_end(restoring, NULL);
}

static void restoring_locate(struct restoring *restoring)
{
    struct arena *arena = restoring->step->arena;
    const char *const arguments[] = {tools_program(arena, restoring->tools, "pg_restore"),
                                     "--create",
                                     "--schema-only",
                                     "--file=-",
                                     restoring->source.path,
                                     NULL};
    restoring->locating =
        process_start(restoring->step->run->loop, arena,
                      (struct process_options){.arguments = arguments,
                                               .environment = conninfo_environment(arena, NULL),
                                               .line = locale_take_line,
                                               .ended = locale_ended,
                                               .context = restoring});
}

static void restoring_take_tools(void *context, const struct tools *tools,
                                 const struct error *error)
{
    struct restoring *restoring = context;
    struct arena *arena = restoring->step->arena;
    int major = restoring->source.major;
    restoring->tools = tools;
    if (error)
        restoring_end(restoring,
                      error_create(arena, error->outcome, error->help,
                                   "the dump was made by pg_dump %d; no pg_restore and psql of at "
                                   "least this version were found",
                                   major));
    else if (restoring_is_sql(restoring) || restoring->stopped)
        restoring_end(restoring, NULL);
    else
        restoring_locate(restoring);
}

struct restoring *restoring_create(struct step_run *step, struct restoring_source source,
                                   void *context)
{
    struct restoring *restoring = arena_allocate(step->arena, sizeof *restoring);
    *restoring = (struct restoring){.step = step, .source = source, .context = context};
    return restoring;
}

void restoring_prepare(struct restoring *restoring, restoring_ended *ended)
{
    struct step_run *step = restoring->step;
    restoring->ended = ended;
    tools_find(step->run->loop, step->arena, restoring->source.major * 10000, restoring_take_tools,
               restoring);
}

const struct dump_locale *restoring_locale(const struct restoring *restoring)
{
    return &restoring->locale;
}

/* ---- filling ---- */

static void restoring_program_ended(struct program *program, const struct error *error)
{
    struct restoring *restoring = program_context(program);
    restoring->program = NULL;
    restoring->harmless_count = program_harmless_count(program);
    /* pg_restore also ends with 1 where it ignored errors. */
    bool harmless = error && program_exit_code(program) == 1 && program_error_count(program) == 0 &&
                    restoring->harmless_count > 0;
    restoring_end(restoring, harmless ? NULL : error);
}

/* Commands to psql are no part of a dump, but for this one. The key is nobody's to know: what
 * follows cannot lift the restriction. A psql of before August 2025 does not know it. */
static const char *restoring_restrict(struct arena *arena)
{
    uint64_t key[2] = {0};
    return RAND_bytes((unsigned char *)key, sizeof key) != 1
               ? NULL
               : arena_format(arena, "\\restrict %016" PRIx64 "%016" PRIx64, key[0], key[1]);
}

static void restoring_run_psql(struct restoring *restoring, const struct database_address *address,
                               const char *conninfo)
{
    struct arena *arena = restoring->step->arena;
    const char *restriction = restoring_restrict(arena);
    if (!restriction) {
        restoring_end(restoring,
                      error_create(arena, OUTCOME_FAILED, NULL, "libcrypto has no random numbers"));
        return;
    }
    const char *const arguments[] = {tools_program(arena, restoring->tools, "psql"),
                                     "--no-psqlrc",
                                     "--quiet",
                                     "--no-password",
                                     "--output=/dev/null",
                                     "--dbname",
                                     conninfo,
                                     "--command",
                                     restriction,
                                     "--file",
                                     restoring->source.path,
                                     NULL};
    restoring->program =
        program_start(restoring->step, arguments, address, restoring, restoring_program_ended);
}

void restoring_start(struct restoring *restoring, const struct database_address *address,
                     const char *database, restoring_ended *ended)
{
    struct step_run *step = restoring->step;
    const char *conninfo = conninfo_write(step->arena, address, database);
    restoring->ended = ended;
    step_progress(step, "restoring");
    if (restoring_is_sql(restoring)) {
        restoring_run_psql(restoring, address, conninfo);
        return;
    }
    const char *const arguments[] = {tools_program(step->arena, restoring->tools, "pg_restore"),
                                     "--no-owner",
                                     "--no-acl",
                                     "--no-password",
                                     "--jobs",
                                     arena_format(step->arena, "%d", step->run->environment->jobs),
                                     "--dbname",
                                     conninfo,
                                     restoring->source.path,
                                     NULL};
    restoring->program =
        program_start(step, arguments, address, restoring, restoring_program_ended);
}

int restoring_harmless_count(const struct restoring *restoring)
{
    return restoring->harmless_count;
}

bool restoring_stop(struct restoring *restoring)
{
    bool runs = restoring->locating || restoring->program;
    restoring->stopped = true;
    if (restoring->locating)
        process_stop(restoring->locating, GRACE);
    if (restoring->program)
        program_stop(restoring->program);
    return runs;
}
