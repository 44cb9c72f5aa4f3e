#include "runtime/postgres/way_back.h"

#include "runtime/postgres/conversation.h"
#include "runtime/postgres/marker.h"
#include "runtime/postgres/work.h"
#include "runtime/run.h"

struct way_back {
    struct conversation *conversation; /* with the server */
    const char *work;
    const char *copy;   /* its name */
    const char *spoilt; /* the name of a half-done working database, until it is dropped */
    way_back_done *done;
    void *context;
};

static void way_back_end(struct conversation *conversation, const struct session_answer *answer)
{
    struct way_back *way_back = conversation_context(conversation);
    (void)answer;
    conversation_leave(conversation);
    way_back->done(way_back->context);
}

static const char *way_back_quote(struct way_back *way_back, const char *name)
{
    return conversation_quote_identifier(way_back->conversation, name);
}

static void way_back_make(struct conversation *conversation, const struct session_answer *answer)
{
    struct way_back *way_back = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    (void)answer;
    step_progress(step, "keeping a copy of the database to begin again from");
    conversation_execute(conversation,
                         arena_format(step->arena, "CREATE DATABASE %s TEMPLATE %s",
                                      way_back_quote(way_back, way_back->copy),
                                      way_back_quote(way_back, way_back->work)),
                         way_back_end);
}

static void way_back_drop_spoilt(struct conversation *conversation,
                                 const struct session_answer *answer)
{
    struct way_back *way_back = conversation_context(conversation);
    (void)answer;
    conversation_drop(conversation, way_back->spoilt, way_back_make);
}

/* In one transaction, so that there is always one whole working database, and it is marked. */
static void way_back_swap(struct conversation *conversation, const struct session_answer *answer)
{
    struct way_back *way_back = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    if (PQntuples(answer->result) == 0) {
        way_back_make(conversation, answer);
        return;
    }
    step_log(step, "an earlier attempt was cut off: beginning again from the copy \"%s\"",
             way_back->copy);
    const char *copy = way_back_quote(way_back, way_back->copy);
    const char *work = way_back_quote(way_back, way_back->work);
    conversation_execute(
        conversation,
        arena_format(step->arena,
                     "COMMENT ON DATABASE %s IS %s; ALTER DATABASE %s RENAME TO %s; "
                     "ALTER DATABASE %s RENAME TO %s",
                     copy, conversation_quote(conversation, PQgetvalue(answer->result, 0, 0)), work,
                     way_back_quote(way_back, way_back->spoilt), copy, work),
        way_back_drop_spoilt);
}

static void way_back_find(struct conversation *conversation, const struct session_answer *answer)
{
    struct way_back *way_back = conversation_context(conversation);
    const char *names[] = {way_back->copy, way_back->work};
    (void)answer;
    conversation_ask(conversation,
                     "SELECT shobj_description(work.oid, 'pg_database') FROM pg_database AS copy, "
                     "pg_database AS work WHERE copy.datname = $1 AND work.datname = $2",
                     2, names, way_back_swap);
}

/* An attempt that was cut off may have left a spoilt database whose name is needed again. */
static void way_back_look(struct conversation *conversation, const struct session_answer *answer)
{
    struct way_back *way_back = conversation_context(conversation);
    (void)answer;
    conversation_drop(conversation, way_back->spoilt, way_back_find);
}

static struct way_back *way_back_open(struct step_run *step, way_back_done *done, void *context,
                                      conversation_next *next)
{
    struct way_back *way_back = arena_allocate(step->arena, sizeof *way_back);
    const struct run *run = step->run;
    void *state = step->state;
    way_back->work = run->environment->work.name;
    way_back->copy = marker_copy_name(step->arena, way_back->work, step);
    way_back->spoilt = marker_partial_name(step->arena, way_back->work, run->id);
    way_back->done = done;
    way_back->context = context;
    work_disconnect(run->work);
    way_back->conversation =
        conversation_open(step, &run->environment->work, "postgres", way_back, next);
    step->state = state; /* the kind's own */
    return way_back;
}

struct way_back *way_back_prepare(struct step_run *step, way_back_done *done, void *context)
{
    return way_back_open(step, done, context, way_back_look);
}

static void way_back_drop(struct conversation *conversation, const struct session_answer *answer)
{
    struct way_back *way_back = conversation_context(conversation);
    (void)answer;
    conversation_drop(conversation, way_back->copy, way_back_end);
}

struct way_back *way_back_remove(struct step_run *step, way_back_done *done, void *context)
{
    return way_back_open(step, done, context, way_back_drop);
}

void way_back_stop(struct way_back *way_back)
{
    conversation_stop(way_back->conversation);
}
