#include "runtime/inspect/inspection.h"

#include <string.h>

#include "base/notation.h"
#include "runtime/odoo/survey.h"
#include "runtime/outside.h"
#include "runtime/postgres/dialogue.h"
#include "runtime/report/phrase.h"

const char *module_work_name(enum module_work work)
{
    static const char *const names[WORK_COUNT] = {
        [WORK_NONE] = "none",       [WORK_KEEP] = "keep",     [WORK_REPLACE] = "replace",
        [WORK_MIGRATE] = "migrate", [WORK_REMOVE] = "remove", [WORK_UNDECIDED] = "undecided"};
    return names[work];
}

const char *module_fate_name(enum module_fate fate)
{
    static const char *const names[] = {
        [FATE_UNKNOWN] = "unknown", [FATE_THERE] = "there",   [FATE_OWN] = "Odoo's own",
        [FATE_RENAMED] = "renamed", [FATE_MERGED] = "merged", [FATE_UNUSABLE] = "unusable",
        [FATE_ABSENT] = "not there"};
    return names[fate];
}

/* ---- asking an Odoo ---- */

struct asked {
    const struct survey *survey;
    const struct error *error;
    bool ended;
};

static void take_survey(void *context, const struct survey *survey, const struct error *error)
{
    struct asked *asked = context;
    asked->survey = survey;
    asked->error = error;
    asked->ended = true;
}

static void drop_line(void *context, const char *line)
{
    (void)context, (void)line; /* the last one stands in the error */
}

/* The survey of one version, or NULL and why there is none. */
static const struct survey *ask_odoo(struct run *run, const char *series,
                                     const struct value *modules, const char **problem)
{
    const struct installation *installation = map_get(run->environment->odoo, series);
    struct asked asked = {0};
    struct surveying *surveying = NULL;
    if (!installation) {
        *problem = arena_format(run->arena, "the environment names no Odoo %s", series);
        return NULL;
    }
    const struct error *error = survey_start(run, run->arena,
                                             (struct survey_request){.installation = installation,
                                                                     .modules = modules,
                                                                     .log = drop_line,
                                                                     .ended = take_survey,
                                                                     .context = &asked},
                                             &surveying);
    if (!error) {
        dialogue_wait(run->loop, &asked.ended); /* the source's session stays open meanwhile */
        error = asked.error;
    }
    *problem = error
                   ? arena_format(run->arena, "Odoo %s cannot be asked: %s", series, error->message)
                   : NULL;
    return error ? NULL : asked.survey;
}

/* ---- what the source says ---- */

static const char *text_of(const struct value *object, const char *key)
{
    const char *text = value_get_string(object, key);
    return text ? text : "";
}

/* A name alone can be anybody's. Odoo's Enterprise is under a licence of its own. Of Community's
 * nothing tells: some of Odoo's own are by OCA, and theirs are under many licences. */
static void weigh_name(struct arena *arena, struct inspected_module *module, bool imported)
{
    if (imported) {
        module->class = MODULE_IMPORTED;
        module->evidence = "imported into the database";
    } else if (module->installed && module->class == MODULE_ENTERPRISE &&
               strncmp(module->license, "OEEL", 4) != 0) {
        module->class = MODULE_THIRD_PARTY;
        module->evidence = arena_format(arena, "named like Enterprise's, but its licence is %s",
                                        module->license[0] ? module->license : "unknown");
    }
}

