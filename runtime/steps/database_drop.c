/* `database.drop`: removes the working database of an earlier attempt, if drehbuch made it. */
#include <string.h>

#include "runtime/postgres/conversation.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/work.h"
#include "runtime/steps/kinds.h"

/* The working database, and what unfinished copies and steps left: their names have a part that
 * nobody else would choose (marker.h). And whether it is the source's server that is asked. In test
 * also what an earlier rehearsal has replaced by its result: its name is needed again. */
static const char find_databases[] =
    "SELECT d.datname, shobj_description(d.oid, 'pg_database'), " SERVER_IDENTITY
    " = $2 FROM pg_database d "
    "WHERE d.datname = $1 OR d.datname = $3 OR (left(d.datname, -8) IN ($1 || '" MARKER_PARTIAL
    "', $1 || '" MARKER_COPY "') "
    "AND right(d.datname, 8) ~ '^[0-9a-f]{8}$') ORDER BY d.datname";

static const struct error *drop_refuse(struct step_run *step, const char *name, const char *why)
{
    return error_create(
        step->arena, OUTCOME_REFUSED,
        "give the environment's `work` another name, or remove that database yourself",
        "the working database \"%s\" exists and %s", arena_copy(step->arena, name), why);
}

/* Why a database of the answer must stay, or NULL. */
static const struct error *drop_find_foreign(struct step_run *step,
                                             const struct session_answer *answer)
{
    const struct run *run = step->run;
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *name = PQgetvalue(answer->result, row, 0);
        bool commented = !PQgetisnull(answer->result, row, 1);
        const char *comment = commented ? PQgetvalue(answer->result, row, 1) : NULL;
        bool same_server = strcmp(PQgetvalue(answer->result, row, 2), "t") == 0;
        const char *maker = marker_run(step->arena, comment);
        if (same_server && strcmp(name, run->environment->source.name) == 0)
            return drop_refuse(step, name, "is the source");
        if (strcmp(name, run->environment->work.name) != 0)
            continue;
        if (marker_published(step->arena, comment))
            return drop_refuse(step, name, "was published");
        if (!maker)
            return drop_refuse(step, name, "was not made by drehbuch");
        if (marker_is_of_production(step->arena, comment) && strcmp(maker, run->id) != 0)
            return drop_refuse(
                step, name, arena_format(step->arena, "was made by the production run %s", maker));
    }
    return NULL;
}

/* ---- first the source's server is asked who it is, then the working database's what is there ----
 */

struct drop {
    bool only_looks; /* in preflight */
    const char *source_server;
    const char **names; /* still to be dropped */
    size_t count;
};

static void drop_next(struct conversation *conversation, const struct session_answer *answer)
{
    struct drop *drop = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    (void)answer;
    if (drop->count == 0) {
        conversation_end(conversation, NULL, NULL);
        return;
    }
    const char *name = drop->names[--drop->count];
    step_log(step, "dropping the database \"%s\" of an earlier attempt", name);
    conversation_drop(conversation, name, drop_next);
}

/* What was replaced may be somebody else's: then it stays. */
static bool drop_is_ours(const struct step_run *step, const struct session_answer *answer, int row)
{
    const char *replaced = value_get_string(step->run->environment->publish, "replaced");
    const char *comment = PQgetvalue(answer->result, row, 1);
    if (!replaced || strcmp(PQgetvalue(answer->result, row, 0), replaced) != 0)
        return true;
    return marker_run(step->arena, comment) && !marker_is_of_production(step->arena, comment);
}

static void drop_found(struct conversation *conversation, const struct session_answer *answer)
{
    struct step_run *step = conversation_step(conversation);
    struct drop *drop = conversation_context(conversation);
    const struct error *error = drop_find_foreign(step, answer);
    if (error || drop->only_looks) {
        conversation_end(conversation, error, NULL);
        return;
    }
    drop->names =
        arena_allocate(step->arena, (size_t)PQntuples(answer->result) * sizeof *drop->names);
    for (int row = 0; row < PQntuples(answer->result); row++)
        if (drop_is_ours(step, answer, row))
            drop->names[drop->count++] =
                arena_copy(step->arena, PQgetvalue(answer->result, row, 0));
    drop_next(conversation, NULL);
}

static void drop_work_opened(struct conversation *conversation, const struct session_answer *answer)
{
    const struct drop *drop = conversation_context(conversation);
    const struct run *run = conversation_step(conversation)->run;
    const char *parameters[] = {
        run->environment->work.name, drop->source_server,
        run->mode == MODE_TEST ? value_get_string(run->environment->publish, "replaced") : NULL};
    (void)answer;
    conversation_ask(conversation, find_databases, 3, parameters, drop_found);
}

static void drop_source_known(struct conversation *conversation,
                              const struct session_answer *answer)
{
    struct step_run *step = conversation_step(conversation);
    struct drop *drop = conversation_context(conversation);
    drop->source_server = arena_copy(step->arena, PQgetvalue(answer->result, 0, 0));
    conversation_move(conversation, &step->run->environment->work, "postgres", drop_work_opened);
}

static void drop_source_opened(struct conversation *conversation,
                               const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, "SELECT " SERVER_IDENTITY, drop_source_known);
}

static void drop_open(struct step_run *step, bool only_looks)
{
    struct drop *drop = arena_allocate(step->arena, sizeof *drop);
    drop->only_looks = only_looks;
    conversation_open(step, &step->run->environment->source, "postgres", drop, drop_source_opened);
}

static void drop_preflight(struct step_run *step)
{
    drop_open(step, true);
}

static void drop_start(struct step_run *step)
{
    work_disconnect(step->run->work);
    drop_open(step, false);
}

const struct step_kind kind_database_drop = {
    .name = "database.drop",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .preflight = drop_preflight,
    .start = drop_start,
    .cancel = conversation_cancel,
};
