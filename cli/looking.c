#include "cli/looking.h"

#include <stdio.h>

#include "base/notation.h"
#include "cli/diagnose.h"

static void looking_tell(struct invocation *invocation, struct diagnostics *diagnostics)
{
    if (diagnostics->count > 0 && invocation->json && diagnostics->error_count > 0)
        diagnose_print_json(diagnostics);
    else if (diagnostics->count > 0)
        diagnose_print_text(diagnostics, stderr, &invocation->errors);
}

static const struct error *looking_load(struct invocation *invocation,
                                        struct environment **environment,
                                        struct successors *successors)
{
    struct arena *arena = invocation->arena;
    const char *path = invocation_value(invocation, "environment");
    const char *to = invocation_value(invocation, "to");
    const char *file = invocation_value(invocation, "successors");
    int version;
    if (!path)
        return error_create(arena, OUTCOME_USAGE, "name the environment file with --environment",
                            "%s needs an environment", invocation->command->name);
    if (to && !notation_read_version(to, &version))
        return error_create(arena, OUTCOME_USAGE, "name one of 14.0 to 19.0",
                            "--to: \"%s\" is no version of Odoo that drehbuch knows", to);
    struct diagnostics diagnostics = diagnostics_create(arena);
    const struct error *error = environment_load(arena, path, NULL, &diagnostics, environment);
    if (!error && file)
        error = successors_add_file(successors, file, &diagnostics);
    looking_tell(invocation, &diagnostics);
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
    int code = uv_loop_init(&loop);
    if (code != 0)
        return error_create(arena, OUTCOME_FAILED, NULL, "cannot make an event loop: %s",
                            uv_strerror(code));
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