static void take_source(struct arena *arena, struct inspection *inspection,
                        const struct own_modules *own)
{
    const struct source_facts *facts = &inspection->facts;
    size_t count = value_count(facts->modules);
    inspection->modules = arena_allocate(arena, (count + 1) * sizeof *inspection->modules);
    for (size_t i = 0; i < count; i++) {
        const struct value *entry = value_item(facts->modules, i);
        struct inspected_module *module = &inspection->modules[inspection->count++];
        const char *name = value_get_string(entry, "name");
        *module = (struct inspected_module){.name = name,
                                            .title = text_of(entry, "title"),
                                            .state = text_of(entry, "state"),
                                            .version = text_of(entry, "version"),
                                            .author = text_of(entry, "author"),
                                            .license = text_of(entry, "license"),
                                            .needed = value_get(facts->depends, name)};
        module->installed =
            strcmp(module->state, "installed") == 0 || strcmp(module->state, "to upgrade") == 0;
        module->class =
            own_modules_find(own, inspection->series, name, module->installed, &module->evidence);
        weigh_name(arena, module, value_get_boolean(entry, "imported", false));
    }
}

/* Where the very Odoo that the database runs on can be asked, its folders outweigh the lists. */
static void weigh_addons(struct inspected_module *module, const struct survey *survey)
{
    bool known;
    bool is_own = survey_is_own(survey, module->name, &known);
    if (!known || module->class == MODULE_IMPORTED)
        return;
    if (is_own && module->class == MODULE_THIRD_PARTY) {
        module->class = MODULE_COMMUNITY;
        module->evidence = "among Odoo's own addons";
    } else if (!is_own &&
               module->class == MODULE_COMMUNITY) { /* Enterprise has folders of its own */
        module->class = MODULE_THIRD_PARTY;
        module->evidence = "on the addons paths, but not among Odoo's own";
    }
}

/* On whether a module of somebody else's is empty depends what is proposed about it: there rows are
 * counted. */
static const struct error *measure(struct inspected_source *source, struct inspection *inspection,
                                   const struct value *third_party)
{
    const struct error *error = inspected_source_measure(
        source, inspection->exact ? NULL : third_party, &inspection->facts);
    for (size_t i = 0; !error && i < inspection->count; i++) {
        struct inspected_module *module = &inspection->modules[i];
        const struct value *owned = value_get(inspection->facts.owned, module->name);
        module->tables = value_get_integer(owned, "tables", 0);
        module->rows = value_get_integer(owned, "rows", 0);
        module->bytes = value_get_integer(owned, "bytes", 0);
        module->added = value_get_integer(inspection->facts.added, module->name, 0);
    }
    return error;
}

/* ---- what the target has ---- */

static void find_there(struct inspected_module *module, const struct survey *survey)
{
    const struct survey_module *found = survey_find(survey, module->name);
    const char *obstacle = NULL;
    if (found && found->error)
        obstacle = found->error->message;
    else if (found && found->manifest && found->manifest->obstacle)
        obstacle = found->manifest->obstacle;
    else if (found && found->manifest && !found->manifest->installable)
        obstacle = "its manifest says that it is not installable";
    module->fate = obstacle ? FATE_UNUSABLE : FATE_THERE;
    module->fate_detail = obstacle;
    if (!obstacle && found && found->manifest)
        module->fate_detail = found->manifest->version;
}

/* With a successor under another name, that one's manifest is not asked for: it is there or not. */
static void find_successor(struct arena *arena, struct inspected_module *module,
                           const struct successor *successor, const struct survey *survey)
{
    bool known = false;
    if (survey)
        (void)survey_is_own(survey, successor->name, &known);
    module->fate = successor->merged ? FATE_MERGED : FATE_RENAMED;
    module->successor = successor->name;
    module->successor_missing = survey && !known;
    module->fate_detail =
        arena_format(arena, "says %s%s", successor->origin,
                     module->successor_missing ? "; it is not on the addons paths" : "");
}

