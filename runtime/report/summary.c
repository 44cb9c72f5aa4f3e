#include "runtime/report/summary.h"

#include <string.h>

#include "base/json.h"
#include "base/shell_word.h"
#include "base/text_line.h"
#include "runtime/report/phrase.h"

/* Summary lines have a label in front, so that the eye finds them. */
static void summary_line(struct buffer *output, const char *label, const char *text)
{
    buffer_format(output, "  %-9s", label);
    while (*text) {
        size_t length = strcspn(text, "\n");
        buffer_append(output, text, length);
        buffer_append_character(output, '\n');
        text += length;
        if (*text == '\n' && *++text)
            buffer_format(output, "%*s", 11, "");
    }
}

static void summary_title(struct buffer *output, const struct summary *summary,
                          enum terminal_tone tone, const char *text)
{
    buffer_format(output, "\n%s%s%s\n\n", terminal_paint(summary->terminal, tone), text,
                  terminal_plain(summary->terminal, tone));
}

/* A command to be typed, on a line of its own. */
static void summary_command(struct buffer *output, const char *text)
{
    buffer_format(output, "             %s\n", text);
}

static bool summary_result_is(const struct summary *summary, const char *result)
{
    return summary->timeline->result && strcmp(summary->timeline->result, result) == 0;
}

static bool summary_is_production(const struct summary *summary)
{
    return summary->timeline->mode && strcmp(summary->timeline->mode, "production") == 0;
}

/* Whether a step has begun that puts the result in the source's place. */
static bool summary_has_published(const struct timeline *timeline)
{
    static const char *const kinds[] = {"database.rename", "filestore.rename", "service.start"};
    for (size_t i = 0; i < timeline->plan->step_count; i++) {
        const struct timeline_step *step = &timeline->steps[i];
        if (strcmp(step->step->phase, "publish") != 0 || step->state == STEP_WAITING ||
            step->state == STEP_SKIPPED)
            continue;
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            if (strcmp(step->step->kind, kinds[k]) == 0)
                return true;
    }
    return false;
}

static void summary_steps(struct buffer *output, struct arena *arena,
                          const struct timeline *timeline)
{
    const char *text = arena_format(arena, "%zu of %zu done", timeline->counts[STEP_DONE],
                                    timeline->plan->step_count);
    if (timeline->counts[STEP_SKIPPED] > 0)
        text = arena_format(arena, "%s, %zu skipped", text, timeline->counts[STEP_SKIPPED]);
    if (timeline->counts[STEP_TAKEN_OVER] > 0)
        text = arena_format(arena, "%s, %zu taken over from a checkpoint", text,
                            timeline->counts[STEP_TAKEN_OVER]);
    size_t rest = timeline->counts[STEP_WAITING] + timeline->counts[STEP_INTERRUPTED];
    if (rest > 0)
        text = arena_format(arena, "%s, %zu not done", text, rest);
    summary_line(output, "steps", text);
    if (timeline->warnings > 0)
        summary_line(output, "warnings",
                     phrase_count(arena, (int64_t)timeline->warnings, "warning", NULL));
}

static const struct timeline_step *summary_find(const struct timeline *timeline, const char *kind,
                                                enum step_state state)
{
    for (size_t i = 0; timeline->counts[state] > 0 && i < timeline->plan->step_count; i++)
        if (timeline->steps[i].state == state && strcmp(timeline->steps[i].step->kind, kind) == 0)
            return &timeline->steps[i];
    return NULL;
}

/* The service was stopped before the copy, and nothing has started it since. */
static bool summary_service_is_stopped(const struct timeline *timeline)
{
    return summary_find(timeline, "service.stop", STEP_DONE) &&
           !summary_find(timeline, "service.start", STEP_DONE);
}

static void summary_publish(struct buffer *output, struct arena *arena,
                            const struct summary *summary, bool complete)
{
    const struct timeline *timeline = summary->timeline;
    if (complete)
        summary_line(output, "result",
                     arena_format(arena, "database %s, published", summary->published));
    else if (timeline->put_back)
        summary_line(output, "publish", "put back: everything has the names it had before");
    else if (timeline->putting_back)
        summary_line(output, "publish", "NOT put back: see the warnings");
    else
        summary_line(output, "publish", "begun: the live service and names may have changed");
}

