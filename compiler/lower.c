#include <string.h>

#include "base/notation.h"
#include "compiler/compilation.h"

const struct included *lower_include(struct compilation *compilation, const struct value *name)
{
    const struct document *document = plan_find_document(compilation->plan, name->position);
    const struct included *file = files_include(compilation->files, document->file, name,
                                                INCLUDED_SIZE_LIMIT, compilation->diagnostics);
    if (!file)
        return NULL;
    compilation->content += file->source->text.length;
    if (compilation->content <= CONTENT_SIZE_LIMIT)
        return file;
    struct diagnostic *diagnostic = diagnostics_add(
        compilation->diagnostics, "plan-too-large", name->position,
        "the files that this plan names have more than %zu MB together", CONTENT_SIZE_LIMIT >> 20);
    diagnostic->length = diagnostic_span(name);
    diagnostic->help = "load data of this size with a command";
    compilation->content = 0; /* said once */
    return NULL;
}

const char *lower_only(const struct value *object)
{
    return value_get_string(object, "only");
}

int64_t lower_duration(const struct value *duration)
{
    int64_t milliseconds = 0;
    const char *text = value_as_string(duration);
    return text && notation_read_duration(text, &milliseconds) ? milliseconds : 0;
}

struct value *lower_range(struct compilation *compilation, const struct value *range)
{
    if (range && range->kind == VALUE_INTEGER)
        return value_format(compilation->arena, "%lld", (long long)range->as.integer);
    const char *text = value_as_string(range);
    return text ? value_string(compilation->arena, text) : NULL;
}

size_t lower_target_section(const struct compilation *compilation)
{
    return compilation->route.count;
}

size_t lower_publish_section(const struct compilation *compilation)
{
    return compilation->route.count + 1;
}

void lower_set(struct compilation *compilation, struct value *object, const char *key,
               const char *text)
{
    value_set(compilation->arena, object, key, value_string(compilation->arena, text));
}

/* "close-dead-activities" to "Close dead activities" */
static const char *lower_title(struct compilation *compilation, const char *id)
{
    char *title = arena_copy(compilation->arena, id);
    for (char *next = title; *next; next++)
        if (*next == '-' || *next == '_')
            *next = ' ';
    if (*title >= 'a' && *title <= 'z')
        *title = (char)(*title - 'a' + 'A');
    return title;
}

static void lower_report_duplicate(struct compilation *compilation, const struct value *id,
                                   const struct step *first)
{
    struct diagnostic *diagnostic = diagnostics_add(
        compilation->diagnostics, "duplicate-id", id->position,
        "the id \"%s\" is taken by the one at %s:%u", id->as.string.bytes,
        first->origin.source ? first->origin.source->path : "?", first->origin.line);
    diagnostic->length = diagnostic_span(id);
    diagnostic->help = "fixes and checks share their ids: give this one another";
}

bool lower_head(struct compilation *compilation, const struct value *object, struct step *step)
{
    const struct value *id = value_get(object, "id");
    if (!value_as_string(id)) {
        compilation->ids_missing = true;
        return false;
    }
    const struct step *first = graph_find(compilation->graph, id->as.string.bytes);
    if (first) {
        lower_report_duplicate(compilation, id, first);
        return false;
    }
    const char *title = value_get_string(object, "title");
    step->name = id->as.string.bytes;
    step->title = title ? title : lower_title(compilation, step->name);
    step->only = lower_only(object);
    step->timeout = lower_duration(value_get(object, "timeout"));
    step->origin = object->position;
    step->after = value_get(object, "after");
    step->before = value_get(object, "before");
    return true;
}
