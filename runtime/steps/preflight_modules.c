/* The plan's decisions against the source's modules, and the code that Odoo of each version has for
 * them. */
#include <string.h>

#include "runtime/run.h"
#include "runtime/steps/preflight_private.h"

static const char *place_of(struct preflight *preflight, const char *module)
{
    return arena_format(preflight->step->arena, "modules.%s", module);
}

static void find_at(struct preflight *preflight, const char *module, const char *help,
                    const char *message)
{
    preflight_find(preflight, place_of(preflight, module),
                   error_create(preflight->step->arena, OUTCOME_FAILED, help, "%s", message));
}

/* ---- third-party modules ---- */

enum origin { ORIGIN_UNKNOWN, ORIGIN_ODOO, ORIGIN_THIRD_PARTY };

/* By the addons folders of the source's version, else of the last one that tells. */
static enum origin look_up_origin(const struct preflight *preflight, const char *module)
{
    enum origin origin = ORIGIN_UNKNOWN;
    for (size_t i = 0; i < preflight->version_count; i++) {
        bool known = false;
        const struct survey *survey = preflight->versions[i].survey;
        bool own = survey && survey_is_own(survey, module, &known);
        if (known)
            origin = own ? ORIGIN_ODOO : ORIGIN_THIRD_PARTY;
        if (known && i == 0)
            break;
    }
    return origin;
}

/* Without a survey of the source's version OCA's modules are third-party for certain. Of the others
 * nothing in the database tells: Odoo's own have many authors. */
static enum origin find_origin(const struct preflight *preflight,
                               const struct source_module *module)
{
    bool known = false;
    const struct survey *first =
        preflight->version_count > 0 ? preflight->versions[0].survey : NULL;
    if (first)
        survey_is_own(first, module->name, &known);
    if (!known && strstr(module->author, "Odoo Community Association"))
        return ORIGIN_THIRD_PARTY;
    return look_up_origin(preflight, module->name);
}

static bool has_survey(const struct preflight *preflight)
{
    for (size_t i = 0; i < preflight->version_count; i++)
        if (preflight->versions[i].survey)
            return true;
    return false;
}

/* What no Odoo that was asked has may be anybody's. Where none was asked: versions of Odoo's own
 * modules have two numbers behind the series, while third parties' have three by OCA's convention.
 */
static bool may_be_third_party(const struct preflight *preflight,
                               const struct source_module *module)
{
    size_t dots = has_survey(preflight) ? 4 : 0;
    for (const char *byte = module->version; *byte; byte++)
        dots += *byte == '.';
    return dots >= 4 && !strstr(module->author, "Odoo S.A.");
}

static void tell_undecided(struct preflight *preflight, const struct buffer *names, size_t count)
{
    struct arena *arena = preflight->step->arena;
    if (count == 0)
        return;
    const char *what = count == 1 ? "a third-party module that is"
                                  : arena_format(arena, "%zu third-party modules that are", count);
    preflight_find(
        preflight, "modules",
        error_create(arena, OUTCOME_FAILED,
                     count == 1 ? "decide what becomes of it" : "decide what becomes of each",
                     "the plan says nothing about %s installed: %s", what, buffer_string(names)));
}

static void check_undecided(struct preflight *preflight)
{
    const struct value *decisions = preflight->plan.decisions;
    struct buffer names = {0};
    size_t count = 0;
    for (const struct map_entry *entry = map_first(preflight->plan.modules); entry;
         entry = map_next(entry)) {
        const struct source_module *module = map_entry_value(entry);
        if (strcmp(module->state, "installed") != 0 || value_get(decisions, module->name))
            continue;
        enum origin origin = find_origin(preflight, module);
        if (origin == ORIGIN_THIRD_PARTY)
            buffer_format(&names, "%s%s", count++ > 0 ? ", " : "", module->name);
        else if (origin == ORIGIN_UNKNOWN && may_be_third_party(preflight, module))
            step_warn(
                preflight->step,
                "the module %s (by %s, %s) may be third-party, and the plan says nothing about it",
                module->name, module->author, module->version);
    }
    tell_undecided(preflight, &names, count);
    buffer_release(&names);
}

/* ---- decisions ---- */

