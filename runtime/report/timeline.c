#include "runtime/report/timeline.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

struct timeline *timeline_create(struct arena *arena, const struct compiled_plan *plan)
{
    struct timeline *timeline = arena_allocate(arena, sizeof *timeline);
    *timeline = (struct timeline){.arena = arena, .plan = plan};
    timeline->steps = arena_allocate(arena, plan->step_count * sizeof *timeline->steps);
    timeline->finishes = arena_allocate(arena, plan->step_count * sizeof *timeline->finishes);
    timeline->positions = map_create(arena);
    timeline->counts[STEP_WAITING] = plan->step_count;
    for (size_t i = 0; i < plan->step_count; i++) {
        timeline->steps[i] = (struct timeline_step){.step = &plan->steps[i], .estimate = -1};
        map_add(timeline->positions, plan->steps[i].id, &timeline->steps[i]);
    }
    return timeline;
}

static struct timeline_step *timeline_find(const struct timeline *timeline, const char *id)
{
    return id ? map_get(timeline->positions, id) : NULL;
}

void timeline_expect(struct timeline *timeline, const struct value *record)
{
    const struct value *steps = value_get(record, "steps");
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value *item = value_item(steps, i);
        struct timeline_step *step = timeline_find(timeline, value_get_string(item, "id"));
        const char *result = value_get_string(item, "result");
        if (step && result && strcmp(result, "done") == 0)
            step->estimate = value_get_integer(item, "milliseconds", -1);
    }
}

static void timeline_move(struct timeline *timeline, struct timeline_step *step,
                          enum step_state state)
{
    timeline->counts[step->state]--;
    timeline->counts[state]++;
    step->state = state;
}

static int64_t timeline_time(const struct value *entry)
{
    const char *text = value_get_string(entry, "at");
    int64_t milliseconds = 0;
    return text && clock_read(text, &milliseconds) ? milliseconds : 0;
}

static enum step_state timeline_result(const struct value *entry)
{
    const char *result = value_get_string(entry, "result");
    if (result && strcmp(result, "done") == 0)
        return STEP_DONE;
    if (result && strcmp(result, "skipped") == 0)
        return STEP_SKIPPED;
    if (result && strcmp(result, "taken-over") == 0)
        return STEP_TAKEN_OVER;
    if (result && strcmp(result, "interrupted") == 0)
        return STEP_INTERRUPTED;
    return STEP_FAILED;
}

/* A copy of a member that is text, NULL where there is none. */
static const char *timeline_text(const struct timeline *timeline, const struct value *object,
                                 const char *key)
{
    const char *text = value_get_string(object, key);
    return text ? arena_copy(timeline->arena, text) : NULL;
}

/* Steps that a killed executor left running are none of the new one's. */
static void timeline_begin(struct timeline *timeline, const struct value *entry)
{
    timeline->process = value_get_integer(entry, "process", 0);
    timeline->host = timeline_text(timeline, entry, "host");
    timeline->began = timeline_time(entry);
    timeline->ended = 0;
    timeline->result = NULL;
    timeline->message = NULL;
    timeline->help = NULL;
    timeline->putting_back = timeline->put_back = false;
    for (size_t i = 0; timeline->counts[STEP_RUNNING] > 0 && i < timeline->plan->step_count; i++)
        if (timeline->steps[i].state == STEP_RUNNING)
            timeline_move(timeline, &timeline->steps[i], STEP_INTERRUPTED);
}

static void timeline_end(struct timeline *timeline, const struct value *entry)
{
    const struct value *error = value_get(entry, "error");
    timeline->ended = timeline_time(entry);
    timeline->result = timeline_text(timeline, entry, "result");
    timeline->message = timeline_text(timeline, error, "message");
    timeline->help = timeline_text(timeline, error, "help");
}

static void timeline_apply_to_run(struct timeline *timeline, const char *event,
                                  const struct value *entry)
{
    if (strcmp(event, "run-started") == 0) {
        timeline->run = timeline_text(timeline, entry, "run");
        timeline->environment = timeline_text(timeline, entry, "environment");
        timeline->mode = timeline_text(timeline, entry, "mode");
        timeline_begin(timeline, entry);
    } else if (strcmp(event, "run-resumed") == 0) {
        timeline_begin(timeline, entry);
    } else if (strcmp(event, "run-ended") == 0) {
        timeline_end(timeline, entry);
    } else if (strcmp(event, "warning") == 0) {
        timeline->warnings++;
    } else if (strcmp(event, "rollback-started") == 0) {
        timeline->putting_back = true;
        timeline->put_back = false;
    } else if (strcmp(event, "rollback-ended") == 0) {
        timeline->putting_back = false;
        timeline->put_back = true;
    }
}

