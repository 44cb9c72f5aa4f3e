#include "runtime/postgres/strangers.h"

#include <string.h>

#include "runtime/postgres/session.h"

#define STRANGER_PATIENCE 300 /* tenths of a second */

struct expulsion {
    struct run *run;
    struct arena *arena;
    struct session *session;
    int patience;
    void (*ended)(void *context, const struct error *error);
    void *context;
};

static void expulsion_end(struct expulsion *expulsion, const struct error *error)
{
    if (error)
        error = error_wrap(expulsion->run->arena, error,
                           "cannot end what may still work on the working database");
    session_close(expulsion->session);
    expulsion->ended(expulsion->context, error);
    arena_destroy(expulsion->arena);
}

static void expulsion_ask(struct expulsion *expulsion);

static void expulsion_answered(void *context, const struct session_answer *answer)
{
    struct expulsion *expulsion = context;
    if (answer->error)
        expulsion_end(expulsion, answer->error);
    else if (strcmp(PQgetvalue(answer->result, 0, 0), "0") == 0)
        expulsion_end(expulsion, NULL);
    else if (expulsion->patience-- > 0)
        expulsion_ask(expulsion);
    else
        expulsion_end(expulsion, error_create(expulsion->arena, OUTCOME_REFUSED,
                                              "see in pg_stat_activity what they do",
                                              "sessions that were told to end do not"));
}

static void expulsion_ask(struct expulsion *expulsion)
{
    const char *parameters[] = {expulsion->run->environment->work.name,
                                expulsion->run->application_name};
    session_query(expulsion->session,
                  /* without a role: autovacuum, which is in nobody's way and not ours to end */
                  "SELECT count(*), count(pg_terminate_backend(pid)), pg_sleep(CASE count(*) WHEN "
                  "0 THEN 0 ELSE 0.1 END) FROM pg_stat_activity WHERE datname = $1 AND "
                  "usesysid IS NOT NULL AND "
                  "(backend_type = 'client backend' OR backend_type IS NULL) AND application_name "
                  "<> left($2, 63)",
                  2, parameters, expulsion_answered, expulsion);
}

static void expulsion_opened(void *context, const struct error *error)
{
    struct expulsion *expulsion = context;
    if (error)
        expulsion_end(expulsion, error);
    else
        expulsion_ask(expulsion);
}

void strangers_end(struct run *run, void (*ended)(void *context, const struct error *error),
                   void *context)
{
    struct arena *arena = arena_create();
    struct expulsion *expulsion = arena_allocate(arena, sizeof *expulsion);
    *expulsion = (struct expulsion){.run = run,
                                    .arena = arena,
                                    .patience = STRANGER_PATIENCE,
                                    .ended = ended,
                                    .context = context};
    expulsion->session =
        session_open(run->loop, run_target(run, &run->environment->work, "postgres"),
                     expulsion_opened, expulsion);
}
