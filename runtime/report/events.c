#include <string.h>

#include "base/json.h"
#include "runtime/report/view.h"

struct events_view {
    struct view view;
    FILE *output;
};

/* Each line is on its way at once: the reader may be another program's progress bar. Whether it
 * arrived is seen when standard output is closed. */
static void events_event(struct view *view, const struct value *entry,
                         const struct timeline_step *step, int64_t now)
{
    (void)step;
    (void)now;
    struct events_view *events = (struct events_view *)view;
    struct buffer line = {0};
    json_write(&line, entry, JSON_COMPACT);
    buffer_append_character(&line, '\n');
    fwrite(line.bytes, 1, line.length, events->output);
    fflush(events->output);
    buffer_release(&line);
}

struct view *view_create_events(struct arena *arena, struct timeline *timeline, FILE *output)
{
    struct events_view *events = arena_allocate(arena, sizeof *events);
    *events = (struct events_view){.view = {.event = events_event, .timeline = timeline},
                                   .output = output};
    return &events->view;
}