static void timeline_set_progress(const struct timeline *timeline, struct timeline_step *step,
                                  const char *message)
{
    if (!step->progress)
        step->progress = arena_allocate(timeline->arena, TIMELINE_PROGRESS_SIZE);
    size_t length = utf8_cut(message, strlen(message), TIMELINE_PROGRESS_SIZE - 1);
    memcpy(step->progress, message, length);
    step->progress[length] = '\0';
}

static void timeline_apply_to_step(struct timeline *timeline, struct timeline_step *step,
                                   const char *event, const struct value *entry)
{
    if (strcmp(event, "step-started") == 0) {
        step->started = timeline_time(entry);
        step->progress = NULL;
        step->message = NULL;
        step->help = NULL;
        timeline_move(timeline, step, STEP_RUNNING);
    } else if (strcmp(event, "step-ended") == 0) {
        step->milliseconds = value_get_integer(entry, "milliseconds", 0);
        step->reason = timeline_text(timeline, entry, "reason");
        step->message = timeline_text(timeline, value_get(entry, "error"), "message");
        step->help = timeline_text(timeline, value_get(entry, "error"), "help");
        timeline_move(timeline, step, timeline_result(entry));
    } else if (strcmp(event, "step-undone") == 0) {
        timeline_move(timeline, step, STEP_UNDONE);
    } else if (strcmp(event, "progress") == 0 && value_get_string(entry, "message")) {
        timeline_set_progress(timeline, step, value_get_string(entry, "message"));
    }
}

struct timeline_step *timeline_apply(struct timeline *timeline, const struct value *entry)
{
    const char *event = value_get_string(entry, "event");
    if (!event)
        return NULL;
    timeline_apply_to_run(timeline, event, entry);
    struct timeline_step *step = timeline_find(timeline, value_get_string(entry, "step"));
    if (step)
        timeline_apply_to_step(timeline, step, event, entry);
    return step;
}

/* Whether the step has no work in this run's mode. */
static bool timeline_is_for_other_mode(const struct timeline *timeline,
                                       const struct timeline_step *step)
{
    return step->step->only && timeline->mode && strcmp(step->step->only, timeline->mode) != 0;
}

/* What is left of one step; -1: unknown. */
static int64_t timeline_left(const struct timeline *timeline, const struct timeline_step *step,
                             int64_t now)
{
    if (step->state == STEP_DONE || step->state == STEP_SKIPPED || step->state == STEP_TAKEN_OVER ||
        timeline_is_for_other_mode(timeline, step))
        return 0;
    if (step->estimate < 0 || step->state != STEP_RUNNING)
        return step->estimate;
    int64_t left = step->estimate - (now - step->started);
    return left > 0 ? left : 0;
}

struct timeline_forecast timeline_forecast(const struct timeline *timeline, int64_t now)
{
    struct timeline_forecast forecast = {.complete = true};
    for (size_t i = 0; i < timeline->plan->step_count; i++) {
        const struct timeline_step *step = &timeline->steps[i];
        int64_t left = timeline_left(timeline, step, now);
        if (left < 0)
            forecast.complete = false;
        else if (step->estimate >= 0)
            forecast.known = true;
        int64_t start = 0;
        for (size_t n = 0; n < step->step->need_count; n++) {
            int64_t finish = timeline->finishes[step->step->needs[n]];
            start = finish > start ? finish : start;
        }
        timeline->finishes[i] = start + (left > 0 ? left : 0);
        if (timeline->finishes[i] > forecast.milliseconds)
            forecast.milliseconds = timeline->finishes[i];
    }
    return forecast;
}

size_t timeline_ended(const struct timeline *timeline)
{
    return timeline->plan->step_count - timeline->counts[STEP_WAITING] -
           timeline->counts[STEP_RUNNING];
}

const struct timeline_step *timeline_first(const struct timeline *timeline, enum step_state state)
{
    for (size_t i = 0; timeline->counts[state] > 0 && i < timeline->plan->step_count; i++)
        if (timeline->steps[i].state == state)
            return &timeline->steps[i];
    return NULL;
}
