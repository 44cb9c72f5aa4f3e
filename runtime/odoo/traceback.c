#include "runtime/odoo/traceback.h"

#include <string.h>

#include "base/utf8.h"

#define LINE_LIMIT ((size_t)400) /* bytes of a line that are kept */
#define MESSAGE_LINES 3          /* of an exception whose message has several */

static void keep_line(struct buffer *buffer, const char *line)
{
    size_t length = strlen(line);
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\r'))
        length--;
    size_t room = buffer->length < LINE_LIMIT ? LINE_LIMIT - buffer->length : 0;
    size_t kept = utf8_cut(line, length, room);
    buffer_append(buffer, line, kept);
    if (kept < length && room > 0)
        buffer_append_string(buffer, "…");
}

void traceback_clear(struct traceback *traceback)
{
    traceback->state = TRACEBACK_NONE;
    traceback->exception_lines = 0;
    buffer_clear(&traceback->place);
    buffer_clear(&traceback->code);
    buffer_clear(&traceback->exception);
}

void traceback_end(struct traceback *traceback)
{
    traceback->state = TRACEBACK_NONE;
}

/* `  File "sale.py", line 12, in write`, the line of code below it, and marks below that which show
 * where in the line. */
static void take_frame(struct traceback *traceback, const char *line)
{
    const char *text = line + strspn(line, " \t");
    if (strncmp(text, "File \"", 6) == 0) {
        buffer_clear(&traceback->place);
        buffer_clear(&traceback->code);
        keep_line(&traceback->place, text);
    } else if (traceback->code.length == 0 && text[strspn(text, " ^~")] != '\0') {
        keep_line(&traceback->code, text);
    }
}

static void take_exception(struct traceback *traceback, const char *line)
{
    const char *text = line + strspn(line, " \t");
    if (traceback->exception_lines >= MESSAGE_LINES)
        return;
    if (traceback->exception_lines > 0)
        buffer_append_character(&traceback->exception, ' ');
    keep_line(&traceback->exception, text);
    traceback->exception_lines++;
}

bool traceback_take(struct traceback *traceback, const char *line)
{
    if (strncmp(line, "Traceback (most recent call last)", 33) == 0) {
        traceback_clear(traceback);
        traceback->state = TRACEBACK_FRAMES;
        return true;
    }
    if (line[strspn(line, " \t")] == '\0')
        return false;
    if (traceback->state == TRACEBACK_FRAMES && (line[0] == ' ' || line[0] == '\t')) {
        take_frame(traceback, line);
    } else if (traceback->state != TRACEBACK_NONE) {
        /* "During handling of ..." is no part of the message: the next traceback clears it. */
        take_exception(traceback, line);
        traceback->state = TRACEBACK_EXCEPTION;
    }
    return false;
}

bool traceback_is_known(const struct traceback *traceback)
{
    return traceback->exception.length > 0;
}

void traceback_write(const struct traceback *traceback, struct buffer *output)
{
    const struct buffer *const lines[] = {&traceback->place, &traceback->code,
                                          &traceback->exception};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (lines[i]->length > 0)
            buffer_format(output, "\n  %s", buffer_string(lines[i]));
}

void traceback_release(struct traceback *traceback)
{
    buffer_release(&traceback->place);
    buffer_release(&traceback->code);
    buffer_release(&traceback->exception);
}
