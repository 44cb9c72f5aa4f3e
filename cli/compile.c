#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/diagnose.h"
#include "compiler/compile.h"

/* "plans/acme/plan.yaml" to "plans/acme/plan.compiled.json" */
static const char *compile_default_output(struct arena *arena, const char *plan)
{
    static const char *const suffixes[] = {".yaml", ".yml"};
    size_t length = strlen(plan);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t size = strlen(suffixes[i]);
        if (length > size && strcmp(plan + length - size, suffixes[i]) == 0)
            return arena_format(arena, "%.*s.compiled.json", (int)(length - size), plan);
    }
    return arena_format(arena, "%s.compiled.json", plan);
}

static void compile_tell(const struct invocation *invocation, const char *path,
                         const struct value *document)
{
    struct arena *arena = invocation->arena;
    size_t steps = value_count(value_get(document, "steps"));
    const char *digest = value_get_string(document, "digest");
    if (!invocation->json) {
        printf("%s: %zu steps, digest %s\n", path, steps, digest);
        return;
    }
    struct value *told = value_object(arena);
    value_set(arena, told, "path", value_string(arena, path));
    value_set(arena, told, "steps", value_integer(arena, (int64_t)steps));
    value_set(arena, told, "digest", value_string(arena, digest));
    print_json(told, JSON_COMPACT);
}

static const struct error *compile_write(const struct invocation *invocation,
                                         struct compilation *compilation)
{
    const char *path = invocation_value(invocation, "output");
    if (!path)
        path = compile_default_output(invocation->arena, invocation_operand(invocation, 0));
    const struct value *document = compile_document(compilation);
    if (strcmp(path, "-") == 0) {
        print_json(document, JSON_INDENTED);
        return NULL;
    }
    struct buffer text = {0};
    json_write(&text, document, JSON_INDENTED);
    const struct error *error =
        file_replace(invocation->arena, path, buffer_string(&text), text.length, 0644);
    buffer_release(&text);
    if (!error)
        compile_tell(invocation, path, document);
    return error;
}

static const struct error *compile_run(struct invocation *invocation)
{
    struct diagnostics diagnostics = diagnostics_create(invocation->arena);
    struct compilation *compilation;
    const struct error *error =
        compile_file(invocation->arena, invocation_operand(invocation, 0),
                     invocation_value(invocation, "root"), &diagnostics, &compilation);
    if (error)
        return error;
    if (!invocation->json)
        diagnose_print_text(&diagnostics, stderr, &invocation->errors);
    if (compilation)
        return compile_write(invocation, compilation);
    if (invocation->json)
        diagnose_print_json(&diagnostics);
    else
        fprintf(stderr, "%s; nothing was written\n",
                diagnose_count(invocation->arena, &diagnostics));
    invocation->outcome = OUTCOME_INVALID;
    return NULL;
}

static const struct option compile_options[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .help = "where to write; `-` is standard output; default: the plan's name with "
             ".compiled.json, beside the plan"},
    {.name = "json", .help = "what was written, or what is wrong, as JSON"},
    {.name = "root",
     .argument = "FOLDER",
     .help = "the folder that no file of the plan may lie outside of; default: the one that holds "
             "the folder `plans` above the plan, else the plan's own"},
    {.name = NULL},
};

const struct command command_compile = {
    .name = "compile",
    .operands = "PLAN",
    .minimum = 1,
    .maximum = 1,
    .summary = "make the compiled plan that is rehearsed and performed",
    .description =
        "Writes the compiled plan: the steps in their order, with every file that the plan names "
        "inside, and a digest. The same inputs give the same bytes on every machine.\n\n"
        "Where anything is wrong with the plan, nothing is written and the exit code is 3.",
    .example = "drehbuch compile plans/acme/plan.yaml -o acme.json",
    .options = compile_options,
    .run = compile_run,
};
