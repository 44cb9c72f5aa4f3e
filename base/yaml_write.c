#include "base/yaml_write.h"

#include <string.h>
#include <strings.h>

#include "base/text_line.h"
#include "base/utf8.h"

/* YAML 1.2, 7.3.1; characters beyond U+FFFF can all stand as they are. */
static void write_character(struct buffer *output, const char *bytes, size_t size,
                            uint32_t character)
{
    if (character == '"' || character == '\\')
        buffer_format(output, "\\%c", (char)character);
    else if (character == '\n')
        buffer_append_string(output, "\\n");
    else if (character == '\t')
        buffer_append_string(output, "\\t");
    else if (text_line_ends_at(character))
        buffer_format(output, "\\u%04X", character);
    else
        buffer_append(output, bytes, size);
}

void yaml_write_text(struct buffer *output, const char *text)
{
    size_t length = strlen(text);
    buffer_append_character(output, '"');
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t size = utf8_read(text + at, length - at, &character);
        write_character(output, text + at, size, size > 0 ? character : '?');
        at += size > 0 ? size : 1;
    }
    buffer_append_character(output, '"');
}

/* What some reader of YAML takes for something else than a text, in any case of letters. */
static bool is_word(const char *name)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(name, words[i]) == 0)
            return true;
    return false;
}

void yaml_write_name(struct buffer *output, const char *name)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    bool plain = name[0] > '9' && name[strspn(name, letters)] == '\0' && !is_word(name);
    if (plain)
        buffer_append_string(output, name);
    else
        yaml_write_text(output, name);
}
