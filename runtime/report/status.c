#include "runtime/report/status.h"
#include "base/shell_word.h"
#include "base/text_line.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/report/phrase.h"

static const char *const status_words[STEP_STATE_COUNT] = {[STEP_WAITING] = "waiting",
                                                           [STEP_RUNNING] = "running",
                                                           [STEP_DONE] = "done",
                                                           [STEP_FAILED] = "failed",
                                                           [STEP_SKIPPED] = "skipped",
                                                           [STEP_INTERRUPTED] = "interrupted",
                                                           [STEP_TAKEN_OVER] = "taken over",
                                                           [STEP_UNDONE] = "taken back"};

static const char *status_of_run(struct arena *arena, const struct past_run *run, int64_t now)
{
    const struct timeline *timeline = run->timeline;
    const char *began = phrase_time_of_day(arena, timeline->began, now);
    switch (history_state(run)) {
    case PAST_RUN_ENDED:
        return arena_format(arena, "ended %s: %s", phrase_time_of_day(arena, timeline->ended, now),
                            timeline->result ? timeline->result : "");
    case PAST_RUN_RUNNING:
        return arena_format(arena, "running since %s, as process %" PRId64, began,
                            timeline->process);
    case PAST_RUN_AWAY:
        return arena_format(arena, "begun %s on %s, as process %" PRId64 ": look there", began,
                            timeline->host ? timeline->host : "another machine", timeline->process);
    case PAST_RUN_GONE:
        break;
    }
    return arena_format(arena, "killed: process %" PRId64 " is gone, and the run has not ended",
                        timeline->process);
}

static bool status_can_resume(const struct past_run *run)
{
    enum past_run_state state = history_state(run);
    const char *result = run->timeline->result;
    if (run->timeline->putting_back || run->timeline->put_back)
        return false;
    return state == PAST_RUN_GONE ||
           (state == PAST_RUN_ENDED && result &&
            (strcmp(result, "failed") == 0 || strcmp(result, "interrupted") == 0));
}

static void status_line(struct buffer *output, const char *label, const char *text)
{
    if (text && text[0])
        buffer_format(output, "%-9s%s\n", label, text);
}

static const char *status_counts(struct arena *arena, const struct timeline *timeline)
{
    const char *text = arena_format(arena, "%zu of %zu done", timeline->counts[STEP_DONE],
                                    timeline->plan->step_count);
    for (size_t state = 0; state < STEP_STATE_COUNT; state++)
        if (state != STEP_DONE && timeline->counts[state] > 0)
            text = arena_format(arena, "%s, %zu %s", text, timeline->counts[state],
                                status_words[state]);
    return text;
}

/* What there is to say about a step behind its name. */
static const char *status_detail(struct arena *arena, const struct timeline_step *step, int64_t now)
{
    const char *expected =
        step->estimate >= 0
            ? arena_format(arena, "about %s", phrase_duration(arena, step->estimate))
            : "";
    switch (step->state) {
    case STEP_WAITING:
        return expected;
    case STEP_RUNNING:
        return arena_format(arena, "%s%s%s", phrase_clock(arena, now - step->started),
                            expected[0] ? " of " : "", expected);
    case STEP_TAKEN_OVER:
        return "";
    case STEP_SKIPPED:
        return step->reason ? step->reason : "";
    case STEP_FAILED:
        return step->message ? text_line(arena, step->message) : "";
    default:
        return phrase_duration(arena, step->milliseconds);
    }
}

static void status_write_steps(struct buffer *output, const struct timeline *timeline, int64_t now,
                               const struct terminal *terminal)
{
    static const enum terminal_tone tones[STEP_STATE_COUNT] = {
        [STEP_WAITING] = TERMINAL_FAINT,   [STEP_RUNNING] = TERMINAL_WARNING,
        [STEP_DONE] = TERMINAL_GOOD,       [STEP_FAILED] = TERMINAL_BAD,
        [STEP_SKIPPED] = TERMINAL_FAINT,   [STEP_INTERRUPTED] = TERMINAL_WARNING,
        [STEP_TAKEN_OVER] = TERMINAL_GOOD, [STEP_UNDONE] = TERMINAL_WARNING};
    struct arena *arena = arena_create();
    for (size_t i = 0; i < timeline->plan->step_count; i++) {
        const struct timeline_step *step = &timeline->steps[i];
        const char *detail = status_detail(arena, step, now);
        buffer_format(output, "%s%-11s%s %s%s%s\n", terminal_paint(terminal, tones[step->state]),
                      status_words[step->state], terminal_plain(terminal, tones[step->state]),
                      step->step->id, detail[0] ? "  " : "", detail);
    }
    arena_destroy(arena);
}

