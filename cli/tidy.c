#include "cli/tidy.h"

#include <stdio.h>

#include "cli/diagnose.h"

static const struct error *tidy_load(struct invocation *invocation, struct tidy *tidy)
{
    struct arena *arena = invocation->arena;
    const char *path = invocation_value(invocation, "environment");
    struct diagnostics diagnostics = diagnostics_create(arena);
    if (!path)
        return error_create(arena, OUTCOME_USAGE, "name the environment file with --environment",
                            "%s needs an environment", invocation->command->name);
    const struct error *error =
        environment_load(arena, path, NULL, &diagnostics, &tidy->environment);
    if (diagnostics.count > 0 && invocation->json && diagnostics.error_count > 0)
        diagnose_print_json(&diagnostics);
    else if (diagnostics.count > 0)
        diagnose_print_text(&diagnostics, stderr, &invocation->errors);
    return error;
}

const struct error *tidy_open(struct invocation *invocation, struct tidy *tidy)
{
    const struct error *error = tidy_load(invocation, tidy);
    if (error)
        return error;
    int code = uv_loop_init(&tidy->loop);
    if (code != 0)
        return error_create(invocation->arena, OUTCOME_FAILED, NULL,
                            "cannot make an event loop: %s", uv_strerror(code));
    error = leftovers_find(invocation->arena, &tidy->loop, tidy->environment, &tidy->leftovers);
    if (error)
        tidy_close(tidy);
    return error;
}

void tidy_close(struct tidy *tidy)
{
    uv_loop_close(&tidy->loop);
}

static void tidy_tell(void *context, const struct leftover *gone)
{
    const struct invocation *invocation = context;
    if (!invocation->json)
        printf("removed: %s, %s\n", gone->what, gone->name);
}

const struct error *tidy_remove(struct invocation *invocation, struct tidy *tidy)
{
    return leftovers_remove(invocation->arena, &tidy->loop, tidy->environment, &tidy->leftovers,
                            tidy_tell, invocation);
}