static void summary_databases(struct buffer *output, struct arena *arena,
                              const struct summary *summary, bool complete)
{
    if (summary_has_published(summary->timeline)) {
        summary_publish(output, arena, summary, complete);
        return;
    }
    if (summary_service_is_stopped(summary->timeline))
        summary_line(output, "service", "stopped, since before the copy");
    if (complete)
        summary_line(output, "result", arena_format(arena, "database %s", summary->work));
    summary_line(output, "source",
                 arena_format(arena, "database %s was only read by this run", summary->source));
}

#define SUMMARY_VALUE_SIZE 60 /* bytes of a differing value that are shown */

/* A value in one short piece: "12", "nothing", "{\"inserted\":3}". */
static const char *summary_value(struct arena *arena, const struct value *value)
{
    if (!value)
        return "nothing";
    struct buffer text = {0};
    json_write(&text, value, JSON_COMPACT);
    const char *shown =
        text.length > SUMMARY_VALUE_SIZE
            ? arena_format(arena, "%.*s...", SUMMARY_VALUE_SIZE, buffer_string(&text))
            : arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return shown;
}

/* Where the record says that production did other things than the rehearsal. */
static void summary_drift(struct buffer *output, struct arena *arena, const struct value *record)
{
    const struct value *drift = value_get(record, "drift");
    if (!drift)
        return;
    if (value_count(drift) == 0)
        summary_line(output, "drift", "none: every step did what it had done in the rehearsal");
    for (size_t i = 0; i < value_count(drift); i++) {
        const struct value *item = value_item(drift, i);
        summary_line(output, i == 0 ? "drift" : "",
                     arena_format(arena, "%s: %s was %s in the rehearsal, %s now",
                                  value_get_string(item, "step"), value_get_string(item, "what"),
                                  summary_value(arena, value_get(item, "rehearsal")),
                                  summary_value(arena, value_get(item, "production"))));
    }
}

static void summary_rollback(struct buffer *output, struct arena *arena,
                             const struct summary *summary, const char *label, const char *what)
{
    summary_line(output, label, what);
    summary_command(output, arena_format(arena, "drehbuch rollback %s",
                                         shell_word_quote(arena, summary->folder)));
}

static void summary_done(struct buffer *output, struct arena *arena, const struct summary *summary)
{
    const struct timeline *timeline = summary->timeline;
    bool production = summary_is_production(summary);
    const char *title = arena_format(arena, "Done: %s in %s (%s).",
                                     production ? "performed" : "rehearsed", timeline->environment,
                                     phrase_duration(arena, timeline->ended - timeline->began));
    summary_title(output, summary, TERMINAL_GOOD, title);
    summary_steps(output, arena, timeline);
    summary_databases(output, arena, summary, true);
    summary_drift(output, arena, summary->record);
    const char *record =
        shell_word_quote(arena, arena_format(arena, "%s/run.json", summary->folder));
    summary_line(output, "record", record);
    if (summary_has_published(timeline))
        summary_rollback(output, arena, summary, "way back",
                         "puts everything back as it was before:");
    if (production)
        return;
    if (value_get(summary->record, "checkpoint")) {
        summary_line(output, "next", "rehearse it once from the start: only that can be approved");
        summary_command(output, arena_format(arena, "drehbuch run %s -e ENVIRONMENT --fresh",
                                             shell_word_quote(arena, summary->compiled)));
        return;
    }
    summary_line(output, "next", "when the customer has tried it and agrees:");
    summary_command(
        output, arena_format(arena, "drehbuch approve %s --by NAME%s", record,
                             value_count(timeline->plan->acceptance) > 0 ? " --all-passed" : ""));
    summary_line(output, "", "then, in production:");
    summary_command(output, arena_format(arena, "drehbuch run %s -e ENVIRONMENT --rehearsal %s",
                                         shell_word_quote(arena, summary->compiled), record));
}

static void summary_why(struct buffer *output, const char *message, const char *help)
{
    if (message)
        summary_line(output, "why", message);
    if (help)
        summary_line(output, "help", help);
}

