#include <string.h>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "cli/command.h"
#include "runtime/journal.h"
#include "runtime/report/history.h"
#include "runtime/report/view.h"
#include "runtime/run_folder.h"

/* The journal told as the run was, with the journal's times. */
static void log_tell_journal(struct arena *arena, const struct past_run *run)
{
    struct view *view = view_create_lines(arena, timeline_create(arena, run->plan), stdout);
    for (size_t i = 0; i < value_count(run->journal); i++) {
        const struct value *entry = value_item(run->journal, i);
        int64_t at = 0;
        if (clock_read(value_get_string(entry, "at"), &at))
            view_event(view, entry, at);
    }
}

static void log_print_journal(const struct past_run *run)
{
    for (size_t i = 0; i < value_count(run->journal); i++)
        print_json(value_item(run->journal, i), JSON_COMPACT);
}

static const struct error *log_unknown_step(struct arena *arena, const struct past_run *run,
                                            const char *step)
{
    const char **ids = arena_allocate(arena, run->plan->step_count * sizeof *ids);
    for (size_t i = 0; i < run->plan->step_count; i++)
        ids[i] = run->plan->steps[i].id;
    const char *nearest = diagnostic_nearest(step, ids, run->plan->step_count);
    return error_create(arena, OUTCOME_USAGE,
                        nearest ? arena_format(arena, "did you mean `%s`?", nearest)
                                : "`drehbuch status` lists the steps",
                        "the plan has no step \"%s\"", step);
}

/* What the journal has of the step, in words. */
static void log_tell_step(struct arena *arena, const struct past_run *run, const char *step)
{
    struct timeline *timeline = timeline_create(arena, run->plan);
    struct view *view = view_create_lines(arena, timeline, stdout);
    for (size_t i = 0; i < value_count(run->journal); i++) {
        const struct value *entry = value_item(run->journal, i);
        const char *named = value_get_string(entry, "step");
        int64_t at = 0;
        if (named && strcmp(named, step) == 0 && clock_read(value_get_string(entry, "at"), &at))
            view_event(view, entry, at);
        else
            timeline_apply(timeline, entry);
    }
}

static const struct error *log_print_step(struct arena *arena, const struct past_run *run,
                                          const char *step)
{
    const struct compiled_plan *plan = run->plan;
    size_t index = 0;
    while (index < plan->step_count && strcmp(plan->steps[index].id, step) != 0)
        index++;
    if (index == plan->step_count)
        return log_unknown_step(arena, run, step);
    const char *path = run_folder_log_path(arena, run->folder, index, plan->steps[index].id);
    struct text text;
    log_tell_step(arena, run, step);
    if (!file_exists(path))
        return NULL; /* it printed nothing, or has not begun */
    const struct error *error = file_read(arena, path, SIZE_MAX / 2, &text);
    if (!error)
        fwrite(text.bytes, 1, text.length, stdout);
    return error;
}

static const struct error *log_run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct past_run run;
    const struct error *error = history_open(arena, invocation_operand(invocation, 0), &run);
    if (error)
        return error;
    const char *step = invocation_operand(invocation, 1);
    if (step)
        return log_print_step(arena, &run, step);
    if (invocation->json)
        log_print_journal(&run);
    else
        log_tell_journal(arena, &run);
    return NULL;
}

static const struct option log_options[] = {
    {.name = "json", .help = "the journal's entries as JSON lines"},
    {.name = NULL},
};

const struct command command_log = {
    .name = "log",
    .operands = "[RUN [STEP]]",
    .minimum = 0,
    .maximum = 2,
    .summary = "tell what happened in a run, or what one of its steps said",
    .description = "Verifies the run's journal and tells it, a line for each event. With a STEP "
                   "(its id, see `drehbuch status`): what became of that step, and what it printed "
                   "while it ran.\n\n"
                   "RUN is a run folder, or a folder of runs, whose latest is meant; default: "
                   "runs.",
    .example = "drehbuch log runs/latest 18.0/fix/close-dead-activities",
    .options = log_options,
    .run = log_run,
};