static void check_known(struct preflight *preflight)
{
    const struct value *modules = preflight->plan.decisions;
    for (size_t i = 0; i < value_count(modules); i++) {
        const struct value_member *decision = &modules->as.object.members[i];
        const char *action = value_get_string(decision->value, "action");
        if (action && strcmp(action, "install") != 0 &&
            !map_get(preflight->plan.modules, decision->key))
            find_at(preflight, decision->key, "check its name, or take it out",
                    "the source does not know this module");
    }
}

struct depending {
    const struct preflight *preflight;
    const struct preflight_version *version;
};

/* At the source's version the database tells, later the manifests of then. */
static const struct value *list_depends(void *context, const char *name)
{
    const struct depending *depending = context;
    const struct survey *survey = depending->version->index > 0 ? depending->version->survey : NULL;
    const struct survey_module *surveyed = survey ? survey_find(survey, name) : NULL;
    const struct source_module *module = map_get(depending->preflight->plan.modules, name);
    if (surveyed && surveyed->manifest)
        return surveyed->manifest->depends;
    return module ? module->depends : NULL;
}

static const char *join(struct arena *arena, const struct value *names)
{
    struct buffer joined = {0};
    for (size_t i = 0; i < value_count(names); i++)
        buffer_format(&joined, "%s%s", i > 0 ? ", " : "", value_as_string(value_item(names, i)));
    const char *text = arena_copy(arena, buffer_string(&joined));
    buffer_release(&joined);
    return text;
}

static void check_dragged(struct preflight *preflight, const struct preflight_version *version)
{
    struct arena *arena = preflight->step->arena;
    struct depending depending = {.preflight = preflight, .version = version};
    const struct value *dragged =
        module_plan_dragged(&preflight->plan, version->index, list_depends, &depending);
    for (size_t i = 0; i < value_count(dragged); i++) {
        const struct value_member *member = &dragged->as.object.members[i];
        bool one = value_count(member->value) == 1;
        find_at(preflight, member->key,
                one ? "uninstall that there too, or keep this one"
                    : "uninstall those there too, or keep this one",
                arena_format(arena,
                             "uninstalling it at %s takes along %s, which the plan does not "
                             "uninstall there",
                             version->series, join(arena, member->value)));
    }
}

void preflight_check_decisions(struct preflight *preflight)
{
    if (map_count(preflight->plan.modules) == 0)
        return; /* the source could not be read, which is told */
    check_undecided(preflight);
    check_known(preflight);
    for (size_t i = 0; i < preflight->version_count; i++)
        check_dragged(preflight, &preflight->versions[i]);
}

/* ---- code ---- */

struct check {
    struct preflight *preflight;
    const struct preflight_version *version;
    const char *place;   /* what the findings are about */
    struct map *seen;    /* modules that were judged */
    struct value *queue; /* names of those to be judged, each once */
};

static void check_find(const struct check *check, const char *help, const char *message)
{
    preflight_find(
        check->preflight, check->place,
        error_create(check->preflight->step->arena, OUTCOME_FAILED, help, "%s", message));
}

/* Third-party code is part of what is rehearsed and approved. */
static void note_addon(const struct check *check, const struct survey_module *module)
{
    struct arena *arena = check->preflight->step->arena;
    if (module->own || !module->sha256)
        return;
    struct value *addons = value_get(check->preflight->addons, check->version->series);
    if (!addons) {
        addons = value_object(arena);
        value_set(arena, check->preflight->addons, check->version->series, addons);
    }
    struct value *addon = value_object(arena);
    value_set(arena, addon, "sha256", value_string(arena, module->sha256));
    if (module->manifest)
        value_set(arena, addon, "version", value_string(arena, module->manifest->version));
    value_set(arena, addons, module->name, addon);
}

static void check_external(const struct check *check, const char *subject,
                           const struct survey_module *module)
{
    static const struct {
        const char *what, *help;
        const char *(*missing)(const struct survey *survey, const char *name);
    } kinds[] = {{"Python package", "install it where that Odoo runs", survey_missing_package},
                 {"program", "install it where that Odoo runs", survey_missing_program}};
    const struct value *lists[] = {module->manifest->packages, module->manifest->programs};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (size_t i = 0; i < value_count(lists[k]); i++) {
            const char *name = value_as_string(value_item(lists[k], i));
            const char *missing = kinds[k].missing(check->version->survey, name);
            if (missing)
                check_find(check, kinds[k].help,
                           arena_format(check->preflight->step->arena,
                                        "%s needs the %s %s at %s: %s", subject, kinds[k].what,
                                        name, check->version->series, missing));
        }
}