static void find_fate(struct arena *arena, struct inspection *inspection,
                      struct inspected_module *module, const struct survey *survey,
                      const struct own_modules *own, const struct successors *successors)
{
    const struct successor *successor = successors_find(successors, module->name);
    const char *evidence;
    bool known = false;
    bool is_own = survey && survey_is_own(survey, module->name, &known);
    if (known && (!is_own || module->class != MODULE_THIRD_PARTY)) {
        find_there(module, survey);
    } else if (known) {
        module->fate = FATE_OWN;
    } else if (successor) {
        find_successor(arena, module, successor, survey);
    } else if (module->class != MODULE_THIRD_PARTY && own_modules_know(own, inspection->target)) {
        bool there = own_modules_find(own, inspection->target, module->name, true, &evidence) !=
                     MODULE_THIRD_PARTY;
        module->fate = there ? FATE_THERE : FATE_ABSENT;
        module->fate_detail = evidence;
    } else {
        module->fate = survey ? FATE_ABSENT : FATE_UNKNOWN;
    }
}

/* ---- what there is to do ---- */

static void judge_absent(struct arena *arena, struct inspected_module *module)
{
    size_t needed = value_count(module->needed);
    if (needed > 0) {
        module->work = WORK_MIGRATE;
        module->reason =
            arena_format(arena, "%s need%s it, and its code is missing at the target",
                         needed == 1 ? value_as_string(value_item(module->needed, 0))
                                     : arena_format(arena, "%zu installed modules", needed),
                         needed == 1 ? "s" : "");
    } else if (module->rows > 0) {
        module->work = WORK_MIGRATE;
        module->reason = "it holds data, and its code is missing at the target";
    } else if (module->added > 0) {
        module->work = WORK_UNDECIDED;
        module->reason =
            arena_format(arena, "it has added %s to others' tables, whose values go with it",
                         phrase_count(arena, module->added, "column", NULL));
    } else if (module->tables > 0) {
        module->work = WORK_REMOVE;
        module->reason = "its tables are empty, nothing needs it, and the target has it not";
    } else {
        module->work = WORK_UNDECIDED;
        module->reason = "it has no tables of its own: whether it is used is not in the database";
    }
}

static void judge(struct arena *arena, struct inspected_module *module)
{
    if (!module->installed || module->class != MODULE_THIRD_PARTY)
        return;
    switch (module->fate) {
    case FATE_THERE:
        module->work = WORK_KEEP;
        module->reason = "the target has it";
        break;
    case FATE_OWN:
        module->work = WORK_REPLACE;
        module->reason = "Odoo itself has a module of that name at the target";
        break;
    case FATE_RENAMED:
    case FATE_MERGED:
        module->work = WORK_REPLACE;
        module->reason = arena_format(
            arena, "%s %s, %s", module->fate == FATE_MERGED ? "it has gone into" : "it is now",
            module->successor, module->fate_detail);
        break;
    case FATE_UNUSABLE:
        module->work = WORK_MIGRATE;
        module->reason = module->fate_detail;
        break;
    case FATE_ABSENT:
        judge_absent(arena, module);
        break;
    case FATE_UNKNOWN:
        module->work = WORK_UNDECIDED;
        module->reason = "what the target has is not known";
        break;
    }
}

/* ---- the whole ---- */

/* The latest version that the environment names an Odoo of, if it is later than the source's; else
 * the one after that, as far as there is one. */
static const char *choose_target(struct arena *arena, const struct environment *environment,
                                 const char *series)
{
    const char *chosen = NULL;
    int latest = 0, version = 0;
    (void)notation_read_version(series, &latest);
    int source = latest;
    for (const struct map_entry *entry = map_first(environment->odoo); entry;
         entry = map_next(entry))
        if (notation_read_version(map_entry_key(entry), &version) && version > latest) {
            latest = version;
            chosen = map_entry_key(entry);
        }
    if (chosen)
        return chosen;
    const char *next = arena_format(arena, "%d.0", source / 10 + 1);
    return notation_read_version(next, &version) ? next : series;
}

static const struct value *list_third_party(struct arena *arena,
                                            const struct inspection *inspection)
{
    struct value *names = value_array(arena);
    for (size_t i = 0; i < inspection->count; i++)
        if (inspection->modules[i].class == MODULE_THIRD_PARTY)
            value_append(arena, names, value_string(arena, inspection->modules[i].name));
    return names;
}

