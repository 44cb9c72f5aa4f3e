#include "runtime/outside.h"

#include <string.h>

#include "base/json.h"

struct run *run_outside(struct arena *arena, uv_loop_t *loop, const struct environment *environment,
                        const char *name)
{
    struct run *run = arena_allocate(arena, sizeof *run);
    *run = (struct run){.arena = arena,
                        .loop = loop,
                        .environment = environment,
                        .id = name,
                        .mode = environment->mode,
                        .application_name = name};
    return run;
}

/* ---- one question after the other ---- */

struct outside_question {
    struct run *run;
    bool answered;
    const struct error *error;
    struct value *value;
};

static const struct error *outside_wait(struct outside_question *question)
{
    while (!question->answered)
        uv_run(question->run->loop, UV_RUN_ONCE);
    return question->error;
}

/* Errors of sessions end with them. */
static void outside_note_error(struct outside_question *question, const struct error *error)
{
    question->answered = true;
    if (error)
        question->error =
            error_create(question->run->arena, error->outcome,
                         error->help ? arena_copy(question->run->arena, error->help) : NULL, "%s",
                         error->message);
}

static void outside_opened(void *context, const struct error *error)
{
    outside_note_error(context, error);
}

const struct error *outside_open(struct run *run, struct session_target target,
                                 struct session **session)
{
    struct outside_question question = {.run = run};
    *session = session_open(run->loop, target, outside_opened, &question);
    return outside_wait(&question);
}

static void outside_answered(void *context, const struct session_answer *answer)
{
    struct outside_question *question = context;
    struct arena *arena = question->run->arena;
    outside_note_error(question, answer->error);
    if (answer->error || !answer->result || PQntuples(answer->result) == 0 ||
        PQnfields(answer->result) == 0 || PQgetisnull(answer->result, 0, 0))
        return;
    const char *copy = arena_copy(arena, PQgetvalue(answer->result, 0, 0));
    struct text text = {.bytes = copy, .length = strlen(copy)};
    question->error = json_read(arena, text, "the server's answer", &question->value);
}

const struct error *outside_ask(struct run *run, struct session *session, const char *sql,
                                struct value **answer)
{
    struct outside_question question = {.run = run};
    session_execute(session, sql, outside_answered, &question);
    const struct error *error = outside_wait(&question);
    *answer = question.value;
    return error;
}

void outside_close(struct run *run, struct session *session)
{
    if (!session)
        return;
    session_close(session);
    uv_run(run->loop, UV_RUN_DEFAULT);
}
