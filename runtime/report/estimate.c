#include "runtime/report/estimate.h"

#include <stdlib.h>
#include <string.h>

#include "base/text_line.h"
#include "runtime/facts.h"
#include "runtime/outside.h"
#include "runtime/report/phrase.h"
#include "runtime/steps/kind.h"

#define SHOWN 10 /* steps that are told each for itself: the longest */

struct asking {
    struct value *facts;
    const struct error *error;
};

static void estimate_know_source(void *context, struct value *facts, const struct error *error)
{
    struct asking *asking = context;
    asking->facts = facts;
    asking->error = error;
}

static bool estimate_grows(const struct compiled_step *step)
{
    const struct step_kind *kind = step_kind_find(step->kind);
    if (strcmp(step->kind, "wait") == 0 || strcmp(step->kind, "check.http") == 0 || !kind)
        return false;
    return kind->resource != RESOURCE_SERVICE && kind->resource != RESOURCE_PERSON;
}

/* Whether the step has something to do in this environment. */
static bool estimate_is_run(const struct estimate *estimate, const struct timeline_step *step)
{
    struct step_run asked = {
        .run = estimate->run, .step = step->step, .arena = estimate->run->arena, .log = -1};
    if (step->step->only && strcmp(step->step->only, estimate->timeline->mode) != 0)
        return false;
    return step_kind_reason_to_skip(&asked) == NULL;
}

static void estimate_scale(struct estimate *estimate)
{
    struct timeline *timeline = estimate->timeline;
    for (size_t i = 0; i < timeline->plan->step_count; i++) {
        struct timeline_step *step = &timeline->steps[i];
        if (!estimate_is_run(estimate, step))
            step->estimate = 0;
        else if (step->estimate >= 0 && estimate_grows(step->step))
            step->estimate = (int64_t)((double)step->estimate * estimate->factor);
    }
}

const struct error *estimate_make(struct arena *arena, uv_loop_t *loop,
                                  const struct compiled_plan *plan,
                                  const struct environment *environment, struct value *record,
                                  struct estimate *estimate)
{
    struct asking asking = {0};
    if (strcmp(value_get_string(record, "plan"), plan->digest) != 0)
        return error_create(arena, OUTCOME_REFUSED, "name the record of a rehearsal of this plan",
                            "the record is of another plan");
    struct run *run = run_outside(arena, loop, environment, "drehbuch estimate");
    facts_read(run, arena, &environment->source, estimate_know_source, &asking);
    uv_run(loop, UV_RUN_DEFAULT);
    if (asking.error)
        return asking.error;
    int64_t then = value_get_integer(value_get(record, "source"), "size", 0);
    int64_t now = value_get_integer(asking.facts, "size", 0);
    *estimate = (struct estimate){.plan = plan,
                                  .environment = environment,
                                  .record = record,
                                  .facts = asking.facts,
                                  .run = run,
                                  .factor = then > 0 && now > 0 ? (double)now / (double)then : 1,
                                  .timeline = timeline_create(arena, plan)};
    timeline_expect(estimate->timeline, record);
    estimate->timeline->mode = mode_name(environment->mode);
    estimate_scale(estimate);
    estimate->total = timeline_forecast(estimate->timeline, 0);
    return NULL;
}

/* ---- for people ---- */

static int compare_estimates(const void *left, const void *right)
{
    const struct timeline_step *first = *(const struct timeline_step *const *)left;
    const struct timeline_step *second = *(const struct timeline_step *const *)right;
    if (first->estimate != second->estimate)
        return first->estimate > second->estimate ? -1 : 1;
    return first < second ? -1 : 1;
}

/* The steps that are run and of which something is known, the longest first. */
static size_t estimate_sort(struct arena *arena, const struct estimate *estimate,
                            const struct timeline_step ***sorted)
{
    const struct timeline *timeline = estimate->timeline;
    size_t count = 0;
    *sorted = arena_allocate(arena, (timeline->plan->step_count + 1) * sizeof **sorted);
    for (size_t i = 0; i < timeline->plan->step_count; i++)
        if (estimate_is_run(estimate, &timeline->steps[i]) && timeline->steps[i].estimate >= 0)
            (*sorted)[count++] = &timeline->steps[i];
    qsort((void *)*sorted, count, sizeof **sorted, compare_estimates);
    return count;
}

