#include "runtime/postgres/dialogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct dialogue {
    struct run *run;
    struct arena *arena;
    struct session *session;
    const bool *stopped;
    bool answered;
    const struct error *error;
    char sqlstate[6];
    PGresult *result;
};

struct wait {
    uv_prepare_t look;
    const bool *done;
};

static void wait_look(uv_prepare_t *handle)
{
    const struct wait *wait = handle->data;
    if (*wait->done)
        uv_stop(handle->loop);
}

static void wait_ended(uv_handle_t *handle)
{
    memory_release(handle->data);
}

/* libuv calls timers before it waits for events: what one of them has answered must not be waited
 * for. */
void dialogue_wait(uv_loop_t *loop, const bool *done)
{
    struct wait *wait = memory_allocate(sizeof *wait);
    wait->done = done;
    wait->look.data = wait;
    uv_prepare_init(loop, &wait->look);
    uv_prepare_start(&wait->look, wait_look);
    while (!*done)
        uv_run(loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&wait->look, wait_ended);
}

/* The session's errors end with it. */
static const struct error *dialogue_keep(struct dialogue *dialogue, const struct error *error)
{
    if (!error)
        return NULL;
    struct arena *arena = dialogue->arena;
    return error_create(arena, error->outcome, error->help ? arena_copy(arena, error->help) : NULL,
                        "%s", error->message);
}

static void dialogue_opened(void *context, const struct error *error)
{
    struct dialogue *dialogue = context;
    dialogue->error = dialogue_keep(dialogue, error);
    dialogue->answered = true;
}

const struct error *dialogue_open(struct run *run, struct arena *arena,
                                  struct session_target target, const bool *stopped,
                                  struct dialogue **dialogue)
{
    struct dialogue *made = arena_allocate(arena, sizeof *made);
    *made = (struct dialogue){.run = run, .arena = arena, .stopped = stopped};
    made->session = session_open(run->loop, target, dialogue_opened, made);
    dialogue_wait(run->loop, &made->answered);
    if (!made->error) {
        *dialogue = made;
        return NULL;
    }
    const struct error *error = made->error;
    dialogue_close(made);
    return error;
}

static void dialogue_take(void *context, const struct session_answer *answer)
{
    struct dialogue *dialogue = context;
    dialogue->error = dialogue_keep(dialogue, answer->error);
    strncpy(dialogue->sqlstate, answer->error ? answer->sqlstate : "",
            sizeof dialogue->sqlstate - 1);
    if (answer->result)
        dialogue->result =
            memory_check(PQcopyResult(answer->result, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES));
    dialogue->answered = true;
}

static const struct error *dialogue_finish(struct dialogue *dialogue, const PGresult **result)
{
    dialogue_wait(dialogue->run->loop, &dialogue->answered);
    if (result)
        *result = dialogue->result;
    if (*dialogue->stopped)
        return error_create(dialogue->arena, OUTCOME_INTERRUPTED, NULL, "it was interrupted");
    return dialogue->error;
}

static void dialogue_begin(struct dialogue *dialogue)
{
    PQclear(dialogue->result);
    dialogue->result = NULL;
    dialogue->answered = false;
}

static const struct error *dialogue_refuse(struct dialogue *dialogue)
{
    return *dialogue->stopped
               ? error_create(dialogue->arena, OUTCOME_INTERRUPTED, NULL, "it was interrupted")
               : NULL;
}

const struct error *dialogue_ask(struct dialogue *dialogue, const char *sql, int parameter_count,
                                 const char *const *parameters, const PGresult **result)
{
    const struct error *error = dialogue_refuse(dialogue);
    if (error)
        return error;
    dialogue_begin(dialogue);
    session_query(dialogue->session, sql, parameter_count, parameters, dialogue_take, dialogue);
    return dialogue_finish(dialogue, result);
}

const struct error *dialogue_execute(struct dialogue *dialogue, const char *sql,
                                     const PGresult **result)
{
    const struct error *error = dialogue_refuse(dialogue);
    if (error)
        return error;
    dialogue_begin(dialogue);
    session_execute(dialogue->session, sql, dialogue_take, dialogue);
    return dialogue_finish(dialogue, result);
}

void dialogue_tidy(struct dialogue *dialogue, const char *sql)
{
    dialogue_begin(dialogue);
    session_execute(dialogue->session, sql, dialogue_take, dialogue);
    (void)dialogue_finish(dialogue, NULL);
}

const char *dialogue_sqlstate(const struct dialogue *dialogue)
{
    return dialogue->sqlstate;
}

struct session *dialogue_session(struct dialogue *dialogue)
{
    return dialogue->session;
}

static void dialogue_look_at_handle(uv_handle_t *handle, void *context)
{
    bool *open = context;
    if (uv_is_closing(handle))
        *open = true;
}

void dialogue_close(struct dialogue *dialogue)
{
    if (!dialogue)
        return;
    session_close(dialogue->session);
    PQclear(dialogue->result);
    dialogue->result = NULL;
    for (bool open = true; open;) {
        open = false;
        uv_walk(dialogue->run->loop, dialogue_look_at_handle, &open);
        if (open)
            uv_run(dialogue->run->loop, UV_RUN_ONCE);
    }
}

const char *dialogue_text(struct arena *arena, const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL
                                            : arena_copy(arena, PQgetvalue(result, row, column));
}
