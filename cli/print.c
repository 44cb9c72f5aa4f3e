#include <stdio.h>

#include "cli/command.h"

void print_buffer(struct buffer *text)
{
    fwrite(buffer_string(text), 1, text->length, stdout);
    buffer_release(text);
}

void print_json(const struct value *value, enum json_style style)
{
    struct buffer text = {0};
    json_write(&text, value, style);
    if (style == JSON_COMPACT)
        buffer_append_character(&text, '\n');
    print_buffer(&text);
}

void print_json_plan(struct arena *arena, struct value *document, const char *path,
                     const struct buffer *plan)
{
    if (path)
        value_set(arena, document, "output", value_string(arena, path));
    else
        value_set(arena, document, "plan",
                  value_string(arena, arena_copy_bytes(arena, plan->bytes, plan->length)));
    print_json(document, JSON_INDENTED);
}
