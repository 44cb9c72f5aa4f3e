#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "compiler/graph_picture_private.h"

static bool mermaid_is_plain(const struct buffer *output, const char *bytes)
{
    unsigned char byte = (unsigned char)*bytes;
    if (byte >= 0x80 || isalnum(byte) || byte == ' ' || byte == ',' || byte == '/')
        return true;
    /* Inside of a word they are no list, no rule and no emphasis. */
    return (byte == '.' || byte == '-' || byte == '_') && output->length > 0 &&
           isalnum((unsigned char)output->bytes[output->length - 1]) &&
           isalnum((unsigned char)bytes[1]);
}

/* What could mean something to Mermaid, or to the Markdown and HTML it makes of labels, is written
 * by its number. */
static void mermaid_write_character(struct buffer *output, const char *bytes, size_t length)
{
    if (mermaid_is_plain(output, bytes))
        buffer_append(output, bytes, length);
    else
        buffer_format(output, "#%u;", (unsigned char)*bytes);
}

static const struct picture_writer mermaid_writer = {
    .write_character = mermaid_write_character,
    .line_break = "<br>",
};

static void mermaid_write_node(struct buffer *output, const struct compiled_plan *plan,
                               size_t index)
{
    const struct compiled_step *step = &plan->steps[index];
    const struct picture_family *family = picture_family_of(step->kind);
    buffer_format(output, "    s%zu%s", index, family->mermaid_open);
    picture_write_label(output, step, &mermaid_writer);
    buffer_format(output, "%s\n", family->mermaid_close);
}

static void mermaid_write_phase(struct buffer *output, const struct compiled_plan *plan,
                                size_t first)
{
    const char *phase = plan->steps[first].phase;
    buffer_format(output, "  subgraph p%zu[\"", first);
    picture_write_text(output, phase, &mermaid_writer);
    buffer_append_string(output, "\"]\n");
    for (size_t i = first; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].phase, phase) == 0)
            mermaid_write_node(output, plan, i);
    buffer_append_string(output, "  end\n");
}

static void mermaid_write_edges(struct buffer *output, const struct compiled_plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++)
        for (size_t j = 0; j < plan->steps[i].need_count; j++)
            buffer_format(output, "  s%zu --> s%zu\n", plan->steps[i].needs[j], i);
}

static bool mermaid_is_of(const struct compiled_step *step, const struct picture_family *family)
{
    return family ? picture_family_of(step->kind) == family : step->only != NULL;
}

/* Gives the style to the steps of the family, or to those with `only` where that is NULL. */
static void mermaid_write_class(struct buffer *output, const struct compiled_plan *plan,
                                const struct picture_family *family, const char *name,
                                const char *style)
{
    const char *before = "  class s";
    for (size_t i = 0; i < plan->step_count; i++)
        if (mermaid_is_of(&plan->steps[i], family)) {
            buffer_format(output, "%s%zu", before, i);
            before = ",s";
        }
    if (strcmp(before, ",s") == 0)
        buffer_format(output, " %s\n  classDef %s %s\n", name, name, style);
}

static void mermaid_write_styles(struct buffer *output, const struct compiled_plan *plan)
{
    for (const struct picture_family *family = picture_families; family->name; family++) {
        char style[64];
        snprintf(style, sizeof style, "fill:%s,stroke:#555555,color:#000000", family->fill);
        mermaid_write_class(output, plan, family, family->name, style);
    }
    mermaid_write_class(output, plan, NULL, "only", "stroke-dasharray:5 4");
}

/* The title stands in YAML, which a JSON string is. */
static void mermaid_write_title(struct buffer *output, const char *title)
{
    struct value value = {.kind = VALUE_STRING};
    value.as.string.bytes = title;
    value.as.string.length = strlen(title);
    buffer_append_string(output, "---\ntitle: ");
    json_write(output, &value, JSON_COMPACT);
    buffer_append_string(output, "\n---\n");
}

void graph_picture_write_mermaid(struct buffer *output, const struct compiled_plan *plan)
{
    mermaid_write_title(output, plan->title);
    buffer_append_string(output, "flowchart TB\n");
    for (size_t i = picture_next_phase(plan, 0); i < plan->step_count;
         i = picture_next_phase(plan, i + 1))
        mermaid_write_phase(output, plan, i);
    mermaid_write_edges(output, plan);
    mermaid_write_styles(output, plan);
}
