/* `manual`: what a person has to do, and confirm. */
#include <string.h>

#include "runtime/steps/kinds.h"

static void manual_ask(struct step_run *step);

static void manual_answered(void *context, const char *answer)
{
    struct step_run *step = context;
    if (answer && strcmp(answer, "done") == 0) {
        step_finish(step, NULL, NULL);
    } else if (!answer || strcmp(answer, "stop") == 0) {
        step_finish(step,
                    error_create(step->arena, OUTCOME_INTERRUPTED, "do it, then resume the run",
                                 "it was not confirmed"),
                    NULL);
    } else {
        manual_ask(step);
    }
}

static void manual_ask(struct step_run *step)
{
    const struct run *run = step->run;
    run->ask(run->ask_context,
             arena_format(step->arena, "%s\nType `done` when it is done, `stop` to stop the run: ",
                          value_get_string(step->spec, "instruction")),
             manual_answered, step);
}

static void manual_preflight(struct step_run *step)
{
    const struct run *run = step->run;
    const struct error *error = NULL;
    if (!run->ask && !run->confirm_manual)
        error = error_create(step->arena, OUTCOME_FAILED,
                             "run it at a terminal, or with --confirm-manual",
                             "a person has to do this, and nobody can be asked: %s",
                             value_get_string(step->spec, "instruction"));
    step_finish(step, error, NULL);
}

static void manual_start(struct step_run *step)
{
    const struct run *run = step->run;
    if (run->confirm_manual)
        step_finish(step, NULL, NULL);
    else if (run->ask)
        manual_ask(step);
    else
        step_finish(step,
                    error_create(
                        step->arena, OUTCOME_FAILED,
                        "do it, then resume with --confirm-manual, or resume at a terminal",
                        "a person has to do this: %s", value_get_string(step->spec, "instruction")),
                    NULL);
}

/* The question is withdrawn by who hears that the step has ended. */
static void manual_cancel(struct step_run *step)
{
    step_finish(step,
                error_create(step->arena, OUTCOME_INTERRUPTED, "do it, then resume the run",
                             "it was not confirmed"),
                NULL);
}

const struct step_kind kind_manual = {
    .name = "manual",
    .resource = RESOURCE_PERSON,
    .nature = nature_repeatable,
    .preflight = manual_preflight,
    .start = manual_start,
    .cancel = manual_cancel,
};
