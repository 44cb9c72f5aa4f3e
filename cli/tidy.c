#include "cli/tidy.h"

#include <stdio.h>

#include "cli/diagnose.h"

const struct error *tidy_open(struct invocation *invocation, struct tidy *tidy)
{
    const struct error *error = diagnose_load_environment(invocation, NULL, &tidy->environment);
    if (error)
        return error;
    error = invocation_open_loop(invocation, &tidy->loop);
    if (error)
        return error;
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
