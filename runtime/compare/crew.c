#include "runtime/compare/crew.h"

#include <signal.h>
#include <string.h>

#include "base/buffer.h"

struct task {
    struct task *next;
    const char *sql;
    crew_take *take;
    void *context;
};

struct member {
    struct crew *crew;
    enum side side;
    struct session *session; /* NULL once it could not be opened */
    struct task *task;       /* what it works on */
    bool connected;
    bool ready; /* in the snapshot */
    bool busy;  /* something is to come */
};

struct crew_side {
    struct session_target target;
    const char *label;
    struct member *members; /* the first one's snapshot is everybody's */
    struct task *first, *last;
};

struct crew {
    struct arena *arena;
    uv_loop_t *loop;
    int jobs;
    struct crew_side sides[SIDE_COUNT];
    const struct error *error;
    uv_signal_t interrupt, terminate;
};

/* The forms in which values become text do not depend on the servers' settings. Sessions are the
 * parallel workers here. Without sorting, rows are grouped by hashing. */
static const char settings[] =
    "SET LOCAL search_path = ''; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; "
    "SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL lc_monetary = 'C'; SET LOCAL row_security = off; "
    "SET LOCAL xmloption = 'content'; SET LOCAL quote_all_identifiers = off; "
    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; "
    "SET LOCAL lock_timeout = '30s'; SET LOCAL max_parallel_workers_per_gather = 0; "
    "SET LOCAL jit = off; SET LOCAL enable_sort = off; SET LOCAL work_mem = '64MB'; ";

/* As pg_dump does: a table that somebody empties meanwhile would be seen as empty. */
static const char lock_tables[] =
    "DO $$ DECLARE tables text; BEGIN "
    "SELECT string_agg(format('ONLY %I.%I', n.nspname, c.relname), ', ') INTO tables "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_' "
    "AND c.relpersistence <> 't' AND has_schema_privilege(n.oid, 'USAGE') "
    "AND has_table_privilege(c.oid, 'SELECT'); "
    "IF tables <> '' THEN EXECUTE 'LOCK TABLE ' || tables || "
    "' IN ACCESS SHARE MODE'; END IF; END $$; ";

/* A server that does not answer is not waited for. */
static void member_cancel(struct member *member)
{
    if (!member->busy)
        return;
    if (member->connected) {
        session_cancel(member->session);
        return;
    }
    session_close(member->session);
    member->session = NULL;
    member->busy = false;
}

static void crew_cancel(struct crew *crew)
{
    for (int side = 0; side < SIDE_COUNT; side++)
        for (int i = 0; i < crew->jobs; i++)
            member_cancel(&crew->sides[side].members[i]);
}

static void crew_fail(struct crew *crew, const struct error *error)
{
    if (crew->error)
        return;
    crew->error = error;
    crew_cancel(crew);
}

static void crew_fail_side(struct crew *crew, enum side side, const struct error *error)
{
    crew_fail(crew, error_wrap(crew->arena, error, "%s, %s", side == SIDE_X ? "X" : "Y",
                               crew->sides[side].label));
}

/* ---- work ---- */

static void member_go_on(struct member *member);

static void member_recovered(void *context, const struct session_answer *answer)
{
    struct member *member = context;
    member->busy = false;
    if (answer->error)
        crew_fail_side(member->crew, member->side, answer->error);
    member_go_on(member);
}

static void crew_wake(struct crew *crew, enum side side)
{
    for (int i = 0; i < crew->jobs; i++)
        member_go_on(&crew->sides[side].members[i]);
}

static void member_answered(void *context, const struct session_answer *answer)
{
    struct member *member = context;
    struct crew *crew = member->crew;
    struct task *task = member->task;
    member->task = NULL;
    member->busy = false;
    if (answer->error && answer->sqlstate[0] == '\0') {
        crew_fail_side(crew, member->side, answer->error);
        return;
    }
    if (!crew->error)
        task->take(task->context, member->side, answer);
    if (answer->error && !crew->error) {
        member->busy = true;
        session_execute(member->session, "ROLLBACK TO SAVEPOINT compare", member_recovered, member);
    }
    for (int side = 0; side < SIDE_COUNT; side++) /* takers may have added something on any */
        crew_wake(crew, (enum side)side);
}

static void member_go_on(struct member *member)
{
    struct crew *crew = member->crew;
    struct crew_side *side = &crew->sides[member->side];
    if (crew->error || !member->ready || member->busy || !side->first)
        return;
    member->task = side->first;
    side->first = member->task->next;
    member->busy = true;
    /* Going back lets the locks on indexes go, of which there would be too many in the end. */
    session_execute(
        member->session,
        arena_format(crew->arena, "%s; ROLLBACK TO SAVEPOINT compare", member->task->sql),
        member_answered, member);
}

void crew_add(struct crew *crew, enum side side, const char *sql, crew_take *take, void *context)
{
    struct task *task = arena_allocate(crew->arena, sizeof *task);
    *task = (struct task){.sql = arena_copy(crew->arena, sql), .take = take, .context = context};
    struct crew_side *of = &crew->sides[side];
    if (of->first)
        of->last->next = task;
    else
        of->first = task;
    of->last = task;
}

