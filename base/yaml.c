#include "base/yaml.h"

#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/yaml_private.h"

/* A value that aliases may repeat. */
struct anchor {
    struct value *value;
    size_t size;   /* values in it, with those that aliases in it repeat */
    size_t height; /* levels of nesting in it */
    bool complete; /* false while we are inside of it */
};

/* A list or object whose end has not been seen. */
struct frame {
    struct value *container;
    struct anchor *anchor; /* NULL where it has none */
    size_t size_before;    /* the reader's size when it began */
    size_t height;         /* levels of nesting found in it, itself included */
    bool has_key;          /* in an object: the next value belongs to `key` */
    const char *key;       /* NULL: the key was refused, and its value is passed over */
    struct position key_position;
};

struct reader {
    struct arena *arena;
    const struct source *source;
    struct diagnostics *diagnostics;
    struct map *anchors;
    struct value *root;
    struct frame frames[YAML_DEPTH_LIMIT];
    size_t depth;
    size_t size;     /* values so far, aliases expanded */
    size_t repeated; /* of these, those that came by aliases */
    size_t documents;
    bool loose;   /* keys need not be texts */
    bool stopped; /* what follows is of no use */
};

static struct diagnostic *report(struct reader *reader, const char *name, yaml_mark_t start,
                                 yaml_mark_t end, const char *message)
{
    struct diagnostic *diagnostic = diagnostics_add(
        reader->diagnostics, name, yaml_position(reader->source, start), "%s", message);
    if (end.line == start.line)
        diagnostic->length = (uint32_t)(end.column - start.column);
    return diagnostic;
}

static void stop(struct reader *reader, const char *name, const yaml_event_t *event,
                 const char *message, const char *help)
{
    report(reader, name, event->start_mark, event->end_mark, message)->help = help;
    reader->stopped = true;
    reader->root = NULL;
}

static void count_value(struct reader *reader, const yaml_event_t *event)
{
    reader->size++;
    if (reader->size > YAML_VALUE_LIMIT)
        stop(
            reader, "yaml-too-large", event,
            arena_format(reader->arena, "this document has more than %zu values", YAML_VALUE_LIMIT),
            "take data out of it; what a plan does with much data belongs into SQL or a command");
}

static struct frame *top_frame(struct reader *reader)
{
    return reader->depth > 0 ? &reader->frames[reader->depth - 1] : NULL;
}

static bool key_is_next(struct reader *reader)
{
    const struct frame *frame = top_frame(reader);
    return frame && frame->container->kind == VALUE_OBJECT && !frame->has_key;
}

/* Puts a value that is no key where it belongs. */
static void place_value(struct reader *reader, struct value *value)
{
    struct frame *frame = top_frame(reader);
    if (!frame) {
        reader->root = value;
    } else if (frame->container->kind == VALUE_ARRAY) {
        value_append(reader->arena, frame->container, value);
    } else {
        if (frame->key)
            value_add(reader->arena, frame->container, frame->key, frame->key_position, value);
        frame->has_key = false;
    }
}

static const char *check_key_kind(struct reader *reader, const yaml_event_t *event,
                                  const struct value *key)
{
    if (key->kind == VALUE_STRING) {
        bool merge = event->type == YAML_SCALAR_EVENT && !key->quoted &&
                     strcmp(key->as.string.bytes, "<<") == 0;
        if (merge)
            report(reader, "yaml-merge-key", event->start_mark, event->end_mark,
                   "merge keys (`<<`) cannot be used")
                ->help = "write the members out";
        return merge ? NULL : key->as.string.bytes;
    }
    if (reader->loose && key->plain && key->plain[0] != '\0')
        return key->plain;
    struct diagnostic *diagnostic =
        report(reader, "yaml-key", event->start_mark, event->end_mark, "a key must be text");
    if (!key->plain || key->plain[0] == '\0') {
        diagnostic->help = "write a text before the colon";
        return NULL;
    }
    if (diagnostics_full(reader->diagnostics))
        return key->plain;
    diagnostic->message = arena_format(reader->arena, "a key must be text, %s is not",
                                       arena_copy(reader->arena, key->plain));
    diagnostic->help = arena_format(reader->arena, "put it in quotes: \"%s\"", key->plain);
    return key->plain;
}

static void take_key(struct reader *reader, const yaml_event_t *event, const struct value *key)
{
    struct frame *frame = top_frame(reader);
    frame->has_key = true;
    frame->key_position = yaml_position(reader->source, event->start_mark);
    frame->key = check_key_kind(reader, event, key);
    const struct value_member *first =
        frame->key ? value_member(frame->container, frame->key) : NULL;
    if (!first)
        return;
    struct diagnostic *diagnostic =
        diagnostics_add(reader->diagnostics, "yaml-duplicate-key", frame->key_position,
                        "the key \"%s\" stands here twice", frame->key);
    diagnostic->length = (uint32_t)(event->end_mark.column - event->start_mark.column);
    if (!diagnostics_full(reader->diagnostics))
        diagnostic->help = arena_format(reader->arena, "remove one; the first is on line %u",
                                        first->key_position.line);
    frame->key = NULL;
}

