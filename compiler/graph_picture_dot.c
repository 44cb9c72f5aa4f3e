#include <string.h>

#include "compiler/graph_picture_private.h"

/* In a label `\N` and `&amp;` mean something. */
static void dot_write_character(struct buffer *output, const char *bytes, size_t length)
{
    if (*bytes == '&') {
        buffer_append_string(output, "&amp;");
        return;
    }
    if (*bytes == '"' || *bytes == '\\')
        buffer_append_character(output, '\\');
    buffer_append(output, bytes, length);
}

/* A name is taken as it is, but for quotes. */
static void dot_write_name(struct buffer *output, const char *name)
{
    buffer_append_character(output, '"');
    for (; *name; name++) {
        if (*name == '"')
            buffer_append_character(output, '\\');
        buffer_append_character(output, *name);
    }
    buffer_append_character(output, '"');
}

static const struct picture_writer dot_writer = {
    .write_character = dot_write_character,
    .line_break = "\\n",
};

static void dot_write_node(struct buffer *output, const struct compiled_step *step)
{
    const struct picture_family *family = picture_family_of(step->kind);
    buffer_append_string(output, "    ");
    dot_write_name(output, step->id);
    buffer_append_string(output, " [label=\"");
    picture_write_label(output, step, &dot_writer);
    buffer_format(output, "\", shape=%s, fillcolor=\"%s\"", family->shape, family->fill);
    if (step->only)
        buffer_append_string(output, ", style=\"filled,dashed\"");
    buffer_append_string(output, ", tooltip=\"");
    picture_write_text(output, step->kind, &dot_writer);
    buffer_append_string(output, ", ");
    picture_write_text(output, step->origin, &dot_writer);
    buffer_append_string(output, "\"];\n");
}

static void dot_write_phase(struct buffer *output, const struct compiled_plan *plan, size_t first)
{
    const char *phase = plan->steps[first].phase;
    buffer_append_string(output, "\n  subgraph \"cluster_");
    picture_write_text(output, phase, &dot_writer);
    buffer_append_string(output, "\" {\n    label=\"");
    picture_write_text(output, phase, &dot_writer);
    buffer_append_string(output, "\";\n");
    for (size_t i = first; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].phase, phase) == 0)
            dot_write_node(output, &plan->steps[i]);
    buffer_append_string(output, "  }\n");
}

static void dot_write_edges(struct buffer *output, const struct compiled_plan *plan)
{
    buffer_append_character(output, '\n');
    for (size_t i = 0; i < plan->step_count; i++)
        for (size_t j = 0; j < plan->steps[i].need_count; j++) {
            buffer_append_string(output, "  ");
            dot_write_name(output, plan->steps[plan->steps[i].needs[j]].id);
            buffer_append_string(output, " -> ");
            dot_write_name(output, plan->steps[i].id);
            buffer_append_string(output, ";\n");
        }
}

void graph_picture_write_dot(struct buffer *output, const struct compiled_plan *plan)
{
    buffer_append_string(output, "digraph upgrade {\n"
                                 "  charset=\"UTF-8\";\n"
                                 "  label=\"");
    picture_write_text(output, plan->title, &dot_writer);
    buffer_append_string(output, "\";\n"
                                 "  labelloc=t;\n"
                                 "  fontname=\"sans-serif\";\n"
                                 "  node [fontname=\"sans-serif\", fontsize=10, style=filled];\n"
                                 "  edge [arrowsize=0.7, color=\"#555555\"];\n"
                                 "  graph [style=\"rounded\", color=\"#999999\"];\n");
    for (size_t i = picture_next_phase(plan, 0); i < plan->step_count;
         i = picture_next_phase(plan, i + 1))
        dot_write_phase(output, plan, i);
    dot_write_edges(output, plan);
    buffer_append_string(output, "}\n");
}
