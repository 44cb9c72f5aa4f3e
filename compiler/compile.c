#include "compiler/compile.h"

#include "compiler/compilation.h"

static void compile_lower(struct compilation *compilation)
{
    struct plan *plan = compilation->plan;
    struct arena *arena = compilation->arena;
    struct diagnostics *diagnostics = compilation->diagnostics;
    compilation->route = route_read(value_get(plan->head, "upgrade"), diagnostics);
    compilation->bindings = bindings_create(arena, plan->bindings, diagnostics);
    compilation->graph = graph_create(arena, compilation->route.versions, compilation->route.count);
    lower_decisions(compilation);
    lower_settings(compilation);
    lower_views(compilation);
    lower_fixes(compilation);
    lower_checks(compilation);
    lower_frame(compilation);
    bindings_warn_unused(compilation->bindings);
    order_graph(compilation);
}

static const struct error *compile_all(struct arena *arena, struct files *files,
                                       const struct included *file, struct diagnostics *diagnostics,
                                       struct compilation **compilation)
{
    size_t errors = diagnostics->error_count;
    struct plan *plan;
    const struct error *error = plan_load(arena, files, file, diagnostics, &plan);
    if (error || !plan)
        return error;
    struct compilation *work = arena_allocate(arena, sizeof *work);
    *work = (struct compilation){
        .arena = arena, .diagnostics = diagnostics, .files = files, .plan = plan, .errors = errors};
    compile_lower(work);
    if (diagnostics->error_count == errors)
        *compilation = work;
    return NULL;
}

const struct error *compile_file(struct arena *arena, const char *path, const char *root,
                                 struct diagnostics *diagnostics, struct compilation **compilation)
{
    const struct included *file;
    struct files *files = files_open(arena, path, root, diagnostics, &file);
    *compilation = NULL;
    return files ? compile_all(arena, files, file, diagnostics, compilation) : NULL;
}

const struct error *compile_source(struct arena *arena, const struct source *source,
                                   struct diagnostics *diagnostics,
                                   struct compilation **compilation)
{
    const struct included *file;
    struct files *files = files_open_text(arena, source, &file);
    *compilation = NULL;
    return compile_all(arena, files, file, diagnostics, compilation);
}

size_t compile_step_count(const struct compilation *compilation)
{
    return compilation->graph->order.count;
}