static struct anchor *add_anchor(struct reader *reader, const yaml_char_t *name,
                                 struct value *value)
{
    if (!name)
        return NULL;
    struct anchor *anchor = arena_allocate(reader->arena, sizeof *anchor);
    anchor->value = value;
    map_set(reader->anchors, arena_copy(reader->arena, (const char *)name), anchor);
    return anchor;
}

static void report_scalar(struct reader *reader, const yaml_event_t *event,
                          enum scalar_problem problem)
{
    static const struct {
        const char *name, *message, *help;
    } texts[] = {
        [SCALAR_TOO_BIG] = {"yaml-number", "this number is too big",
                            "put it in quotes if it is meant as text"},
        [SCALAR_NOT_FINITE] = {"yaml-number", "infinity and not-a-number cannot be used",
                               "write a number"},
        [SCALAR_UNKNOWN_TAG] = {"yaml-tag", "this tag is not known", "remove the tag"},
        [SCALAR_UNFIT_TAG] = {"yaml-tag", "the value is not of the kind that its tag says",
                              "remove the tag"},
    };
    report(reader, texts[problem].name, event->start_mark, event->end_mark, texts[problem].message)
        ->help = texts[problem].help;
}

static void read_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct value scalar;
    enum scalar_problem problem = yaml_resolve_scalar(reader->arena, event, &scalar);
    if (problem != SCALAR_GOOD)
        report_scalar(reader, event, problem);
    if (memchr(event->data.scalar.value, '\0', event->data.scalar.length)) {
        stop(reader, "yaml-encoding", event, "a text cannot hold a NUL character",
             "remove the escape that stands for it");
        return;
    }
    scalar.position = yaml_position(reader->source, event->start_mark);
    bool is_key = key_is_next(reader);
    if (is_key)
        take_key(reader, event, &scalar);
    if (is_key && !event->data.scalar.anchor)
        return;
    struct value *value = arena_allocate(reader->arena, sizeof *value);
    *value = scalar;
    struct anchor *anchor = add_anchor(reader, event->data.scalar.anchor, value);
    if (anchor)
        *anchor = (struct anchor){.value = value, .size = 1, .complete = true};
    count_value(reader, event);
    if (!is_key)
        place_value(reader, value);
}

static void read_alias(struct reader *reader, const yaml_event_t *event)
{
    const struct anchor *anchor = map_get(reader->anchors, (const char *)event->data.alias.anchor);
    if (!anchor) {
        stop(reader, "yaml-alias", event, "no anchor of this name stands before",
             "put the text in quotes if the asterisk belongs to it");
        return;
    }
    if (!anchor->complete) {
        stop(reader, "yaml-alias", event, "this alias stands inside of what it repeats",
             "write the value out");
        return;
    }
    reader->size += anchor->size;
    reader->repeated += anchor->size;
    struct frame *frame = top_frame(reader);
    if (frame && frame->height < anchor->height + 1)
        frame->height = anchor->height + 1;
    if (reader->repeated > YAML_ALIAS_LIMIT)
        stop(reader, "yaml-alias", event, "the aliases of this document repeat too many values",
             "write the values out, or repeat fewer");
    else if (reader->depth + anchor->height > YAML_DEPTH_LIMIT)
        stop(reader, "yaml-depth", event, "the value that this alias repeats is nested too deeply",
             "nest less deeply");
    else if (key_is_next(reader))
        take_key(reader, event, anchor->value);
    else
        place_value(reader, anchor->value);
}

static void check_container_tag(struct reader *reader, const yaml_event_t *event,
                                const yaml_char_t *tag, const char *expected)
{
    if (!tag || strcmp((const char *)tag, "!") == 0 || strcmp((const char *)tag, expected) == 0)
        return;
    report(reader, "yaml-tag", event->start_mark, event->end_mark, "this tag is not known")->help =
        "remove the tag";
}

static void begin_container(struct reader *reader, const yaml_event_t *event,
                            struct value *container, const yaml_char_t *anchor)
{
    if (reader->depth == YAML_DEPTH_LIMIT) {
        stop(reader, "yaml-depth", event,
             arena_format(reader->arena, "lists and objects are nested more than %d levels deep",
                          YAML_DEPTH_LIMIT),
             "nest less deeply");
        return;
    }
    container->position = yaml_position(reader->source, event->start_mark);
    if (key_is_next(reader))
        take_key(reader, event, container);
    else
        place_value(reader, container);
    reader->frames[reader->depth++] = (struct frame){
        .container = container,
        .anchor = add_anchor(reader, anchor, container),
        .size_before = reader->size,
        .height = 1,
    };
    count_value(reader, event);
}

