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

const struct error *perform_run(struct invocation *invocation, const char *compiled,
                                const char *environment, struct executor_options *options)
{
    struct diagnostics *diagnostics = arena_allocate(invocation->arena, sizeof *diagnostics);
    *diagnostics = diagnostics_create(invocation->arena);
    options->diagnostics = diagnostics;
    uv_loop_t loop;
    int code = uv_loop_init(&loop);
    if (code != 0)
        return error_create(invocation->arena, OUTCOME_FAILED, NULL,
                            "cannot make an event loop: %s", uv_strerror(code));
    const struct error *error = perform_on_loop(invocation, &loop, compiled, environment, options);
    uv_loop_close(&loop);
    if (diagnostics->count > 0 && invocation->json && diagnostics->error_count > 0)
        diagnose_print_json(diagnostics);
    else if (diagnostics->count > 0)
        diagnose_print_text(diagnostics, stderr, &invocation->errors);
    return error;
}