static const char *estimate_of_window(struct arena *arena, const struct estimate *estimate)
{
    int64_t window = estimate->environment->window;
    if (window == 0)
        return "";
    int64_t spare = window - estimate->total.milliseconds;
    return arena_format(arena, "; the window of %s %s by %s", phrase_duration(arena, window),
                        spare >= 0 ? "is longer" : "is TOO SHORT",
                        phrase_duration(arena, spare >= 0 ? spare : -spare));
}

static void estimate_write_unknown(struct buffer *output, const struct estimate *estimate)
{
    const struct timeline *timeline = estimate->timeline;
    size_t count = 0;
    for (size_t i = 0; i < timeline->plan->step_count; i++) {
        const struct timeline_step *step = &timeline->steps[i];
        if (estimate_is_run(estimate, step) && step->estimate < 0)
            buffer_format(output, "%s%s", count++ == 0 ? "not known  " : ", ", step->step->id);
    }
    if (count > 0)
        buffer_append_string(output, ": not rehearsed, or skipped there\n");
}

static void estimate_write_steps(struct buffer *output, struct arena *arena,
                                 const struct estimate *estimate)
{
    const struct timeline_step **steps;
    size_t count = estimate_sort(arena, estimate, &steps);
    int64_t sum = 0, rest = 0;
    int width = 0;
    for (size_t i = 0; i < count; i++) {
        sum += steps[i]->estimate;
        rest += i >= SHOWN ? steps[i]->estimate : 0;
        int length = (int)strlen(steps[i]->step->id);
        width = i < SHOWN && length > width ? length : width;
    }
    for (size_t i = 0; i < count && i < SHOWN; i++)
        buffer_format(output, "  %-*s  %12s  %3d %%\n", width, steps[i]->step->id,
                      phrase_duration(arena, steps[i]->estimate),
                      sum > 0 ? (int)(steps[i]->estimate * 100 / sum) : 0);
    if (count > SHOWN)
        buffer_format(output, "  and %s, %s together\n",
                      phrase_count(arena, (int64_t)(count - SHOWN), "shorter step", NULL),
                      phrase_duration(arena, rest));
}

void estimate_write(struct buffer *output, const struct estimate *estimate)
{
    struct arena *arena = arena_create();
    const struct value *record = estimate->record;
    int64_t then = value_get_integer(value_get(record, "source"), "size", 0);
    buffer_format(output, "%s, in %s (%s)\n\n", text_line(arena, estimate->plan->title),
                  estimate->environment->name, estimate->timeline->mode);
    buffer_format(output, "rehearsal  %s, on a source of %s\n", value_get_string(record, "run"),
                  phrase_size(arena, then));
    buffer_format(output, "source     database %s, %s: %.2f times that\n",
                  value_get_string(estimate->facts, "database"),
                  phrase_size(arena, value_get_integer(estimate->facts, "size", 0)),
                  estimate->factor);
    buffer_format(output, "expected   %s%s%s\n", estimate->total.complete ? "about " : "at least ",
                  phrase_duration(arena, estimate->total.milliseconds),
                  estimate_of_window(arena, estimate));
    estimate_write_steps(output, arena, estimate);
    estimate_write_unknown(output, estimate);
    arena_destroy(arena);
}

struct value *estimate_value(struct arena *arena, const struct estimate *estimate)
{
    struct value *document = value_object(arena), *steps = value_array(arena);
    value_set(arena, document, "milliseconds", value_integer(arena, estimate->total.milliseconds));
    value_set(arena, document, "complete", value_boolean(arena, estimate->total.complete));
    value_set(arena, document, "source", (struct value *)estimate->facts);
    value_set(arena, document, "rehearsal",
              value_string(arena, value_get_string(estimate->record, "run")));
    if (estimate->environment->window > 0)
        value_set(arena, document, "window", value_integer(arena, estimate->environment->window));
    for (size_t i = 0; i < estimate->plan->step_count; i++) {
        const struct timeline_step *step = &estimate->timeline->steps[i];
        struct value *item = value_object(arena);
        if (!estimate_is_run(estimate, step))
            continue;
        value_set(arena, item, "id", value_string(arena, step->step->id));
        if (step->estimate >= 0)
            value_set(arena, item, "milliseconds", value_integer(arena, step->estimate));
        value_append(arena, steps, item);
    }
    value_set(arena, document, "steps", steps);
    return document;
}
