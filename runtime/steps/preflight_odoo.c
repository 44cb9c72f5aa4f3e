/* Odoo of every version that the plan needs it of: does it start, is it of that series, what is on
 * its addons paths. */
#include <string.h>

#include "runtime/run.h"
#include "runtime/steps/preflight_private.h"

/* ---- which versions ---- */

static struct preflight_version *find_version(struct preflight *preflight, const char *series)
{
    for (size_t i = 0; i < preflight->version_count; i++)
        if (strcmp(preflight->versions[i].series, series) == 0)
            return &preflight->versions[i];
    return NULL;
}

/* Notes that the step needs Odoo, where it does. */
static void add_step(struct preflight *preflight, const struct compiled_step *step)
{
    const struct step_kind *kind = step_kind_find(step->kind);
    if (!kind || !kind->odoo ||
        (step->only && strcmp(step->only, mode_name(preflight->step->run->mode)) != 0))
        return;
    struct preflight_version *version =
        find_version(preflight, value_get_string(step->spec, kind->odoo));
    if (!version)
        return;
    if (version->step_count++ == 0)
        version->first_step = step->id;
    version->hop = version->hop || strcmp(step->kind, "hop.openupgrade") == 0;
}

static void list_versions(struct preflight *preflight)
{
    struct step_run *step = preflight->step;
    const struct value *versions = value_get(step->spec, "versions");
    size_t count = value_count(versions);
    preflight->versions = arena_allocate(step->arena, (count + 1) * sizeof *preflight->versions);
    for (size_t i = 0; i < count; i++)
        preflight->versions[preflight->version_count++] = (struct preflight_version){
            .series = value_as_string(value_item(versions, i)), .index = i};
    for (size_t i = 0; i < step->run->plan->step_count; i++)
        add_step(preflight, &step->run->plan->steps[i]);
}

/* The first version is asked too, where it can be: which modules are Odoo's own it knows best. */
static bool is_worth_asking(const struct preflight *preflight,
                            const struct preflight_version *version)
{
    size_t needed = 0;
    for (size_t i = 0; i < preflight->version_count; i++)
        needed += preflight->versions[i].step_count;
    return version->step_count > 0 || (version->index == 0 && needed > 0);
}

/* ---- asking ---- */

static const char *place_of(struct preflight *preflight, const struct preflight_version *version)
{
    return arena_format(preflight->step->arena, "odoo.%s", version->series);
}

/* What was needed is in the way when it is missing; what was only worth asking is not. */
static void tell_missing(struct preflight *preflight, const struct preflight_version *version,
                         const struct error *error)
{
    if (version->step_count > 0)
        preflight_find(preflight, place_of(preflight, version), error);
    else
        step_log(preflight->step, "%s: %s", place_of(preflight, version), error->message);
}

static void note_odoo(struct preflight *preflight, const struct preflight_version *version)
{
    struct arena *arena = preflight->step->arena;
    const struct value *unused = survey_unused_folders(version->survey);
    if (version->step_count == 0)
        return;
    value_set(arena, preflight->odoo, version->series,
              value_string(arena, survey_version(version->survey)));
    for (size_t i = 0; i < value_count(unused); i++)
        step_warn(preflight->step,
                  "Odoo %s does not use the addons folder %s: it is not there, or has no module",
                  version->series, value_as_string(value_item(unused, i)));
}

static void survey_ended(void *context, const struct survey *survey, const struct error *error)
{
    struct preflight *preflight = context;
    struct preflight_version *version = &preflight->versions[preflight->surveyed++];
    preflight->surveying = NULL;
    version->survey = survey;
    if (survey)
        note_odoo(preflight, version);
    else if (!preflight->cancelled)
        tell_missing(preflight, version, error);
    preflight_survey(preflight);
}

static void log_line(void *context, const char *line)
{
    struct preflight *preflight = context;
    step_log(preflight->step, "odoo %s: %s", preflight->versions[preflight->surveyed].series, line);
}

/* All that the plan speaks of there, and all that the source has: their manifests tell who depends
 * on whom at this version. */
static struct value *list_modules(struct preflight *preflight,
                                  const struct preflight_version *version)
{
    struct arena *arena = preflight->step->arena;
    struct value *names = value_array(arena);
    const struct map *needs = module_plan_needs(&preflight->plan, version->index);
    for (const struct map_entry *entry = map_first(needs); entry; entry = map_next(entry))
        value_append(arena, names, value_string(arena, map_entry_key(entry)));
    for (const struct map_entry *entry = map_first(preflight->plan.modules); entry;
         entry = map_next(entry))
        if (!map_get(needs, map_entry_key(entry)) &&
            module_plan_is_installed(&preflight->plan, map_entry_key(entry)))
            value_append(arena, names, value_string(arena, map_entry_key(entry)));
    if (version->hop) {
        value_append(arena, names, value_string(arena, "openupgrade_framework"));
        value_append(arena, names, value_string(arena, "openupgrade_scripts"));
    }
    return names;
}

/* False where there is nothing to ask, or nobody. */
static bool begin_survey(struct preflight *preflight, const struct preflight_version *version)
{
    struct step_run *step = preflight->step;
    const struct installation *installation =
        map_get(step->run->environment->odoo, version->series);
    if (!is_worth_asking(preflight, version))
        return false;
    if (!installation) {
        tell_missing(
            preflight, version,
            error_create(
                step->arena, OUTCOME_FAILED, "say in the environment's `odoo` how it is started",
                "the environment does not name an Odoo %s, which is needed by %s%s",
                version->series,
                version->step_count > 1 ? arena_format(step->arena, "%zu steps, the first of them ",
                                                       version->step_count)
                                        : "",
                version->first_step ? version->first_step : ""));
        return false;
    }
    const struct error *error = survey_start(step->run, step->arena,
                                             (struct survey_request){
                                                 .installation = installation,
                                                 .openupgrade = version->hop,
                                                 .modules = list_modules(preflight, version),
                                                 .log = log_line,
                                                 .ended = survey_ended,
                                                 .context = preflight,
                                             },
                                             &preflight->surveying);
    if (error)
        tell_missing(preflight, version, error);
    return !error;
}

/* ---- the whole ---- */

static void judge(struct preflight *preflight)
{
    preflight_check_decisions(preflight);
    for (size_t i = 0; i < preflight->version_count; i++)
        if (preflight->versions[i].survey && preflight->versions[i].step_count > 0)
            preflight_check_code(preflight, &preflight->versions[i]);
    preflight_compare_addons(preflight);
    preflight_compare_servers(preflight);
}

void preflight_survey(struct preflight *preflight)
{
    if (!preflight->versions)
        list_versions(preflight);
    while (preflight->surveyed < preflight->version_count && !preflight->cancelled) {
        if (begin_survey(preflight, &preflight->versions[preflight->surveyed]))
            return; /* it ends later */
        preflight->surveyed++;
    }
    if (preflight->cancelled)
        preflight_ask_steps(preflight);
    else
        judge(preflight);
}
