#include "runtime/steps/database_names.h"

#include <string.h>

#include "runtime/postgres/marker.h"

struct database_names database_names_of(const struct environment *environment)
{
    return (struct database_names){
        .work = environment->work.name,
        .published = value_get_string(environment->publish, "database"),
        .replaced = value_get_string(environment->publish, "replaced"),
    };
}

void database_names_ask(struct conversation *conversation, const struct database_names *names,
                        conversation_next *next)
{
    const char *parameters[] = {names->work, names->published, names->replaced};
    conversation_ask(conversation,
                     "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), ''), "
                     "datallowconn, pg_has_role(datdba, 'USAGE'), " SERVER_IDENTITY
                     " FROM pg_database WHERE datname IN ($1, $2, $3)",
                     3, parameters, next);
}

void database_names_take(struct database_names *names, struct step_run *step,
                         const struct session_answer *answer)
{
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *name = PQgetvalue(answer->result, row, 0);
        const char *comment = PQgetvalue(answer->result, row, 1);
        const char *maker = marker_run(step->arena, comment);
        bool work = strcmp(name, names->work) == 0;
        bool published = strcmp(name, names->published) == 0;
        names->has_work |= work;
        names->has_published |= published;
        if (strcmp(name, names->replaced) == 0) {
            names->has_replaced = true;
            names->replaced_is_closed = strcmp(PQgetvalue(answer->result, row, 2), "f") == 0;
        }
        if (maker && strcmp(maker, step->run->id) == 0 && (work || published)) {
            names->comment = arena_copy(step->arena, comment);
            names->is_published = published;
        }
    }
}

static const struct error *object_to_replaced(const struct database_names *names,
                                              struct step_run *step)
{
    return error_create(
        step->arena, OUTCOME_FAILED,
        "give the environment's `replaced` another name, or remove that database yourself",
        "the name \"%s\" for the database that is replaced is taken", names->replaced);
}

const struct error *database_names_object(const struct database_names *names, struct step_run *step)
{
    if (!names->comment)
        return error_create(step->arena, OUTCOME_FAILED, "begin a new run",
                            "the working database \"%s\" is gone, or another run's", names->work);
    return names->has_published && names->has_replaced ? object_to_replaced(names, step) : NULL;
}

const struct error *database_names_object_to_undo(const struct database_names *names,
                                                  struct step_run *step)
{
    if (!names->comment)
        return error_create(step->arena, OUTCOME_REFUSED,
                            "if another run has published since, take back that one first",
                            "neither \"%s\" nor \"%s\" is the database that this run has made",
                            names->published, names->work);
    if (!names->is_published)
        return NULL;
    const char *kept = marker_published(step->arena, names->comment);
    if (kept && kept[0] && !names->has_replaced)
        return error_create(step->arena, OUTCOME_FAILED, "give it back that name",
                            "the database \"%s\" that was replaced is gone", kept);
    if (names->has_work)
        return error_create(step->arena, OUTCOME_FAILED, "give that one another name",
                            "there is a new database \"%s\", whose name is needed", names->work);
    return NULL;
}

/* ---- preflight ---- */

struct names_preflight {
    struct database_names names;
    const char *source_server; /* identifies the running server */
};

/* A database of the published name: may it be replaced? */
static const struct error *object_to_published(struct step_run *step,
                                               const struct session_answer *answer, int row,
                                               const char *source_server)
{
    const struct run *run = step->run;
    const char *name = arena_copy(step->arena, PQgetvalue(answer->result, row, 0));
    bool same_server = strcmp(PQgetvalue(answer->result, row, 4), source_server) == 0;
    if (run->mode == MODE_TEST && same_server && strcmp(name, run->environment->source.name) == 0)
        return error_create(step->arena, OUTCOME_INVALID,
                            "give the result of a rehearsal another name",
                            "a rehearsal would take the place of the source \"%s\"", name);
    if (strcmp(PQgetvalue(answer->result, row, 3), "t") != 0)
        return error_create(step->arena, OUTCOME_FAILED,
                            "let its owner be a role that this one is a member of",
                            "the role may not rename the database \"%s\": it is another's", name);
    return NULL;
}

/* What an earlier rehearsal has replaced is removed by database.drop. */
static bool is_removed_before(struct step_run *step, const struct session_answer *answer, int row)
{
    const char *comment = PQgetvalue(answer->result, row, 1);
    return step->run->mode == MODE_TEST && marker_run(step->arena, comment) &&
           !marker_is_of_production(step->arena, comment);
}

static void preflight_found(struct conversation *conversation, const struct session_answer *answer)
{
    struct names_preflight *preflight = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    struct database_names *names = &preflight->names;
    const struct error *error = NULL;
    database_names_take(names, step, answer);
    for (int row = 0; row < PQntuples(answer->result) && !error; row++) {
        const char *name = PQgetvalue(answer->result, row, 0);
        if (strcmp(name, names->published) == 0)
            error = object_to_published(step, answer, row, preflight->source_server);
        else if (strcmp(name, names->replaced) == 0 && names->has_published &&
                 !names->is_published && !is_removed_before(step, answer, row))
            error = object_to_replaced(names, step);
    }
    conversation_end(conversation, error, NULL);
}

static void preflight_look(struct conversation *conversation, const struct session_answer *answer)
{
    const struct names_preflight *preflight = conversation_context(conversation);
    (void)answer;
    database_names_ask(conversation, &preflight->names, preflight_found);
}

static void preflight_source_known(struct conversation *conversation,
                                   const struct session_answer *answer)
{
    struct names_preflight *preflight = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    preflight->source_server = arena_copy(step->arena, PQgetvalue(answer->result, 0, 0));
    conversation_move(conversation, &step->run->environment->work, "postgres", preflight_look);
}

static void preflight_opened(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, "SELECT " SERVER_IDENTITY, preflight_source_known);
}

void database_names_preflight(struct step_run *step)
{
    struct names_preflight *preflight = arena_allocate(step->arena, sizeof *preflight);
    preflight->names = database_names_of(step->run->environment);
    const struct database_names *names = &preflight->names;
    if (strcmp(names->work, names->published) != 0 && strcmp(names->work, names->replaced) != 0 &&
        strcmp(names->published, names->replaced) != 0) {
        conversation_open(step, &step->run->environment->source, "postgres", preflight,
                          preflight_opened);
        return;
    }
    step_finish(step,
                error_create(step->arena, OUTCOME_INVALID,
                             "give `work`, `publish.database` and `publish.replaced` a name each",
                             "two of the databases \"%s\", \"%s\" and \"%s\" have the same name",
                             names->work, names->published, names->replaced),
                NULL);
}