static void end_container(struct reader *reader)
{
    const struct frame *frame = top_frame(reader);
    if (frame->anchor)
        *frame->anchor = (struct anchor){.value = frame->container,
                                         .size = reader->size - frame->size_before,
                                         .height = frame->height,
                                         .complete = true};
    size_t height = frame->height + 1;
    reader->depth--;
    struct frame *outer = top_frame(reader);
    if (outer && outer->height < height)
        outer->height = height;
}

static void begin_document(struct reader *reader, const yaml_event_t *event)
{
    reader->documents++;
    if (event->data.document_start.tag_directives.start !=
        event->data.document_start.tag_directives.end)
        report(reader, "yaml-tag", event->start_mark, event->start_mark,
               "tags cannot be declared here")
            ->help = "remove the line that begins with \"%TAG\"";
    if (reader->documents == 1)
        return;
    report(reader, "yaml-documents", event->start_mark, event->end_mark,
           "a second document begins here")
        ->help = "keep one document a file";
    reader->stopped = true; /* the first one is of use */
}

static void read_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        begin_document(reader, event);
        break;
    case YAML_SCALAR_EVENT:
        read_scalar(reader, event);
        break;
    case YAML_ALIAS_EVENT:
        read_alias(reader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        check_container_tag(reader, event, event->data.sequence_start.tag, YAML_SEQ_TAG);
        begin_container(reader, event, value_array(reader->arena),
                        event->data.sequence_start.anchor);
        break;
    case YAML_MAPPING_START_EVENT:
        check_container_tag(reader, event, event->data.mapping_start.tag, YAML_MAP_TAG);
        begin_container(reader, event, value_object(reader->arena),
                        event->data.mapping_start.anchor);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        end_container(reader);
        break;
    case YAML_STREAM_END_EVENT:
        reader->stopped = true;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
}

/* libyaml compares every tag directive with all before it. Nobody needs many. */
static bool declares_many_tags(struct text text)
{
    size_t count = 0;
    const char *end = text.bytes + text.length;
    for (const char *next = text.bytes; (next = memchr(next, '%', (size_t)(end - next))); next++)
        if (end - next > 4 && memcmp(next, "%TAG", 4) == 0 &&
            (next == text.bytes || next[-1] == '\n' || next[-1] == '\r'))
            count++;
    return count > 1000;
}

static void read_events(struct reader *reader, struct text text)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        memory_allocate(SIZE_MAX); /* ends the program with its message */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.bytes, text.length);
    while (!reader->stopped) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event)) {
            read_event(reader, &event);
            yaml_event_delete(&event);
            continue;
        }
        yaml_report_problem(&parser, reader->source, reader->source->text.length - text.length,
                            reader->diagnostics);
        reader->root = NULL;
        reader->stopped = true;
    }
    yaml_parser_delete(&parser);
}

static struct value *read_document(struct arena *arena, const struct source *source, bool loose,
                                   struct diagnostics *diagnostics)
{
    struct text text;
    if (!yaml_check_encoding(source, diagnostics, &text))
        return NULL;
    const struct position start = {.source = source, .line = 1, .column = 1};
    if (declares_many_tags(text)) {
        diagnostics_add(diagnostics, "yaml-tag", start, "tags cannot be declared here")->help =
            "remove the lines that begin with \"%TAG\"";
        return NULL;
    }
    struct reader *reader = arena_allocate(arena, sizeof *reader);
    *reader = (struct reader){.arena = arena, .source = source, .diagnostics = diagnostics};
    reader->loose = loose;
    reader->anchors = map_create(arena);
    size_t errors = diagnostics->error_count;
    read_events(reader, text);
    const struct value *root = reader->root;
    bool empty = !root || (root->kind == VALUE_NULL && root->plain && root->plain[0] == '\0');
    if (!empty || diagnostics->error_count > errors)
        return reader->root;
    diagnostics_add(diagnostics, "yaml-empty", start, "this document is empty")->help =
        "write a document here; comments alone are none";
    return NULL;
}

struct value *yaml_read(struct arena *arena, const struct source *source,
                        struct diagnostics *diagnostics)
{
    return read_document(arena, source, false, diagnostics);
}

struct value *yaml_read_loose(struct arena *arena, const struct source *source,
                              struct diagnostics *diagnostics)
{
    return read_document(arena, source, true, diagnostics);
}
