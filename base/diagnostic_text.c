#include <string.h>

#include "base/diagnostic.h"
#include "base/utf8.h"

#define LINE_WIDTH 120 /* characters of a source line that are shown */
#define LINE_BEFORE 60 /* of a longer line, how many stand before the caret */

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"
#define BLUE "\033[1;34m"
#define PLAIN "\033[0m"

#define MARGIN 6 /* columns for the line's number */

struct printer {
    struct buffer *output;
    bool colour;
};

struct span {
    uint32_t first;
    uint32_t last;
};

static bool character_in(uint32_t character, const struct span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (character >= spans[i].first && character <= spans[i].last)
            return true;
    return false;
}

/* Columns of a terminal: the wide blocks of UAX 11 and the combining ones, near enough to put a
 * caret under a character, and the same in every locale. */
static int character_width(uint32_t character)
{
    static const struct span none[] = {{0x300, 0x36F},    {0x200B, 0x200D}, {0x20D0, 0x20FF},
                                       {0xFE00, 0xFE0F},  {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
                                       {0xE0100, 0xE01EF}};
    static const struct span wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                                       {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
                                       {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                                       {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
                                       {0x20000, 0x3FFFD}};
    if (character < 0x300)
        return 1;
    if (character_in(character, none, sizeof none / sizeof none[0]))
        return 0;
    return character_in(character, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

/* What would steer the terminal or turn the direction of the text around. */
static bool character_is_hostile(uint32_t character)
{
    static const struct span hostile[] = {
        {0, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
    return character_in(character, hostile, sizeof hostile / sizeof hostile[0]);
}

/* Texts may quote what the author wrote: nothing in them may act on the terminal. */
static void printer_write_safely(struct printer *printer, const char *string)
{
    size_t length = strlen(string);
    for (size_t i = 0; i < length;) {
        uint32_t character;
        size_t size = utf8_read(string + i, length - i, &character);
        if (size == 0)
            buffer_format(printer->output, "\\x%02x", (unsigned char)string[i]);
        else if (!character_is_hostile(character))
            buffer_append(printer->output, string + i, size);
        else if (character == '\n' || character == '\t')
            buffer_append_string(printer->output, character == '\n' ? "\\n" : "\\t");
        else
            buffer_format(printer->output, "\\u%04x", (unsigned)character);
        i += size ? size : 1;
    }
}

static void printer_colour(struct printer *printer, const char *colour)
{
    if (printer->colour)
        buffer_append_string(printer->output, colour);
}

/* Appends the characters from `*offset` on up to `count`, one column at least for each hostile or
 * broken one, and returns the columns they take. */
static size_t printer_write_columns(struct printer *printer, struct text line, size_t *offset,
                                    size_t count, bool visible)
{
    size_t columns = 0;
    for (; count > 0 && *offset < line.length; count--) {
        uint32_t character;
        size_t size = utf8_read(line.bytes + *offset, line.length - *offset, &character);
        bool shown = size > 0 && !character_is_hostile(character);
        if (visible && shown)
            buffer_append(printer->output, line.bytes + *offset, size);
        else if (visible)
            buffer_append_character(printer->output, size > 0 && character == '\t' ? ' ' : '?');
        columns += shown ? (size_t)character_width(character) : 1;
        *offset += size ? size : 1;
    }
    return columns;
}

static void printer_repeat(struct printer *printer, char character, size_t count)
{
    for (; count > 0; count--)
        buffer_append_character(printer->output, character);
}

static void printer_write_caret(struct printer *printer, const struct diagnostic *diagnostic,
                                struct text line, size_t start, size_t before)
{
    size_t offset = start;
    size_t blank = printer_write_columns(printer, line, &offset, before, false);
    size_t length = diagnostic->length ? diagnostic->length : 1;
    if (length > LINE_WIDTH - before)
        length = LINE_WIDTH - before;
    size_t marked = printer_write_columns(printer, line, &offset, length, false);
    printer_colour(printer, BLUE);
    buffer_format(printer->output, "%*s | ", MARGIN, "");
    printer_colour(printer, PLAIN);
    printer_repeat(printer, ' ', blank);
    printer_colour(printer, diagnostic->severity == SEVERITY_ERROR ? RED : YELLOW);
    printer_repeat(printer, '^', marked ? marked : 1);
    printer_colour(printer, PLAIN);
    buffer_append_character(printer->output, '\n');
}

/* The line, or the part around the caret of a long one, and the caret. */
static void printer_write_line(struct printer *printer, const struct diagnostic *diagnostic)
{
    struct position position = diagnostic->position;
    struct text line = source_line(position.source, position.line);
    size_t before = position.column > 0 ? position.column - 1 : 0;
    size_t skipped = before > LINE_WIDTH * 3 / 4 ? before - LINE_BEFORE : 0;
    size_t start = utf8_skip(line.bytes, line.length, skipped);
    printer_colour(printer, BLUE);
    buffer_format(printer->output, "%*u | ", MARGIN, position.line);
    printer_colour(printer, PLAIN);
    size_t offset = start;
    printer_write_columns(printer, line, &offset, LINE_WIDTH, true);
    buffer_append_character(printer->output, '\n');
    printer_write_caret(printer, diagnostic, line, start, before - skipped);
}

static void printer_write_head(struct printer *printer, const struct diagnostic *diagnostic)
{
    bool error = diagnostic->severity == SEVERITY_ERROR;
    printer_colour(printer, BOLD);
    if (diagnostic->position.source) {
        printer_write_safely(printer, diagnostic->position.source->path);
        if (diagnostic->position.line > 0)
            buffer_format(printer->output, ":%u:%u", diagnostic->position.line,
                          diagnostic->position.column);
        buffer_append_string(printer->output, ": ");
    }
    printer_colour(printer, error ? RED : YELLOW);
    buffer_append_string(printer->output, error ? "error: " : "warning: ");
    printer_colour(printer, PLAIN);
    printer_colour(printer, BOLD);
    printer_write_safely(printer, diagnostic->message);
    printer_colour(printer, PLAIN);
    buffer_format(printer->output, " [%s]\n", diagnostic->name);
}

void diagnostics_write_text(const struct diagnostics *list, struct buffer *output, bool colour)
{
    struct printer printer = {.output = output, .colour = colour};
    for (size_t i = 0; i < list->count; i++) {
        const struct diagnostic *diagnostic = &list->items[i];
        printer_write_head(&printer, diagnostic);
        if (diagnostic->position.source && diagnostic->position.line > 0 &&
            !diagnostic->conceals_line)
            printer_write_line(&printer, diagnostic);
        if (!diagnostic->help)
            continue;
        buffer_format(output, "%*s   help: ", MARGIN, "");
        printer_write_safely(&printer, diagnostic->help);
        buffer_append_character(output, '\n');
    }
}
