#include "runtime/outside.h"

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
