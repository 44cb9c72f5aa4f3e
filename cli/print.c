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
