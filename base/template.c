#include "base/template.h"

#include <string.h>

#include "base/buffer.h"

/* One piece of a text: what stands before a `${`, and what that is. */
struct piece {
    size_t start; /* of the `${`, or of the `$${` */
    size_t end;   /* behind it */
    size_t name_start;
    size_t name_length; /* 0: an escaped `${` */
};

enum found { FOUND_NOTHING, FOUND_PIECE, FOUND_FAULT };

static size_t template_name_length(const char *text)
{
    if (*text < 'a' || *text > 'z')
        return 0;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

/* The next piece of `text` from `offset` on; on a fault its start is the fault's place. */
static enum found template_next(const char *text, size_t offset, struct piece *piece)
{
    const char *mark = strstr(text + offset, "${");
    if (!mark)
        return FOUND_NOTHING;
    size_t start = (size_t)(mark - text);
    if (start > offset && mark[-1] == '$') {
        *piece = (struct piece){.start = start - 1, .end = start + 2};
        return FOUND_PIECE;
    }
    size_t length = template_name_length(mark + 2);
    *piece = (struct piece){.start = start,
                            .end = start + 2 + length + 1,
                            .name_start = start + 2,
                            .name_length = length};
    return length > 0 && mark[2 + length] == '}' ? FOUND_PIECE : FOUND_FAULT;
}

bool template_visit(const char *text,
                    void (*visit)(void *context, const char *name, size_t length, size_t offset),
                    void *context, size_t *offset)
{
    struct piece piece = {0};
    enum found found;
    while ((found = template_next(text, piece.end, &piece)) == FOUND_PIECE)
        if (piece.name_length > 0)
            visit(context, text + piece.name_start, piece.name_length, piece.start);
    *offset = piece.start;
    return found == FOUND_NOTHING;
}

const char *template_expand(struct arena *arena, const char *text,
                            const char *(*lookup)(void *context, const char *name), void *context)
{
    struct buffer output = {0};
    struct piece piece = {0};
    size_t done = 0;
    while (template_next(text, done, &piece) == FOUND_PIECE) {
        buffer_append(&output, text + done, piece.start - done);
        if (piece.name_length == 0)
            buffer_append_string(&output, "${");
        else
            buffer_append_string(&output,
                                 lookup(context, arena_copy_bytes(arena, text + piece.name_start,
                                                                  piece.name_length)));
        done = piece.end;
    }
    buffer_append_string(&output, text + done);
    const char *result = arena_copy_bytes(arena, buffer_string(&output), output.length);
    buffer_release(&output);
    return result;
}

struct expansion {
    struct arena *arena;
    const char *(*lookup)(void *context, const char *name);
    void *context;
};

static struct value *template_copy(const struct expansion *expansion, const struct value *value);

static struct value *template_copy_array(const struct expansion *expansion,
                                         const struct value *array)
{
    struct value *copy = NULL;
    for (size_t i = 0; i < array->as.array.count; i++) {
        struct value *item = template_copy(expansion, array->as.array.items[i]);
        if (item && !copy) {
            copy = value_array(expansion->arena);
            for (size_t j = 0; j < i; j++)
                value_append(expansion->arena, copy, array->as.array.items[j]);
        }
        if (copy)
            value_append(expansion->arena, copy, item ? item : array->as.array.items[i]);
    }
    return copy;
}

static struct value *template_copy_object(const struct expansion *expansion,
                                          const struct value *object)
{
    const struct value_member *members = object->as.object.members;
    struct value *copy = NULL;
    for (size_t i = 0; i < object->as.object.count; i++) {
        struct value *item = template_copy(expansion, members[i].value);
        if (item && !copy) {
            copy = value_object(expansion->arena);
            for (size_t j = 0; j < i; j++)
                value_set(expansion->arena, copy, members[j].key, members[j].value);
        }
        if (copy)
            value_set(expansion->arena, copy, members[i].key, item ? item : members[i].value);
    }
    return copy;
}

/* NULL where there is nothing to expand. */
static struct value *template_copy(const struct expansion *expansion, const struct value *value)
{
    if (value->kind == VALUE_ARRAY)
        return template_copy_array(expansion, value);
    if (value->kind == VALUE_OBJECT)
        return template_copy_object(expansion, value);
    if (value->kind != VALUE_STRING || !strstr(value->as.string.bytes, "${"))
        return NULL;
    return value_string(expansion->arena, template_expand(expansion->arena, value->as.string.bytes,
                                                          expansion->lookup, expansion->context));
}

const struct value *template_expand_value(struct arena *arena, const struct value *value,
                                          const char *(*lookup)(void *context, const char *name),
                                          void *context)
{
    const struct expansion expansion = {.arena = arena, .lookup = lookup, .context = context};
    const struct value *copy = template_copy(&expansion, value);
    return copy ? copy : value;
}

const char *template_escape(struct arena *arena, const char *text)
{
    const char *mark = strstr(text, "${");
    if (!mark)
        return text;
    struct buffer output = {0};
    for (; mark; mark = strstr(text, "${")) {
        buffer_append(&output, text, (size_t)(mark - text));
        buffer_append_string(&output, "$${");
        text = mark + 2;
    }
    buffer_append_string(&output, text);
    const char *result = arena_copy_bytes(arena, buffer_string(&output), output.length);
    buffer_release(&output);
    return result;
}

static void template_note_name(void *context, const char *name, size_t length, size_t offset)
{
    (void)name, (void)length, (void)offset;
    *(bool *)context = true;
}

bool template_has_names(const char *text)
{
    bool found = false;
    size_t offset;
    return text && template_visit(text, template_note_name, &found, &offset) && found;
}
