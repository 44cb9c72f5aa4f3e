#include <string.h>

#include "base/utf8.h"
#include "base/yaml_private.h"

static bool text_begins(struct text text, const char *bytes, size_t length)
{
    return text.length >= length && memcmp(text.bytes, bytes, length) == 0;
}

/* UTF-16 and UTF-32 by their byte order marks, or by the zero that ASCII has in every other byte.
 */
static bool text_is_wide(struct text text)
{
    if (text_begins(text, "\xFF\xFE", 2) || text_begins(text, "\xFE\xFF", 2))
        return true;
    if (text.length < 4)
        return false;
    return (text.bytes[0] == '\0') != (text.bytes[1] == '\0') &&
           (text.bytes[2] == '\0') != (text.bytes[3] == '\0');
}

bool yaml_check_encoding(const struct source *source, struct diagnostics *diagnostics,
                         struct text *text)
{
    static const char help[] = "save the file as UTF-8";
    *text = source->text;
    if (text_is_wide(*text)) {
        diagnostics_add(diagnostics, "yaml-encoding", source_position(source, 0),
                        "this file is encoded as UTF-16 or UTF-32")
            ->help = help;
        return false;
    }
    size_t valid = utf8_valid_length(text->bytes, text->length);
    const char *zero = memchr(text->bytes, '\0', valid);
    if (zero) {
        size_t offset = (size_t)(zero - text->bytes);
        diagnostics_add(diagnostics, "yaml-encoding", source_position(source, offset),
                        "there is a NUL byte here (byte %zu of the file)", offset + 1)
            ->help = "remove it; is this a text file?";
        return false;
    }
    if (valid < text->length) {
        diagnostics_add(diagnostics, "yaml-encoding", source_position(source, valid),
                        "this is not UTF-8: byte %02X (byte %zu of the file) cannot stand here",
                        (unsigned char)text->bytes[valid], valid + 1)
            ->help = help;
        return false;
    }
    if (text_begins(*text, "\xEF\xBB\xBF", 3)) {
        text->bytes += 3;
        text->length -= 3;
    }
    return true;
}
