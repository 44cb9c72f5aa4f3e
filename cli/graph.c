#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/diagnose.h"
#include "compiler/compile.h"
#include "compiler/compiled.h"
#include "compiler/graph_picture.h"
#include "runtime/graphviz.h"

static bool graph_has_ending(const char *path, const char *ending)
{
    size_t length = strlen(path);
    size_t tail = strlen(ending);
    return length >= tail && strcmp(path + length - tail, ending) == 0;
}

/* "dot", "mermaid" or "svg": as asked for, else by the ending of the file to write. */
static const struct error *graph_choose_format(const struct invocation *invocation,
                                               const char *path, const char **format)
{
    static const struct {
        const char *ending;
        const char *format;
    } endings[] = {
        {".dot", "dot"},         {".gv", "dot"},  {".mmd", "mermaid"},
        {".mermaid", "mermaid"}, {".svg", "svg"},
    };
    *format = invocation_value(invocation, "format");
    if (!*format && !path)
        *format = "dot";
    for (size_t i = 0; !*format && i < sizeof endings / sizeof endings[0]; i++)
        if (graph_has_ending(path, endings[i].ending))
            *format = endings[i].format;
    if (*format)
        return NULL;
    return error_create(invocation->arena, OUTCOME_USAGE,
                        "give --format, or a name that ends with .dot, .mmd or .svg; Graphviz "
                        "draws other pictures from DOT: `dot -Tpng`",
                        "the format of %s cannot be told from its name", path);
}

/* Compiles the plan in memory. *plan is NULL where something is wrong with it, which then has been
 * said. */
static const struct error *graph_compile(struct invocation *invocation, const char *path,
                                         struct compiled_plan **plan)
{
    struct arena *arena = invocation->arena;
    struct diagnostics diagnostics = diagnostics_create(arena);
    struct compilation *compilation;
    const struct error *error =
        compile_file(arena, path, invocation_value(invocation, "root"), &diagnostics, &compilation);
    if (error)
        return error;
    diagnose_print_text(&diagnostics, stderr, &invocation->errors);
    if (!compilation) {
        fprintf(stderr, "%s; nothing was drawn\n", diagnose_count(arena, &diagnostics));
        invocation->outcome = OUTCOME_INVALID;
        return NULL;
    }
    struct buffer text = {0};
    json_write(&text, compile_document(compilation), JSON_INDENTED);
    error = compiled_parse(arena, (struct text){buffer_string(&text), text.length}, path, plan);
    buffer_release(&text);
    return error;
}

static const struct error *graph_draw(const struct invocation *invocation,
                                      const struct compiled_plan *plan, const char *format,
                                      struct buffer *picture)
{
    if (strcmp(format, "mermaid") == 0) {
        graph_picture_write_mermaid(picture, plan);
        return NULL;
    }
    if (strcmp(format, "dot") == 0) {
        graph_picture_write_dot(picture, plan);
        return NULL;
    }
    struct buffer dot = {0};
    graph_picture_write_dot(&dot, plan);
    const struct error *error = graphviz_draw_svg(invocation->arena, buffer_string(&dot), picture);
    buffer_release(&dot);
    return error;
}

static const struct error *graph_write(const struct invocation *invocation,
                                       const struct compiled_plan *plan, const char *path,
                                       const char *format)
{
    struct buffer picture = {0};
    const struct error *error = graph_draw(invocation, plan, format, &picture);
    if (!error && !path) {
        print_buffer(&picture);
        return NULL;
    }
    if (!error)
        error =
            file_replace(invocation->arena, path, buffer_string(&picture), picture.length, 0644);
    buffer_release(&picture);
    return error;
}

static const struct error *graph_run(struct invocation *invocation)
{
    const char *path = invocation_value(invocation, "output");
    if (path && strcmp(path, "-") == 0)
        path = NULL;
    const char *format;
    const struct error *error = graph_choose_format(invocation, path, &format);
    if (error)
        return error;
    const char *source = invocation_operand(invocation, 0);
    struct compiled_plan *plan = NULL;
    error = graph_has_ending(source, ".json") ? compiled_load(invocation->arena, source, &plan)
                                              : graph_compile(invocation, source, &plan);
    if (error || !plan)
        return error;
    return graph_write(invocation, plan, path, format);
}

static const struct option graph_options[] = {
    {.name = "format",
     .argument = "dot|mermaid|svg",
     .help = "what to write; default: by the ending of the file to write, else dot. An SVG is "
             "drawn by Graphviz, which must be installed"},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .help = "where to write; default, and `-`: standard output"},
    {.name = "root",
     .argument = "FOLDER",
     .help = "the folder that no file of the plan may lie outside of; default: the one that holds "
             "the folder `plans` above the plan, else the plan's own"},
    {.name = NULL},
};

const struct command command_graph = {
    .name = "graph",
    .operands = "PLAN|COMPILED",
    .minimum = 1,
    .maximum = 1,
    .summary = "draw the steps and what each of them waits for",
    .description =
        "Draws the graph of a plan, or of a compiled plan where the name ends with .json: a frame "
        "for each phase, in it the steps, and arrows from each step to those that wait for it. "
        "Steps that are only for one mode have a dashed line.",
    .example = "drehbuch graph plans/acme/plan.yaml -o acme.svg",
    .options = graph_options,
    .run = graph_run,
};
