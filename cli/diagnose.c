#include "cli/diagnose.h"

void diagnose_print_text(struct diagnostics *diagnostics, FILE *stream,
                         const struct terminal *terminal)
{
    struct buffer text = {0};
    diagnostics_sort(diagnostics);
    diagnostics_write_text(diagnostics, &text, terminal->colours);
    fwrite(buffer_string(&text), 1, text.length, stream);
    buffer_release(&text);
}

void diagnose_print_json(struct diagnostics *diagnostics)
{
    struct buffer text = {0};
    diagnostics_sort(diagnostics);
    diagnostics_write_json(diagnostics, &text);
    print_buffer(&text);
}

void diagnose_print_sarif(struct diagnostics *diagnostics)
{
    struct buffer text = {0};
    diagnostics_sort(diagnostics);
    diagnostics_write_sarif(diagnostics, &text);
    print_buffer(&text);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

const char *diagnose_count(struct arena *arena, const struct diagnostics *diagnostics)
{
    size_t errors = diagnostics->error_count;
    size_t warnings = 0;
    for (size_t i = 0; i < diagnostics->count; i++)
        warnings += diagnostics->items[i].severity == SEVERITY_WARNING;
    if (warnings == 0)
        return arena_format(arena, "%zu error%s", errors, plural(errors));
    return arena_format(arena, "%zu error%s, %zu warning%s", errors, plural(errors), warnings,
                        plural(warnings));
}

void diagnose_tell(const struct invocation *invocation, struct diagnostics *diagnostics)
{
    if (diagnostics->count == 0)
        return;
    if (invocation->json && diagnostics->error_count > 0)
        diagnose_print_json(diagnostics);
    else
        diagnose_print_text(diagnostics, stderr, &invocation->errors);
}

const struct error *diagnose_load_environment(const struct invocation *invocation,
                                              const struct compiled_plan *plan,
                                              struct environment **environment)
{
    const char *path = invocation_value(invocation, "environment");
    if (!path)
        return error_create(invocation->arena, OUTCOME_USAGE,
                            "name the environment file with --environment",
                            "%s needs an environment", invocation->command->name);
    struct diagnostics diagnostics = diagnostics_create(invocation->arena);
    const struct error *error =
        environment_load(invocation->arena, path, plan, &diagnostics, environment);
    diagnose_tell(invocation, &diagnostics);
    return error;
}
