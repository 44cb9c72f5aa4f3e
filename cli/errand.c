#include "cli/errand.h"

#include <stdio.h>

#include "runtime/errand.h"
#include "runtime/report/phrase.h"

struct errand_screen {
    const struct terminal *terminal;
    bool shown; /* a line of progress stands there */
};

static void errand_clear(struct errand_screen *screen)
{
    if (screen->shown)
        fputs("\r\033[K", stderr);
    screen->shown = false;
}

static void errand_on_progress(void *context, const char *message)
{
    struct errand_screen *screen = context;
    if (!screen->terminal->interactive)
        return;
    errand_clear(screen);
    size_t fits = terminal_text_fit(message, screen->terminal->width - 1);
    fprintf(stderr, "%.*s", (int)fits, message);
    fflush(stderr);
    screen->shown = true;
}

static void errand_on_warning(void *context, const char *message)
{
    struct errand_screen *screen = context;
    errand_clear(screen);
    fprintf(stderr, "warning: %s\n", message);
}

static void errand_tell(const struct invocation *invocation, const struct value *effects,
                        const char *made)
{
    if (invocation->json) {
        print_json(effects, JSON_COMPACT);
        return;
    }
    const char *folder = value_get_string(effects, "folder");
    const char *file = value_get_string(effects, "file");
    printf("%s: %s",
           folder ? folder
           : file ? file
                  : made,
           phrase_size(invocation->arena, value_get_integer(effects, "bytes", 0)));
    if (value_get(effects, "files"))
        printf(
            ", %s in the filestore",
            phrase_count(invocation->arena, value_get_integer(effects, "files", 0), "file", NULL));
    printf("\n");
}

const struct error *errand_run(struct invocation *invocation, const char *kind, struct value *spec,
                               const struct environment *environment, const char *made)
{
    struct errand_screen screen = {.terminal = &invocation->errors};
    struct errand errand = {.kind = kind,
                            .name = invocation->command->name,
                            .spec = spec,
                            .environment = environment,
                            .warn = errand_on_warning,
                            .progress = errand_on_progress,
                            .context = &screen};
    struct value *effects = NULL;
    uv_loop_t loop;
    const struct error *error = invocation_open_loop(invocation, &loop);
    if (error)
        return error;
    error = errand_perform(invocation->arena, &loop, &errand, &effects);
    uv_loop_close(&loop);
    errand_clear(&screen);
    if (!error)
        errand_tell(invocation, effects, made);
    return error;
}