/* Everything that the source is asked for. */
static const struct error *look_at_source(struct run *run, struct inspection *inspection,
                                          const struct own_modules *own, const char *target)
{
    struct arena *arena = run->arena;
    struct inspected_source *source = NULL;
    const char *problem;
    const struct survey *survey = NULL;
    const struct error *error = inspected_source_open(run, &run->environment->source, &source);
    if (!error)
        error = inspected_source_read(source, &inspection->facts);
    inspection->series = value_get_string(inspection->facts.database, "series");
    if (!error) {
        inspection->target =
            target ? target : choose_target(arena, run->environment, inspection->series);
        if (strcmp(inspection->target, inspection->series) < 0) /* both are of four characters */
            error = error_create(arena, OUTCOME_USAGE, "name a later one with --to",
                                 "the database is of Odoo %s, which is after %s",
                                 inspection->series, inspection->target);
    }
    if (!error) {
        take_source(arena, inspection, own);
        if (map_get(run->environment->odoo, inspection->series))
            survey =
                ask_odoo(run, inspection->series, list_third_party(arena, inspection), &problem);
        for (size_t i = 0; survey && i < inspection->count; i++)
            weigh_addons(&inspection->modules[i], survey);
        error = measure(source, inspection, list_third_party(arena, inspection));
    }
    inspected_source_close(source);
    return error;
}

/* What was renamed in the versions on the way, as far as the environment names an Odoo of theirs:
 * one that cannot be asked tells nothing. */
static const struct error *take_between(struct run *run, const struct inspection *inspection,
                                        struct successors *successors)
{
    const struct error *error = NULL;
    const struct map_entry *entry = map_first(run->environment->odoo);
    for (; entry && !error; entry = map_next(entry)) {
        const char *series = map_entry_key(entry), *problem, *path;
        struct text apriori;
        if (strcmp(series, inspection->series) <= 0 || strcmp(series, inspection->target) >= 0)
            continue;
        const struct survey *survey = ask_odoo(run, series, value_array(run->arena), &problem);
        path = survey ? survey_apriori(survey, &apriori) : NULL;
        if (path)
            error = successors_add_apriori(successors, apriori, path);
    }
    return error;
}

static const struct error *take_target(struct run *run, struct inspection *inspection,
                                       struct successors *successors, const struct survey **survey)
{
    struct text apriori;
    *survey = ask_odoo(run, inspection->target, list_third_party(run->arena, inspection),
                       &inspection->target_problem);
    if (!*survey)
        return NULL;
    inspection->target_version = survey_version(*survey);
    const char *path = survey_apriori(*survey, &apriori);
    const struct error *error = path ? successors_add_apriori(successors, apriori, path) : NULL;
    return error ? error : take_between(run, inspection, successors);
}

const struct error *inspection_make(struct arena *arena, uv_loop_t *loop,
                                    const struct environment *environment,
                                    struct inspection_options options,
                                    struct inspection *inspection)
{
    struct run *run = run_outside(arena, loop, environment, "drehbuch inspect");
    const struct own_modules *own = own_modules_load(arena);
    const struct survey *survey = NULL;
    *inspection = (struct inspection){.environment = environment, .exact = options.exact};
    const struct error *error = look_at_source(run, inspection, own, options.target);
    if (!error)
        error = take_target(run, inspection, options.successors, &survey);
    for (size_t i = 0; !error && i < inspection->count; i++) {
        find_fate(arena, inspection, &inspection->modules[i], survey, own, options.successors);
        judge(arena, &inspection->modules[i]);
    }
    uv_run(loop, UV_RUN_DEFAULT); /* what is closing still */
    return error;
}

const char *inspected_author(struct arena *arena, const struct inspected_module *module)
{
    static const char association[] = "Odoo Community Association (OCA)";
    const char *found = strstr(module->author, association);
    if (!found)
        return module->author;
    return arena_format(arena, "%.*sOCA%s", (int)(found - module->author), module->author,
                        found + strlen(association));
}
