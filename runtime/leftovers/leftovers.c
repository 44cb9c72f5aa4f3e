#include "runtime/leftovers/leftovers.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "runtime/filestore/folder.h"
#include "runtime/lock.h"
#include "runtime/outside.h"
#include "runtime/postgres/session.h"

void leftovers_add(struct arena *arena, struct leftovers *found, struct leftover leftover)
{
    found->items = arena_extend(arena, found->items, found->count, sizeof *found->items);
    found->items[found->count++] = leftover;
}

static int compare_leftovers(const void *left, const void *right)
{
    const struct leftover *first = left, *second = right;
    if (first->kind != second->kind)
        return first->kind < second->kind ? -1 : 1;
    int order = strcmp(first->at ? first->at : "", second->at ? second->at : "");
    return order ? order : strcmp(first->name, second->name);
}

const struct error *leftovers_find(struct arena *arena, uv_loop_t *loop,
                                   const struct environment *environment, struct leftovers *found)
{
    *found = (struct leftovers){0};
    const struct error *error = leftovers_find_databases(arena, loop, environment, found);
    if (!error)
        error = leftovers_find_folders(arena, environment, found);
    if (!error)
        error = leftovers_find_runs(arena, environment, found);
    for (size_t i = 0; !error && i < found->count; i++) {
        struct leftover *leftover = &found->items[i];
        if (!leftover->kept && leftover->run && leftover->kind != LEFTOVER_RUN &&
            leftovers_are_needed(arena, environment, leftover->run))
            leftover->kept = "its run can be resumed";
    }
    if (!error && found->count > 1)
        qsort(found->items, found->count, sizeof *found->items, compare_leftovers);
    return error;
}

/* ---- removing ---- */

struct cleaning {
    struct arena *arena;
    struct run *run;
    const struct leftovers *leftovers;
    size_t next;
    struct lock *lock;
    struct session *session;
    void (*removed)(void *context, const struct leftover *gone);
    void *context;
    const struct error *error;
};

static void cleaning_end(struct cleaning *cleaning, const struct error *error)
{
    if (error && !cleaning->error)
        cleaning->error = error_wrap(cleaning->arena, error, "not all could be removed");
    session_close(cleaning->session);
    lock_release(cleaning->lock);
}

static void cleaning_next(struct cleaning *cleaning);

/* Folders while nobody waits for the loop. */
static const struct error *cleaning_remove_folders(struct cleaning *cleaning,
                                                   const struct leftover *leftover)
{
    if (leftover->kind == LEFTOVER_RUN || leftover->remains)
        return file_remove_tree(cleaning->arena, leftover->name);
    if (leftover->kind == LEFTOVER_FOLDER)
        return filestore_remove(cleaning->arena, leftover->name);
    return leftover->filestore && file_exists(leftover->filestore)
               ? filestore_remove(cleaning->arena, leftover->filestore)
               : NULL;
}

static void cleaning_removed(struct cleaning *cleaning)
{
    const struct leftover *leftover = &cleaning->leftovers->items[cleaning->next];
    const struct error *error = cleaning_remove_folders(cleaning, leftover);
    if (error) {
        cleaning_end(cleaning, error);
        return;
    }
    cleaning->removed(cleaning->context, leftover);
    cleaning->next++;
    cleaning_next(cleaning);
}

static void cleaning_dropped(void *context, const struct session_answer *answer)
{
    struct cleaning *cleaning = context;
    if (answer->error)
        cleaning_end(cleaning, answer->error);
    else
        cleaning_removed(cleaning);
}

static void cleaning_emptied(void *context, const struct session_answer *answer)
{
    struct cleaning *cleaning = context;
    const struct leftover *leftover = &cleaning->leftovers->items[cleaning->next];
    if (answer->error) {
        cleaning_end(cleaning, answer->error);
        return;
    }
    session_execute(
        cleaning->session,
        arena_format(cleaning->arena, "DROP DATABASE IF EXISTS %s",
                     session_quote_identifier(cleaning->session, cleaning->arena, leftover->name)),
        cleaning_dropped, cleaning);
}

/* The run holds its lock, so whoever is still connected is a person who looks. */
static void cleaning_next(struct cleaning *cleaning)
{
    const struct leftovers *leftovers = cleaning->leftovers;
    while (cleaning->next < leftovers->count && leftovers->items[cleaning->next].kept)
        cleaning->next++;
    if (cleaning->next == leftovers->count || cleaning->error) {
        cleaning_end(cleaning, NULL);
        return;
    }
    const struct leftover *leftover = &leftovers->items[cleaning->next];
    if (leftover->kind == LEFTOVER_DATABASE || leftover->kind == LEFTOVER_CHECKPOINT)
        session_query(cleaning->session,
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 "
                      "AND backend_type = 'client backend'",
                      1, &leftover->name, cleaning_emptied, cleaning);
    else
        cleaning_removed(cleaning);
}

static void cleaning_opened(void *context, const struct error *error)
{
    struct cleaning *cleaning = context;
    if (error)
        cleaning_end(cleaning, error);
    else
        cleaning_next(cleaning);
}

static void cleaning_locked(void *context, const struct error *error)
{
    struct cleaning *cleaning = context;
    struct run *run = cleaning->run;
    if (error) {
        cleaning->error = error;
        cleaning_end(cleaning, NULL);
        return;
    }
    cleaning->session = session_open(
        run->loop, run_target(run, &run->environment->work, "postgres"), cleaning_opened, cleaning);
}

static void cleaning_lost(void *context)
{
    struct cleaning *cleaning = context;
    if (!cleaning->error)
        cleaning->error = error_create(cleaning->arena, OUTCOME_FAILED, "call it again",
                                       "the connection that holds the lock was lost");
}

const struct error *leftovers_remove(struct arena *arena, uv_loop_t *loop,
                                     const struct environment *environment,
                                     const struct leftovers *leftovers,
                                     void (*removed)(void *context, const struct leftover *gone),
                                     void *context)
{
    struct cleaning cleaning = {.arena = arena,
                                .run = run_outside(arena, loop, environment, "drehbuch clean"),
                                .leftovers = leftovers,
                                .removed = removed,
                                .context = context};
    cleaning.lock = lock_take(cleaning.run, cleaning_locked, cleaning_lost, &cleaning);
    uv_run(loop, UV_RUN_DEFAULT);
    return cleaning.error;
}
