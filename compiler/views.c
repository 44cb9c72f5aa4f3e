/* The customer's own views. */
#include <string.h>

#include "base/template.h"
#include "base/view_arch.h"
#include "compiler/compilation.h"

/* What is done with a view, and by which file; false where the schema has said what is wrong. */
struct view_change {
    const char *action;
    const struct value *file; /* NULL for those that need none */
};

static void report_several(struct compilation *compilation, const struct value_member *view,
                           bool none)
{
    struct diagnostic *diagnostic =
        diagnostics_add(compilation->diagnostics, "view-change", view->key_position,
                        none ? "nothing is said to do with the view \"%s\""
                             : "more than one thing is said to do with the view \"%s\"",
                        view->key);
    diagnostic->length = (uint32_t)strlen(view->key);
    diagnostic->help = "say one of install, update, action: disable, enable or remove";
}

static bool view_read(struct compilation *compilation, const struct value_member *view,
                      struct view_change *change)
{
    static const char *const files[] = {"install", "update"};
    *change = (struct view_change){.action = value_as_string(view->value)};
    if (view->value->kind != VALUE_OBJECT)
        return change->action != NULL;
    size_t count = 0;
    const char *action = value_get_string(view->value, "action");
    if (action) {
        change->action = action;
        count++;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const struct value *file = value_get(view->value, files[i]);
        if (!file)
            continue;
        *change = (struct view_change){.action = files[i], .file = file};
        count++;
    }
    if (count != 1)
        report_several(compilation, view, count == 0);
    return count == 1;
}

/* What Odoo would refuse in the midst of a run. */
static void check_arch(struct compilation *compilation, const struct source *source,
                       const char *text)
{
    struct view_fault fault;
    if (view_arch_normalize(compilation->arena, text, &fault))
        return;
    struct position place = {
        .source = source, .line = fault.line > 0 ? fault.line : 1, .column = fault.column};
    diagnostics_add(compilation->diagnostics, "view-xml", place, "this is not XML: %s",
                    fault.message)
        ->help = "correct it; the file of a view is one element, mostly <data>";
}

static struct value *lower_view(struct compilation *compilation, const struct value_member *view)
{
    struct view_change change;
    if (!view_read(compilation, view, &change))
        return NULL;
    struct value *lowered = value_object(compilation->arena);
    lower_set(compilation, lowered, "action", change.action);
    if (!change.file)
        return lowered;
    const struct included *file =
        value_as_string(change.file) ? lower_include(compilation, change.file) : NULL;
    if (!file)
        return NULL;
    const struct passage arch = passage_of_file(file->source);
    check_arch(compilation, file->source, arch.text);
    lower_set(compilation, lowered, "arch", template_escape(compilation->arena, arch.text));
    return lowered;
}

static bool view_is_for(const struct value *view, const char *only)
{
    const char *own = lower_only(view);
    return own && only ? strcmp(own, only) == 0 : !own && !only;
}

static void lower_views_for(struct compilation *compilation, const char *only)
{
    struct arena *arena = compilation->arena;
    const struct value *views = compilation->plan->views;
    struct value *lowered = value_object(arena);
    struct position origin = {0};
    for (size_t i = 0; i < value_count(views); i++) {
        const struct value_member *view = &views->as.object.members[i];
        if (!view_is_for(view->value, only))
            continue;
        struct value *change = lower_view(compilation, view);
        if (change && value_count(lowered) == 0)
            origin = view->key_position;
        if (change)
            value_set(arena, lowered, view->key, change);
    }
    if (value_count(lowered) == 0 || compilation->route.count == 0)
        return;
    size_t section = lower_target_section(compilation);
    struct value *spec = value_object(arena);
    lower_set(compilation, spec, "version", compilation->graph->sections[section].phase);
    value_set(arena, spec, "views", lowered);
    size_t count = value_count(lowered);
    const char *title = count == 1 ? "Apply a view" : arena_format(arena, "Apply %zu views", count);
    struct step step = {.name = only ? arena_format(arena, "views-%s", only) : "views",
                        .kind = "views.apply",
                        .title = only ? arena_format(arena, "%s, in %s", title, only) : title,
                        .only = only,
                        .spec = spec,
                        .origin = origin,
                        .section = section,
                        .slot = SLOT_VIEWS};
    graph_add(compilation->graph, step);
}

void lower_views(struct compilation *compilation)
{
    lower_views_for(compilation, NULL);
    lower_views_for(compilation, "test");
    lower_views_for(compilation, "production");
}
