/* Any bytes as Odoo's output: read line by line as a process hands it on, judged and described,
 * without a fault; and what is kept of it is bounded. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "runtime/odoo/log.h"

#define MESSAGE_LIMIT ((size_t)8 * 1024) /* far more than any message may have */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct known_errors *catalogue(void)
{
    static struct known_errors *known;
    if (!known && known_errors_create(arena_create(), &known))
        abort();
    return known;
}

static void check_text(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (length > MESSAGE_LIMIT || utf8_valid_length(text ? text : "", length) != length)
        abort();
}

static void ignore_progress(void *context, const char *text)
{
    (void)context;
    check_text(text);
}

/* What a process writes is handed on as UTF-8 without NUL. */
static void take_line(struct odoo_log *log, struct buffer *line, const char *bytes, size_t length)
{
    buffer_clear(line);
    for (size_t at = 0; at < length;) {
        size_t valid = utf8_valid_length(bytes + at, length - at);
        buffer_append(line, bytes + at, valid);
        at += valid;
        if (at < length)
            at++;
    }
    for (size_t i = 0; i < line->length; i++)
        if (line->bytes[i] == '\0')
            line->bytes[i] = '?';
    odoo_log_take(log, buffer_string(line));
}

static void judge(const struct odoo_log *log, struct arena *arena, int64_t exit_code)
{
    const struct error *error = odoo_log_judge(log, arena, exit_code, 0);
    if (!error && exit_code != 0)
        abort();
    check_text(error ? error->message : NULL);
    check_text(error ? error->help : NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_create();
    struct value *modules = value_array(arena), *effects = value_object(arena);
    value_append(arena, modules, value_string(arena, "sale"));
    struct odoo_log *log = odoo_log_create(arena, catalogue(), modules,
                                           (struct odoo_log_listener){.progress = ignore_progress});
    const char *text = (const char *)bytes;
    struct buffer line = {0};
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t end = newline ? (size_t)(newline - text) : length;
        take_line(log, &line, text + at, end - at);
        at = end + 1;
    }
    odoo_log_end(log);
    judge(log, arena, 0);
    judge(log, arena, 1);
    check_text(odoo_log_warning(log, arena));
    odoo_log_describe(log, arena, effects);
    buffer_release(&line);
    arena_destroy(arena);
    return 0;
}
