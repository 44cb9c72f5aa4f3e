#include <string.h>

#include "base/clock.h"
#include "base/text_line.h"
#include "runtime/report/phrase.h"
#include "runtime/report/view.h"

#define LINES_PATIENCE                                                                             \
    60000 /* milliseconds without a line after which the running steps are told */

struct lines_view {
    struct view view;
    FILE *output;
    int64_t last; /* when a line was last written */
};

/* One line, on its way at once; whether it arrived is seen when standard output is closed. */
static void lines_write(struct lines_view *lines, int64_t time, const char *text)
{
    struct clock_text at = clock_write(time);
    fprintf(lines->output, "%.19sZ %s\n", at.text, text);
    fflush(lines->output);
    lines->last = time;
}

static const char *lines_step_ended(struct arena *arena, const struct timeline_step *step,
                                    const struct value *entry)
{
    static const char *const words[STEP_STATE_COUNT] = {[STEP_DONE] = "done",
                                                        [STEP_FAILED] = "FAILED",
                                                        [STEP_SKIPPED] = "skipped",
                                                        [STEP_INTERRUPTED] = "interrupted",
                                                        [STEP_TAKEN_OVER] = "taken over",
                                                        [STEP_UNDONE] = "taken back"};
    const char *detail = step->state == STEP_FAILED ? step->message : step->reason;
    if (!detail)
        detail = phrase_effects(arena, value_get(entry, "effects"));
    const char *duration =
        step->state == STEP_SKIPPED || step->state == STEP_TAKEN_OVER
            ? ""
            : arena_format(arena, " (%s)", phrase_duration(arena, step->milliseconds));
    return arena_format(arena, "%s %s%s%s%s", words[step->state], step->step->id, duration,
                        detail[0] ? ": " : "", text_line(arena, detail));
}

static const char *lines_run_event(struct arena *arena, const struct timeline *timeline,
                                   const struct value *entry, const char *event)
{
    if (strcmp(event, "run-started") == 0)
        return arena_format(arena, "run %s: %s, in %s (%s), %s, plan %.12s", timeline->run,
                            timeline->plan->title, timeline->environment, timeline->mode,
                            phrase_count(arena, (int64_t)timeline->plan->step_count, "step", NULL),
                            timeline->plan->digest);
    if (strcmp(event, "run-resumed") == 0)
        return arena_format(arena, "resumed run %s: %zu of %zu steps have ended", timeline->run,
                            timeline_ended(timeline), timeline->plan->step_count);
    if (strcmp(event, "run-ended") == 0) {
        /* A step that failed has told it. */
        bool told = !timeline->message || timeline_first(timeline, STEP_FAILED);
        return arena_format(arena, "run %s: %s%s%s", timeline->run, timeline->result,
                            told ? "" : ": ", told ? "" : text_line(arena, timeline->message));
    }
    if (strcmp(event, "warning") == 0) {
        const char *message = value_get_string(entry, "message");
        return arena_format(arena, "warning: %s", text_line(arena, message ? message : ""));
    }
    return NULL;
}

static void lines_event(struct view *view, const struct value *entry,
                        const struct timeline_step *step, int64_t now)
{
    struct lines_view *lines = (struct lines_view *)view;
    struct arena *arena = arena_create();
    const char *event = value_get_string(entry, "event");
    const char *text = NULL;
    if (event && step && strcmp(event, "step-started") == 0)
        text = arena_format(arena, "start %s", step->step->id);
    else if (event && step && strcmp(event, "step-ended") == 0)
        text = lines_step_ended(arena, step, entry);
    else if (event)
        text = lines_run_event(arena, view->timeline, entry, event);
    if (!text)
        text = phrase_event(arena, entry);
    if (text)
        lines_write(lines, now, text);
    arena_destroy(arena);
}

/* A long silence is broken, so that a log shows that the run is alive. */
static void lines_tick(struct view *view, int64_t now)
{
    struct lines_view *lines = (struct lines_view *)view;
    const struct timeline_step *step = timeline_first(view->timeline, STEP_RUNNING);
    if (!step || now - lines->last < LINES_PATIENCE)
        return;
    struct arena *arena = arena_create();
    const char *progress = step->progress ? text_line(arena, step->progress) : "";
    lines_write(lines, now,
                arena_format(arena, "running %s (%s)%s%s", step->step->id,
                             phrase_duration(arena, now - step->started), progress[0] ? ": " : "",
                             progress));
    arena_destroy(arena);
}

struct view *view_create_lines(struct arena *arena, struct timeline *timeline, FILE *output)
{
    struct lines_view *lines = arena_allocate(arena, sizeof *lines);
    *lines = (struct lines_view){
        .view = {.event = lines_event, .tick = lines_tick, .timeline = timeline}, .output = output};
    return &lines->view;
}
