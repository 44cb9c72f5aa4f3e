#include "cli/perform.h"

#include <stdio.h>

#include "cli/diagnose.h"
#include "runtime/report/watch.h"

static const struct error *perform_on_loop(struct invocation *invocation, uv_loop_t *loop,
                                           const char *compiled, const char *environment,
                                           struct executor_options *options)
{
    struct arena *arena = invocation->arena;
    const char *folder = environment ? NULL : compiled;
    struct watch *watch = watch_create(arena, loop, invocation->output, invocation->json,
                                       environment ? compiled : NULL, options);
    const struct error *error =
        environment ? executor_run(arena, loop, compiled, environment, options, &folder)
                    : executor_resume(arena, loop, compiled, options);
    bool told = watch_end(watch, folder);
    invocation->outcome = error ? error->outcome : OUTCOME_DONE;
    if (!told && !error && !invocation->json)
        printf("%s has ended well before: nothing is left to do\n", folder);
    return told ? NULL : error;
}

static const struct error *perform_rollback_on_loop(struct invocation *invocation, uv_loop_t *loop,
                                                    const char *folder, const char *environment,
                                                    struct executor_options *options)
{
    (void)environment;
    bool nothing = false;
    struct watch *watch =
        watch_create(invocation->arena, loop, invocation->output, invocation->json, NULL, options);
    const struct error *error =
        executor_rollback(invocation->arena, loop, folder, options, &nothing);
    watch_end(watch, NULL);
    if (error || invocation->json)
        return error;
    if (nothing)
        printf("%s: there is nothing to take back\n", folder);
    else
        printf("%s is given up: names and service are as they were before it\n", folder);
    return NULL;
}

/* What `run`, `resume` and `rollback` do on an event loop. */
typedef const struct error *performance(struct invocation *invocation, uv_loop_t *loop,
                                        const char *compiled, const char *environment,
                                        struct executor_options *options);

static const struct error *perform(struct invocation *invocation, performance *how,
                                   const char *compiled, const char *environment,
                                   struct executor_options *options)
{
    struct diagnostics *diagnostics = arena_allocate(invocation->arena, sizeof *diagnostics);
    uv_loop_t *loop = arena_allocate(invocation->arena, sizeof *loop);
    *diagnostics = diagnostics_create(invocation->arena);
    options->diagnostics = diagnostics;
    const struct error *error = invocation_open_loop(invocation, loop);
    if (error)
        return error;
    error = how(invocation, loop, compiled, environment, options);
    uv_loop_close(loop);
    diagnose_tell(invocation, diagnostics);
    return error;
}

const struct error *perform_run(struct invocation *invocation, const char *compiled,
                                const char *environment, struct executor_options *options)
{
    return perform(invocation, perform_on_loop, compiled, environment, options);
}

const struct error *perform_rollback(struct invocation *invocation, const char *folder,
                                     struct executor_options *options)
{
    return perform(invocation, perform_rollback_on_loop, folder, NULL, options);
}
