/* `preflight`: everything that can be found out before the first change, found out before the first
 * change. All that is found is told in one go. */
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "runtime/run.h"
#include "runtime/steps/preflight_private.h"

void preflight_find(struct preflight *preflight, const char *where, const struct error *error)
{
    if (preflight->finding_count++ == 0)
        preflight->outcome = error->outcome;
    buffer_format(&preflight->findings, "%s%s: %s%s%s%s",
                  preflight->findings.length > 0 ? "\n" : "", where, error->message,
                  error->help ? " (" : "", error->help ? error->help : "", error->help ? ")" : "");
    step_log(preflight->step, "%s: %s", where, error->message);
}

static void preflight_finish(struct preflight *preflight)
{
    struct step_run *step = preflight->step;
    struct value *effects = value_object(step->arena);
    if (preflight->source)
        value_set(step->arena, effects, "source", preflight->source);
    if (value_count(preflight->odoo) > 0)
        value_set(step->arena, effects, "odoo", preflight->odoo);
    if (value_count(preflight->addons) > 0)
        value_set(step->arena, effects, "addons", preflight->addons);
    const struct error *error = NULL;
    if (preflight->cancelled)
        error = error_create(step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    else if (preflight->finding_count > 0)
        error = error_create(step->arena, preflight->outcome, "nothing was changed",
                             "%zu %s in the way:\n%s", preflight->finding_count,
                             preflight->finding_count == 1 ? "thing is" : "things are",
                             buffer_string(&preflight->findings));
    step_finish(step, error, effects);
}

/* ---- every step's own preflight, one after the other ---- */

static void preflight_step_ended(struct step_run *ended, const struct error *error,
                                 struct value *effects)
{
    struct preflight *preflight = ended->owner;
    (void)effects;
    preflight->asked = NULL;
    if (error && !preflight->cancelled)
        preflight_find(preflight, ended->step->id, error);
    if (!preflight->asking) /* else the loop in preflight_ask_steps goes on */
        preflight_ask_steps(preflight);
}

/* Its memory goes with the preflight's own: its code may still be on the stack when it ends. */
static void release_step(void *object)
{
    step_destroy(object);
}

void preflight_ask_steps(struct preflight *preflight)
{
    const struct run *run = preflight->step->run;
    while (preflight->next < run->plan->step_count && !preflight->cancelled) {
        const struct compiled_step *compiled = &run->plan->steps[preflight->next++];
        const struct step_kind *kind = step_kind_find(compiled->kind);
        if (!kind || !kind->preflight ||
            (compiled->only && strcmp(compiled->only, mode_name(run->mode)) != 0))
            continue;
        struct step_run *step = step_create(preflight->step->run, compiled);
        arena_on_destroy(preflight->step->arena, release_step, step);
        if (step_kind_reason_to_skip(step))
            continue;
        step->finished = preflight_step_ended;
        step->owner = preflight;
        step->parent = preflight->step;
        preflight->asked = step;
        preflight->asking = true;
        kind->preflight(step);
        preflight->asking = false;
        if (preflight->asked)
            return; /* it ends later */
    }
    preflight_finish(preflight);
}

/* ---- what this build cannot execute ---- */

static void preflight_refuse_kinds(struct preflight *preflight)
{
    struct run *run = preflight->step->run;
    struct map *told = map_create(preflight->step->arena);
    for (size_t i = 0; i < run->plan->step_count; i++) {
        const struct compiled_step *compiled = &run->plan->steps[i];
        if (step_kind_find(compiled->kind) ||
            (compiled->only && strcmp(compiled->only, mode_name(run->mode)) != 0))
            continue;
        struct step_run *step = step_create(run, compiled);
        bool skipped = step_kind_reason_to_skip(step) != NULL;
        step_destroy(step);
        if (!skipped && map_add(told, compiled->kind, preflight))
            preflight_find(preflight, compiled->id,
                           error_create(preflight->step->arena, OUTCOME_REFUSED, NULL,
                                        "this build cannot execute steps of the kind %s",
                                        compiled->kind));
    }
}

/* ---- disk ---- */

static void preflight_check_disk(struct preflight *preflight)
{
    const struct run *run = preflight->step->run;
    int64_t available;
    if (run->environment->free_disk == 0 || !file_free_space(run->folder, &available))
        return;
    if (available < run->environment->free_disk)
        preflight_find(
            preflight, "limits.free_disk",
            error_create(preflight->step->arena, OUTCOME_FAILED, "free space",
                         "%lld MB are free where the run writes, %lld MB are to stay free",
                         (long long)available / 1048576,
                         (long long)run->environment->free_disk / 1048576));
}

static void preflight_release(void *object)
{
    struct preflight *preflight = object;
    buffer_release(&preflight->findings);
}

static void preflight_start(struct step_run *step)
{
    struct preflight *preflight = arena_allocate(step->arena, sizeof *preflight);
    arena_on_destroy(step->arena, preflight_release, preflight);
    preflight->step = step;
    preflight->odoo = value_object(step->arena);
    preflight->addons = value_object(step->arena);
    preflight->plan = (struct module_plan){.arena = step->arena,
                                           .spec = step->spec,
                                           .decisions = step->run->plan->modules,
                                           .modules = map_create(step->arena)};
    step->state = preflight;
    preflight_refuse_kinds(preflight);
    preflight_check_disk(preflight);
    preflight_read_source(preflight);
}

/* Every preflight of a step that takes its time is a conversation. */
static void preflight_cancel(struct step_run *step)
{
    struct preflight *preflight = step->state;
    preflight->cancelled = true;
    if (preflight->talk)
        conversation_stop(preflight->talk);
    if (preflight->surveying)
        survey_stop(preflight->surveying);
    if (preflight->server)
        session_cancel(preflight->server);
    if (preflight->asked && preflight->asked->state)
        conversation_cancel(preflight->asked);
}

const struct step_kind kind_preflight = {
    .name = "preflight",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .start = preflight_start,
    .cancel = preflight_cancel,
};
