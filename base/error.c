#include "base/error.h"

#include <string.h>

static const struct error *error_make(struct arena *arena, enum outcome outcome, const char *help,
                                      const char *message)
{
    struct error *error = arena_allocate(arena, sizeof *error);
    *error = (struct error){.outcome = outcome, .message = message, .help = help};
    return error;
}

const struct error *error_create(struct arena *arena, enum outcome outcome, const char *help,
                                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_arguments(arena, format, arguments);
    va_end(arguments);
    return error_make(arena, outcome, help, message);
}

const struct error *error_system(struct arena *arena, int code, const char *help,
                                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *what = arena_format_arguments(arena, format, arguments);
    va_end(arguments);
    char reason[256];
    if (strerror_r(code, reason, sizeof reason) != 0)
        reason[0] = '\0';
    return error_make(arena, OUTCOME_FAILED, help, arena_format(arena, "%s: %s", what, reason));
}

const struct error *error_wrap(struct arena *arena, const struct error *cause, const char *format,
                               ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *context = arena_format_arguments(arena, format, arguments);
    va_end(arguments);
    return error_make(arena, cause->outcome, cause->help ? arena_copy(arena, cause->help) : NULL,
                      arena_format(arena, "%s: %s", context, cause->message));
}