void status_write(struct buffer *output, const struct past_run *run, int64_t now,
                  const struct terminal *terminal)
{
    const struct timeline *timeline = run->timeline;
    struct arena *arena = arena_create();
    buffer_format(output, "%s\n\n", text_line(arena, run->plan->title));
    status_line(output, "run", timeline->run);
    status_line(output, "where",
                arena_format(arena, "%s (%s)", timeline->environment ? timeline->environment : "?",
                             timeline->mode ? timeline->mode : "?"));
    status_line(output, "state", status_of_run(arena, run, now));
    status_line(output, "steps", status_counts(arena, timeline));
    if (timeline->put_back)
        status_line(output, "publish", "taken back: everything has the names it had before");
    else if (timeline->putting_back)
        status_line(output, "publish",
                    arena_format(arena, "not yet taken back: drehbuch rollback %s goes on",
                                 shell_word_quote(arena, run->folder)));
    if (history_state(run) == PAST_RUN_RUNNING)
        status_line(output, "left", phrase_forecast(arena, timeline_forecast(timeline, now), now));
    status_line(output, "error", timeline->message ? text_line(arena, timeline->message) : NULL);
    status_line(output, "help", timeline->help);
    if (status_can_resume(run))
        status_line(
            output, "next",
            arena_format(arena, "drehbuch resume %s", shell_word_quote(arena, run->folder)));
    buffer_append_character(output, '\n');
    status_write_steps(output, timeline, now, terminal);
    arena_destroy(arena);
}

static void status_set_text(struct arena *arena, struct value *object, const char *key,
                            const char *text)
{
    if (text)
        value_set(arena, object, key, value_string(arena, text));
}

static void status_set_error(struct arena *arena, struct value *object, const char *message,
                             const char *help)
{
    if (!message)
        return;
    struct value *error = value_object(arena);
    status_set_text(arena, error, "message", message);
    status_set_text(arena, error, "help", help);
    value_set(arena, object, "error", error);
}

static struct value *status_step_value(struct arena *arena, const struct timeline_step *step)
{
    struct value *item = value_object(arena);
    status_set_text(arena, item, "id", step->step->id);
    status_set_text(arena, item, "kind", step->step->kind);
    status_set_text(arena, item, "state", status_words[step->state]);
    if (step->state != STEP_WAITING && step->state != STEP_RUNNING)
        value_set(arena, item, "milliseconds", value_integer(arena, step->milliseconds));
    if (step->estimate >= 0)
        value_set(arena, item, "estimate", value_integer(arena, step->estimate));
    status_set_text(arena, item, "reason", step->reason);
    status_set_error(arena, item, step->message, step->help);
    return item;
}

struct value *status_value(struct arena *arena, const struct past_run *run, int64_t now)
{
    static const char *const states[] = {[PAST_RUN_RUNNING] = "running",
                                         [PAST_RUN_ENDED] = "ended",
                                         [PAST_RUN_GONE] = "killed",
                                         [PAST_RUN_AWAY] = "elsewhere"};
    const struct timeline *timeline = run->timeline;
    struct value *document = value_object(arena);
    status_set_text(arena, document, "run", timeline->run);
    status_set_text(arena, document, "folder", run->folder);
    status_set_text(arena, document, "title", run->plan->title);
    status_set_text(arena, document, "environment", timeline->environment);
    status_set_text(arena, document, "mode", timeline->mode);
    status_set_text(arena, document, "state", states[history_state(run)]);
    status_set_text(arena, document, "host", timeline->host);
    value_set(arena, document, "process", value_integer(arena, timeline->process));
    status_set_text(arena, document, "result", timeline->result);
    status_set_error(arena, document, timeline->message, timeline->help);
    struct value *counts = value_object(arena);
    for (size_t state = 0; state < STEP_STATE_COUNT; state++)
        value_set(arena, counts, status_words[state],
                  value_integer(arena, (int64_t)timeline->counts[state]));
    value_set(arena, document, "counts", counts);
    struct timeline_forecast forecast = timeline_forecast(timeline, now);
    if (history_state(run) == PAST_RUN_RUNNING && forecast.known) {
        struct value *left = value_object(arena);
        value_set(arena, left, "milliseconds", value_integer(arena, forecast.milliseconds));
        value_set(arena, left, "complete", value_boolean(arena, forecast.complete));
        value_set(arena, document, "forecast", left);
    }
    struct value *steps = value_array(arena);
    for (size_t i = 0; i < timeline->plan->step_count; i++)
        value_append(arena, steps, status_step_value(arena, &timeline->steps[i]));
    value_set(arena, document, "steps", steps);
    return document;
}