static bool crew_is_busy(const struct crew *crew)
{
    for (int side = 0; side < SIDE_COUNT; side++)
        for (int i = 0; i < crew->jobs; i++)
            if (crew->sides[side].members[i].busy)
                return true;
    return false;
}

const struct error *crew_work(struct crew *crew)
{
    for (int side = 0; side < SIDE_COUNT; side++)
        crew_wake(crew, (enum side)side);
    while (crew_is_busy(crew))
        uv_run(crew->loop, UV_RUN_ONCE);
    return crew->error;
}

/* ---- opening ---- */

static void member_open(struct member *member, const char *snapshot);

static void member_ready(void *context, const struct session_answer *answer)
{
    struct member *member = context;
    struct crew *crew = member->crew;
    struct crew_side *side = &crew->sides[member->side];
    bool first = member == side->members;
    member->busy = false;
    if (answer->error) {
        crew_fail_side(crew, member->side, answer->error);
        return;
    }
    member->ready = true;
    if (!first) {
        member_go_on(member);
        return;
    }
    const char *snapshot = arena_copy(crew->arena, PQgetvalue(answer->result, 0, 0));
    for (int i = 1; i < crew->jobs; i++)
        member_open(&side->members[i], snapshot);
}

static const char *write_beginning(struct arena *arena, const char *snapshot)
{
    static const char begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ";
    if (snapshot)
        return arena_format(arena, "%sSET TRANSACTION SNAPSHOT '%s'; %sSAVEPOINT compare", begin,
                            snapshot, settings);
    return arena_format(arena, "%s%s%sSELECT pg_export_snapshot(); SAVEPOINT compare", begin,
                        settings, lock_tables);
}

struct opening {
    struct member *member;
    const char *snapshot;
};

static void member_opened(void *context, const struct error *error)
{
    const struct opening *opening = context;
    struct member *member = opening->member;
    struct crew *crew = member->crew;
    if (!error && !crew->error) {
        member->connected = true;
        session_execute(member->session, write_beginning(crew->arena, opening->snapshot),
                        member_ready, member);
        return;
    }
    member->busy = false;
    if (error && !opening->snapshot)
        crew_fail_side(crew, member->side, error);
    session_close(member->session);
    member->session = NULL;
}

static void member_open(struct member *member, const char *snapshot)
{
    struct crew *crew = member->crew;
    struct opening *opening = arena_allocate(crew->arena, sizeof *opening);
    *opening = (struct opening){.member = member, .snapshot = snapshot};
    member->busy = true;
    member->session =
        session_open(crew->loop, crew->sides[member->side].target, member_opened, opening);
}

static void crew_on_signal(uv_signal_t *handle, int number)
{
    struct crew *crew = handle->data;
    (void)number;
    crew_fail(crew, error_create(crew->arena, OUTCOME_INTERRUPTED, NULL,
                                 "it was interrupted; nothing was changed"));
}

static void crew_open_signals(struct crew *crew)
{
    uv_signal_init(crew->loop, &crew->interrupt);
    uv_signal_init(crew->loop, &crew->terminate);
    crew->interrupt.data = crew->terminate.data = crew;
    uv_signal_start(&crew->interrupt, crew_on_signal, SIGINT);
    uv_signal_start(&crew->terminate, crew_on_signal, SIGTERM);
}

static void crew_open_side(struct crew *crew, enum side side, const struct compare_place *place)
{
    struct crew_side *of = &crew->sides[side];
    of->label = place->label;
    of->target = (struct session_target){.url = place->address.url,
                                         .password = place->address.password,
                                         .application_name = "drehbuch compare"};
    of->members = arena_allocate(crew->arena, (size_t)crew->jobs * sizeof *of->members);
    for (int i = 0; i < crew->jobs; i++)
        of->members[i] = (struct member){.crew = crew, .side = side};
    member_open(&of->members[0], NULL);
}

const struct error *crew_open(struct arena *arena, uv_loop_t *loop,
                              const struct compare_options *options, struct crew **crew)
{
    *crew = arena_allocate(arena, sizeof **crew);
    **crew = (struct crew){.arena = arena, .loop = loop, .jobs = options->jobs};
    crew_open_signals(*crew);
    for (int side = 0; side < SIDE_COUNT; side++)
        crew_open_side(*crew, (enum side)side, &options->places[side]);
    return crew_work(*crew);
}

const char *crew_quote(const struct crew *crew, const char *text)
{
    return session_quote(crew->sides[SIDE_X].members[0].session, crew->arena, text);
}

const char *crew_quote_identifier(const struct crew *crew, const char *name)
{
    return session_quote_identifier(crew->sides[SIDE_X].members[0].session, crew->arena, name);
}

void crew_close(struct crew *crew)
{
    if (!crew)
        return;
    for (int side = 0; side < SIDE_COUNT; side++)
        for (int i = 0; i < crew->jobs; i++)
            if (crew->sides[side].members[i].session)
                session_close(crew->sides[side].members[i].session);
    uv_close((uv_handle_t *)&crew->interrupt, NULL);
    uv_close((uv_handle_t *)&crew->terminate, NULL);
    uv_run(crew->loop, UV_RUN_DEFAULT);
}
