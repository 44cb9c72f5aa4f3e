#include "runtime/lock.h"

#include <string.h>

struct lock {
    struct run *run;
    struct session *session;
    void (*taken)(void *context, const struct error *error);
    void (*lost)(void *context);
    void *context;
};

static void lock_fail(struct lock *lock, const struct error *error)
{
    lock->taken(lock->context, error);
}

static void lock_name_holder(void *context, const struct session_answer *answer)
{
    struct lock *lock = context;
    struct arena *arena = lock->run->arena;
    const char *work = lock->run->environment->work.name;
    if (answer->error || PQntuples(answer->result) == 0) {
        lock_fail(lock, error_create(arena, OUTCOME_REFUSED, "try again in a moment",
                                     "another executor works on the database \"%s\"", work));
        return;
    }
    const char *name = PQgetvalue(answer->result, 0, 0);
    lock_fail(lock,
              error_create(
                  arena, OUTCOME_REFUSED, "wait for it, or end it; nothing was changed by this one",
                  "the database \"%s\" is locked by %s (server process %s, since %s, from %s)",
                  work, arena_copy(arena, name), PQgetvalue(answer->result, 0, 1),
                  PQgetvalue(answer->result, 0, 2), PQgetvalue(answer->result, 0, 3)));
}

static void lock_answered(void *context, const struct session_answer *answer)
{
    struct lock *lock = context;
    if (answer->error) {
        lock_fail(lock, error_wrap(lock->run->arena, answer->error, "cannot take the lock"));
    } else if (strcmp(PQgetvalue(answer->result, 0, 0), "t") == 0) {
        session_on_loss(lock->session, lock->lost, lock->context);
        lock->taken(lock->context, NULL);
    } else {
        const char *work = lock->run->environment->work.name;
        session_query(lock->session,
                      "SELECT a.application_name, a.pid, to_char(a.backend_start, 'YYYY-MM-DD "
                      "HH24:MI:SS TZ'), "
                      "coalesce(host(a.client_addr), 'this host') "
                      "FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                      "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
                      "AND (l.classid::bigint << 32 | l.objid::bigint) = "
                      "hashtextextended('drehbuch:' || $1, 0)",
                      1, &work, lock_name_holder, lock);
    }
}

static void lock_opened(void *context, const struct error *error)
{
    struct lock *lock = context;
    const char *work = lock->run->environment->work.name;
    if (error)
        lock_fail(lock, error_wrap(lock->run->arena, error, "the working database's server"));
    else
        session_query(lock->session,
                      "SELECT pg_try_advisory_lock(hashtextextended('drehbuch:' || $1, 0))", 1,
                      &work, lock_answered, lock);
}

struct lock *lock_take(struct run *run, void (*taken)(void *context, const struct error *error),
                       void (*lost)(void *context), void *context)
{
    struct lock *lock = arena_allocate(run->arena, sizeof *lock);
    *lock = (struct lock){.run = run, .taken = taken, .lost = lost, .context = context};
    lock->session = session_open(run->loop, run_target(run, &run->environment->work, "postgres"),
                                 lock_opened, lock);
    return lock;
}

void lock_release(struct lock *lock)
{
    if (lock)
        session_close(lock->session);
}
