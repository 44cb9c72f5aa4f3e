#include "cli/looking.h"

#include <stdio.h>

#include "base/notation.h"
#include "cli/diagnose.h"

static const struct error *looking_load(const struct invocation *invocation,
                                        struct environment **environment,
                                        struct successors *successors)
{
    struct arena *arena = invocation->arena;
    const char *to = invocation_value(invocation, "to");
    const char *file = invocation_value(invocation, "successors");
    int version;
    if (to && !notation_read_version(to, &version))
        return error_create(arena, OUTCOME_USAGE, "name one of 14.0 to 19.0",
                            "--to: \"%s\" is no version of Odoo that drehbuch knows", to);
    struct diagnostics diagnostics = diagnostics_create(arena);
    const struct error *error = diagnose_load_environment(invocation, NULL, environment);
    if (!error && file)
        error = successors_add_file(successors, file, &diagnostics);
    diagnose_tell(invocation, &diagnostics);
    return error;
}

const struct error *looking_inspect(struct invocation *invocation, bool exact,
                                    struct inspection *inspection)
{
    struct arena *arena = invocation->arena;
    struct environment *environment = NULL;
    struct successors *successors = successors_create(arena);
    uv_loop_t loop;
    const struct error *error = looking_load(invocation, &environment, successors);
    if (error)
        return error;
    error = invocation_open_loop(invocation, &loop);
    if (error)
        return error;
    error = inspection_make(
        arena, &loop, environment,
        (struct inspection_options){
            .target = invocation_value(invocation, "to"), .exact = exact, .successors = successors},
        inspection);
    uv_loop_close(&loop);
    if (error && environment && environment->source_dump)
        error = error_create(arena, error->outcome,
                             "the source is a dump: a rehearsal restores it, and so does `drehbuch "
                             "restore`; then look again",
                             "%s", error->message);
    return error;
}