static void follow_depends(const struct check *check, const struct value *depends)
{
    for (size_t i = 0; i < value_count(depends); i++) {
        struct value *name = value_item(depends, i);
        if (map_add(check->seen, value_as_string(name), name))
            value_append(check->preflight->step->arena, check->queue, name);
    }
}

/* `subject` is "it", or "its dependency NAME". */
static void check_module(const struct check *check, const char *name, const char *subject)
{
    struct arena *arena = check->preflight->step->arena;
    const char *series = check->version->series;
    const struct survey_module *module = survey_find(check->version->survey, name);
    if (!module || !module->path) {
        check_find(
            check,
            arena_format(arena, "put it on an addons path of that Odoo, or decide otherwise"),
            arena_format(arena, "%s is not on the addons paths of Odoo %s", subject, series));
        return;
    }
    note_addon(check, module);
    if (module->error)
        preflight_find(
            check->preflight, check->place,
            error_wrap(arena, module->error, "%s cannot be used at %s", subject, series));
    else if (module->manifest && module->manifest->obstacle)
        check_find(check, arena_format(arena, "use the one for %s, or decide otherwise", series),
                   arena_format(arena, "%s cannot be installed at %s: %s (%s)", subject, series,
                                module->manifest->obstacle, module->path));
    if (module->error || !module->manifest)
        return;
    check_external(check, subject, module);
    follow_depends(check, module->manifest->depends);
}

/* The module and all that it depends on which was not judged before. */
static void check_closure(struct check *check, const char *module, const char *subject)
{
    struct arena *arena = check->preflight->step->arena;
    check->queue = value_array(arena);
    if (!map_add(check->seen, module, check))
        return;
    check_module(check, module, subject);
    for (size_t i = 0; i < value_count(check->queue); i++) {
        const char *name = value_as_string(value_item(check->queue, i));
        check_module(check, name, arena_format(arena, "its dependency %s", name));
    }
}

/* Odoo does without the code of what it uninstalls; only what the module itself wanted to do then
 * is not done. */
static void check_leaving(const struct check *check, const struct module_need *need)
{
    const struct survey_module *module = survey_find(check->version->survey, need->module);
    bool usable = module && module->manifest && !module->manifest->obstacle;
    if (module && module->path)
        note_addon(check, module);
    if (!usable)
        step_warn(check->preflight->step,
                  "Odoo %s has no code of the module %s any more: it is uninstalled at %s without "
                  "what its own uninstall hook would do",
                  check->version->series, need->module, need->leaves);
}

static void check_hop(struct check *check)
{
    static const char *const modules[] = {"openupgrade_framework", "openupgrade_scripts"};
    const struct installation *installation =
        map_get(check->preflight->step->run->environment->odoo, check->version->series);
    check->place = arena_format(check->preflight->step->arena, "odoo.%s", check->version->series);
    if (!installation->openupgrade) {
        check_find(check, "name with `openupgrade` the folder that holds its two modules",
                   "the hop needs OpenUpgrade, and the environment does not say where it is");
        return;
    }
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        check_closure(
            check, modules[i],
            arena_format(check->preflight->step->arena, "OpenUpgrade's module %s", modules[i]));
}

void preflight_check_code(struct preflight *preflight, const struct preflight_version *version)
{
    struct check check = {
        .preflight = preflight, .version = version, .seen = map_create(preflight->step->arena)};
    const struct map *needs = module_plan_needs(&preflight->plan, version->index);
    if (version->hop)
        check_hop(&check);
    for (const struct map_entry *entry = map_first(needs); entry; entry = map_next(entry)) {
        const struct module_need *need = map_entry_value(entry);
        check.place = place_of(preflight, need->decided);
        if (need->leaves)
            check_leaving(&check, need);
        else
            check_closure(&check, need->module,
                          strcmp(need->module, need->decided) == 0 ? "it" : need->module);
    }
}