static void summary_resume(struct buffer *output, struct arena *arena,
                           const struct summary *summary, const char *when)
{
    const struct timeline *timeline = summary->timeline;
    if (timeline->putting_back) {
        summary_rollback(output, arena, summary, "next", "see to what is in its way, then:");
        return;
    }
    if (timeline->put_back && summary_is_production(summary)) {
        summary_line(output, "next", "mend the cause, then begin a new run");
        return;
    }
    summary_line(output, "next", when);
    summary_command(output, arena_format(arena, "drehbuch resume %s",
                                         shell_word_quote(arena, summary->folder)));
    if (summary_service_is_stopped(timeline) || summary_has_published(timeline))
        summary_rollback(output, arena, summary, "",
                         "or give it up, and have the service run as before:");
    else if (!summary_is_production(summary))
        summary_line(output, "", "or change the plan, compile it and run it from the start");
    else
        summary_line(output, "", "or leave it: nothing of the live system has changed");
}

/* Checks that failed beside the first. */
static void summary_other_failures(struct buffer *output, struct arena *arena,
                                   const struct timeline *timeline,
                                   const struct timeline_step *first)
{
    const char *label = "also";
    for (size_t i = 0; i < timeline->plan->step_count; i++) {
        const struct timeline_step *step = &timeline->steps[i];
        if (step->state != STEP_FAILED || step == first)
            continue;
        summary_line(output, label,
                     arena_format(arena, "%s: %s", step->step->id,
                                  step->message ? text_line(arena, step->message) : ""));
        label = "";
    }
}

/* What went wrong beside the step, as where a resumed run could not even begin it again. */
static void summary_beside(struct buffer *output, struct arena *arena,
                           const struct timeline *timeline, const struct timeline_step *failed)
{
    const char *message = timeline->message;
    bool told = !message || strncmp(message, failed->step->id, strlen(failed->step->id)) == 0 ||
                (failed->message && strstr(failed->message, message));
    if (!told)
        summary_line(output, "and then", text_line(arena, message));
}

static void summary_failed(struct buffer *output, struct arena *arena,
                           const struct summary *summary)
{
    const struct timeline *timeline = summary->timeline;
    const struct timeline_step *failed = timeline_first(timeline, STEP_FAILED);
    const char *title = "Stopped.";
    if (failed && timeline->counts[STEP_FAILED] > 1)
        title = arena_format(
            arena, "Stopped: %s and %s failed.", failed->step->id,
            phrase_count(arena, (int64_t)timeline->counts[STEP_FAILED] - 1, "other", NULL));
    else if (failed)
        title = arena_format(arena, "Stopped: %s failed.", failed->step->id);
    summary_title(output, summary, TERMINAL_BAD, title);
    if (failed) {
        summary_why(output, failed->message, failed->help);
        summary_beside(output, arena, timeline, failed);
        if (strcmp(failed->step->origin, "drehbuch") != 0)
            summary_line(output, "where", failed->step->origin);
        summary_line(output, "log",
                     arena_format(arena, "drehbuch log %s %s",
                                  shell_word_quote(arena, summary->folder),
                                  shell_word_quote(arena, failed->step->id)));
        summary_other_failures(output, arena, timeline, failed);
    } else {
        summary_why(output, timeline->message, timeline->help);
    }
    summary_steps(output, arena, timeline);
    summary_databases(output, arena, summary, false);
    summary_resume(output, arena, summary, "mend the cause, then go on where it stopped:");
}

static void summary_interrupted(struct buffer *output, struct arena *arena,
                                const struct summary *summary)
{
    summary_title(output, summary, TERMINAL_WARNING, "Interrupted.");
    summary_steps(output, arena, summary->timeline);
    summary_databases(output, arena, summary, false);
    summary_resume(output, arena, summary, "go on where it stopped:");
}

static void summary_refused(struct buffer *output, struct arena *arena,
                            const struct summary *summary)
{
    bool began = summary->timeline->counts[STEP_DONE] > 0;
    summary_title(output, summary, TERMINAL_BAD,
                  began ? "Refused to go on." : "Refused: nothing was changed.");
    summary_why(output, summary->timeline->message, summary->timeline->help);
    summary_steps(output, arena, summary->timeline);
    summary_databases(output, arena, summary, false);
    if (began)
        summary_resume(output, arena, summary, "when that is settled, go on where it stopped:");
}

void summary_write(struct buffer *output, const struct summary *summary)
{
    struct arena *arena = arena_create();
    if (summary_result_is(summary, "done"))
        summary_done(output, arena, summary);
    else if (summary_result_is(summary, "interrupted"))
        summary_interrupted(output, arena, summary);
    else if (summary_result_is(summary, "refused"))
        summary_refused(output, arena, summary);
    else
        summary_failed(output, arena, summary);
    arena_destroy(arena);
}
