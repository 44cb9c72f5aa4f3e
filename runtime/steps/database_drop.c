/* `database.drop`: removes the working database of an earlier attempt, if drehbuch made it. */
#include <string.h>

#include "runtime/postgres/conversation.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/work.h"
#include "runtime/steps/kinds.h"

static const char find_databases[] =
    "SELECT d.datname, shobj_description(d.oid, 'pg_database') FROM pg_database d "
    "WHERE d.datname IN ($1, $2) ORDER BY d.datname";

/* The databases of the answer, or NULL with why one of them must stay. The unfinished copy has its
 * name from us, and has its comment only once it is whole; a comment of others is respected all the
 * same. */
static const struct error *drop_find_foreign(struct step_run *step,
                                             const struct session_answer *answer)
{
    const char *work = step->run->environment->work.name;
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *name = PQgetvalue(answer->result, row, 0);
        bool commented = !PQgetisnull(answer->result, row, 1);
        const char *comment = commented ? PQgetvalue(answer->result, row, 1) : NULL;
        if (marker_is_ours(comment) || (!commented && strcmp(name, work) != 0))
            continue;
        return error_create(
            step->arena, OUTCOME_REFUSED,
            "give the environment's `work` another name, or remove that database yourself",
            "the working database \"%s\" exists and was not made by drehbuch",
            arena_copy(step->arena, name));
    }
    return NULL;
}

static void drop_ask(struct conversation *conversation, conversation_next *next)
{
    struct step_run *step = conversation_step(conversation);
    const char *work = step->run->environment->work.name;
    const char *names[] = {work, marker_partial_name(step->arena, work)};
    conversation_ask(conversation, find_databases, 2, names, next);
}

static void drop_checked(struct conversation *conversation, const struct session_answer *answer)
{
    conversation_end(conversation, drop_find_foreign(conversation_step(conversation), answer),
                     NULL);
}

static void drop_preflight_opened(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    (void)answer;
    drop_ask(conversation, drop_checked);
}

static void drop_preflight(struct step_run *step)
{
    conversation_open(step, &step->run->environment->work, "postgres", NULL, drop_preflight_opened);
}

/* Databases still to be dropped. */
struct drop {
    const char *names[2];
    int count;
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
    conversation_execute(conversation,
                         arena_format(step->arena, "DROP DATABASE IF EXISTS %s WITH (FORCE)",
                                      conversation_quote_identifier(conversation, name)),
                         drop_next);
}

static void drop_found(struct conversation *conversation, const struct session_answer *answer)
{
    struct step_run *step = conversation_step(conversation);
    struct drop *drop = conversation_context(conversation);
    const struct error *error = drop_find_foreign(step, answer);
    if (error) {
        conversation_end(conversation, error, NULL);
        return;
    }
    for (int row = 0; row < PQntuples(answer->result); row++)
        drop->names[drop->count++] = arena_copy(step->arena, PQgetvalue(answer->result, row, 0));
    drop_next(conversation, NULL);
}

static void drop_opened(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    drop_ask(conversation, drop_found);
}

static void drop_start(struct step_run *step)
{
    work_disconnect(step->run->work);
    conversation_open(step, &step->run->environment->work, "postgres",
                      arena_allocate(step->arena, sizeof(struct drop)), drop_opened);
}

const struct step_kind kind_database_drop = {
    .name = "database.drop",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .preflight = drop_preflight,
    .start = drop_start,
    .cancel = conversation_cancel,
};
