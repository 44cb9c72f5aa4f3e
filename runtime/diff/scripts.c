/* Which migration scripts Odoo will run in a hop or an update. */
#include <stdlib.h>
#include <string.h>

#include "runtime/diff/diff.h"
#include "runtime/odoo/survey.h"
#include "runtime/steps/module_plan.h"

#define VERSION_PARTS 8

struct version {
    long parts[VERSION_PARTS];
};

/* "18.0.1.2" to its numbers; what is missing is 0. False for what is no version. */
static bool version_read(const char *text, struct version *version)
{
    *version = (struct version){0};
    for (size_t i = 0; i < VERSION_PARTS; i++) {
        char *end;
        if (*text < '0' || *text > '9')
            return false;
        version->parts[i] = strtol(text, &end, 10);
        if (*end == '\0')
            return true;
        if (*end != '.')
            return false;
        text = end + 1;
    }
    return false;
}

/* From the part `first` on: 2 leaves Odoo's own version in front out. */
static int version_compare(const struct version *left, const struct version *right, size_t first)
{
    for (size_t i = first; i < VERSION_PARTS; i++)
        if (left->parts[i] != right->parts[i])
            return left->parts[i] < right->parts[i] ? -1 : 1;
    return 0;
}

static size_t count_dots(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == '.';
    return count;
}

/* As Odoo has it (odoo/modules/migration.py, 14.0 to 19.0): "0.0.0" goes with every change of the
 * version; of the others those between the version that is installed and the one that the code has.
 * A folder of up to three numbers is compared without Odoo's version, so that what has run does not
 * run again because that has changed. */
static bool script_runs(struct arena *arena, const char *folder, const char *series,
                        const struct version *before, const struct version *after)
{
    struct version version;
    if (strcmp(folder, "0.0.0") == 0)
        return version_compare(before, after, 0) < 0;
    bool whole = count_dots(folder) > 2;
    const char *full = whole ? folder : arena_format(arena, "%s.%s", series, folder);
    size_t first = whole ? 0 : 2;
    return version_read(full, &version) && version_compare(before, &version, first) < 0 &&
           version_compare(&version, after, first) <= 0;
}

struct value *diff_scripts(struct arena *arena, const struct value *scripts, const char *installed,
                           const char *code, const char *series)
{
    struct value *list = value_array(arena);
    struct version before, after;
    if (!version_read(installed, &before) || !version_read(code, &after))
        return list;
    for (size_t i = 0; i < value_count(scripts); i++) {
        const char *path = value_as_string(value_item(scripts, i));
        const char *folder = arena_copy_bytes(arena, path, strcspn(path, "/"));
        if (script_runs(arena, folder, series, &before, &after))
            value_append(arena, list, value_string(arena, path));
    }
    return list;
}

/* ---- of a step ---- */

struct telling {
    struct diff *diff;
    const struct compiled_step *step;
    const struct survey *survey;
    bool hop;
    bool upgraded; /* others have upgraded Odoo's own modules before it */
    struct value *told;
};

static void telling_append(const struct telling *telling, struct value *list,
                           const struct value *scripts, const char *installed, const char *code)
{
    const struct value *found =
        diff_scripts(telling->diff->arena, scripts, installed, code, telling->step->phase);
    for (size_t i = 0; i < value_count(found); i++)
        value_append(telling->diff->arena, list, value_item(found, i));
}

static bool depends_on_any(const struct source_module *module, const struct map *updated)
{
    for (size_t i = 0; i < value_count(module->depends); i++)
        if (map_get(updated, value_as_string(value_item(module->depends, i))))
            return true;
    return false;
}

/* With a module Odoo updates all that depend on it, however far. */
static struct map *list_updated(const struct diff *diff, const struct value *modules)
{
    struct map *updated = map_create(diff->arena);
    for (size_t i = 0; i < value_count(modules); i++)
        map_set(updated, value_as_string(value_item(modules, i)), updated);
    for (bool more = true; more;) {
        more = false;
        for (const struct map_entry *at = map_first(diff->modules); at; at = map_next(at)) {
            const struct source_module *module = map_entry_value(at);
            if (source_module_is_installed(module) && !map_get(updated, module->name) &&
                depends_on_any(module, updated))
                more |= map_add(updated, module->name, updated);
        }
    }
    return updated;
}

/* The version that the module has before the step: behind a hop that of its code there. */
static const char *telling_installed(const struct telling *telling,
                                     const struct source_module *module)
{
    const struct compiled_plan *plan = telling->diff->request->plan;
    const char *installed = module->version, *why_not;
    for (size_t i = 0; i < plan->step_count && &plan->steps[i] != telling->step; i++) {
        const struct compiled_step *hop = &plan->steps[i];
        if (strcmp(hop->kind, "hop.openupgrade") != 0 || !diff_runs_scripts(telling->diff, hop))
            continue;
        const struct survey *survey = diff_survey(telling->diff, hop->phase, &why_not);
        const struct survey_module *code = survey ? survey_find(survey, module->name) : NULL;
        if (code && code->manifest)
            installed = code->manifest->version;
    }
    return installed;
}

static void telling_add(const struct telling *telling, const char *name)
{
    const struct source_module *now = map_get(telling->diff->modules, name);
    const struct survey_module *code = survey_find(telling->survey, name);
    struct value *list = value_array(telling->diff->arena);
    if (!now || !source_module_is_installed(now) || !code || !code->manifest ||
        (telling->upgraded && code->own))
        return;
    const char *installed = telling_installed(telling, now);
    if (telling->hop)
        telling_append(telling, list, code->upgrade_scripts, installed, code->manifest->version);
    telling_append(telling, list, code->scripts, installed, code->manifest->version);
    if (value_count(list) > 0)
        value_set(telling->diff->arena, telling->told, name, list);
}

/* Behind a hop of OpenUpgrade an update finds all modules up to date, and runs none. */
bool diff_runs_scripts(const struct diff *diff, const struct compiled_step *step)
{
    bool later = strcmp(step->phase, diff->place.series) > 0;
    if (strcmp(step->kind, "hop.openupgrade") == 0)
        return later;
    return strcmp(step->kind, "modules.update") == 0 &&
           (!later || strcmp(diff->request->plan->with, "openupgrade") != 0);
}

void diff_tell_scripts(struct diff *diff, const struct compiled_step *step, struct value *told)
{
    const char *why_not = NULL;
    const struct value *modules = value_get(step->spec, "modules");
    struct map *updated = NULL;
    if (!diff_runs_scripts(diff, step))
        return;
    struct telling telling = {.diff = diff,
                              .step = step,
                              .survey = diff_survey(diff, step->phase, &why_not),
                              .hop = strcmp(step->kind, "hop.openupgrade") == 0,
                              .upgraded = strcmp(step->phase, diff->place.series) > 0 &&
                                          strcmp(step->kind, "modules.update") == 0,
                              .told = value_object(diff->arena)};
    if (!telling.survey) {
        value_set(diff->arena, told, "scripts_unknown",
                  value_string(diff->arena,
                               why_not
                                   ? why_not
                                   : arena_format(diff->arena, "the environment names no Odoo %s",
                                                  step->phase)));
        return;
    }
    if (modules && modules->kind == VALUE_ARRAY)
        updated = list_updated(diff, modules);
    for (const struct map_entry *at = map_first(diff->modules); at; at = map_next(at))
        if (!updated || map_get(updated, map_entry_key(at)))
            telling_add(&telling, map_entry_key(at));
    value_set(diff->arena, told, "scripts", telling.told);
}
