/* `preflight`: everything that can be found out before the first change, found out before the first
 * change. All that is found is told in one go. */
#include <string.h>
#include <sys/statvfs.h>

#include "base/buffer.h"
#include "base/map.h"
#include "runtime/facts.h"
#include "runtime/postgres/conversation.h"
#include "runtime/steps/kinds.h"

struct preflight {
    struct step_run *step;
    struct value *source; /* facts */
    struct buffer findings;
    size_t finding_count;
    enum outcome outcome;      /* of the first finding */
    bool asking;               /* inside of the call that begins a step's own preflight */
    struct step_run *asked;    /* whose own preflight runs, or NULL */
    struct conversation *talk; /* with the source, or NULL */
    bool cancelled;
    size_t next;             /* index of the step whose own preflight comes next */
    struct buffer undecided; /* names of third-party modules that the plan says nothing about */
    size_t undecided_count;
};

static void preflight_next(struct preflight *preflight);

static void preflight_find(struct preflight *preflight, const char *where,
                           const struct error *error)
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
    if (!preflight->asking) /* else the loop in preflight_next goes on */
        preflight_next(preflight);
}

/* Its memory goes with the preflight's own: its code may still be on the stack when it ends. */
static void release_step(void *object)
{
    step_destroy(object);
}

static void preflight_next(struct preflight *preflight)
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
    struct statvfs status;
    if (run->environment->free_disk == 0 || statvfs(run->folder, &status) != 0)
        return;
    int64_t available = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
    if (available < run->environment->free_disk)
        preflight_find(
            preflight, "limits.free_disk",
            error_create(preflight->step->arena, OUTCOME_FAILED, "free space",
                         "%lld MB are free where the run writes, %lld MB are to stay free",
                         (long long)available / 1048576,
                         (long long)run->environment->free_disk / 1048576));
}

/* ---- the source ---- */

static void preflight_check_decisions(struct preflight *preflight, const struct map *states)
{
    const struct value *modules = value_get(preflight->step->spec, "modules");
    for (size_t i = 0; i < value_count(modules); i++) {
        const struct value_member *decision = &modules->as.object.members[i];
        const char *action = value_get_string(decision->value, "action");
        if (action && strcmp(action, "install") != 0 && !map_get(states, decision->key))
            preflight_find(preflight,
                           arena_format(preflight->step->arena, "modules.%s", decision->key),
                           error_create(preflight->step->arena, OUTCOME_FAILED,
                                        "check its name, or take it out",
                                        "the source does not know this module"));
    }
}

/* OCA's modules are third-party for certain. Of the others nothing in the database tells: Odoo's
 * own have many authors. Their versions have two numbers behind the series, while third parties'
 * have three by OCA's convention. */
static void preflight_check_undecided(struct preflight *preflight, const char *module,
                                      const char *author, const char *version)
{
    if (value_get(value_get(preflight->step->spec, "modules"), module))
        return;
    size_t dots = 0;
    for (const char *byte = version; *byte; byte++)
        dots += *byte == '.';
    if (strstr(author, "Odoo Community Association"))
        buffer_format(&preflight->undecided, "%s%s", preflight->undecided_count++ > 0 ? ", " : "",
                      module);
    else if (dots >= 4 && !strstr(author, "Odoo S.A."))
        step_warn(
            preflight->step,
            "the module %s (by %s, %s) may be third-party, and the plan says nothing about it",
            module, author, version);
}

static void preflight_tell_undecided(struct preflight *preflight)
{
    if (preflight->undecided_count == 0)
        return;
    bool one = preflight->undecided_count == 1;
    preflight_find(
        preflight, "modules",
        error_create(preflight->step->arena, OUTCOME_FAILED,
                     one ? "decide what becomes of it" : "decide what becomes of each",
                     "the plan says nothing about %s installed: %s",
                     one ? "a third-party module that is"
                         : arena_format(preflight->step->arena, "%zu third-party modules that are",
                                        preflight->undecided_count),
                     buffer_string(&preflight->undecided)));
}

static void preflight_take_modules(struct conversation *conversation,
                                   const struct session_answer *answer)
{
    struct preflight *preflight = conversation_context(conversation);
    struct arena *arena = preflight->step->arena;
    struct map *states = map_create(arena);
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *module = arena_copy(arena, PQgetvalue(answer->result, row, 0));
        map_set(states, module, arena_copy(arena, PQgetvalue(answer->result, row, 1)));
        if (strcmp(PQgetvalue(answer->result, row, 1), "installed") == 0)
            preflight_check_undecided(preflight, module, PQgetvalue(answer->result, row, 2),
                                      PQgetvalue(answer->result, row, 3));
    }
    preflight_tell_undecided(preflight);
    preflight_check_decisions(preflight, states);
    conversation_leave(conversation);
    preflight->talk = NULL;
    preflight_next(preflight);
}

static void preflight_ask_modules(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation,
                         "SELECT name, state, coalesce(author, ''), coalesce(latest_version, '') "
                         "FROM ir_module_module ORDER BY name",
                         preflight_take_modules);
}

static void preflight_source_found(void *context, struct value *facts, const struct error *error)
{
    struct preflight *preflight = context;
    struct step_run *step = preflight->step;
    const char *from = value_get_string(step->spec, "from");
    const char *series = value_get_string(facts, "series");
    preflight->source = facts;
    if (!error && !series)
        error = error_create(step->arena, OUTCOME_FAILED, "check the environment's `source`",
                             "the database \"%s\" is not Odoo's: it has no module base",
                             step->run->environment->source.name);
    else if (!error && strcmp(series, from) != 0)
        error = error_create(step->arena, OUTCOME_FAILED,
                             "check the plan's `from` and the environment's `source`",
                             "the database is of Odoo %s, the plan is for %s", series, from);
    if (error)
        preflight_find(preflight, "source", error);
    if (!series || preflight->cancelled) {
        preflight_next(preflight);
        return;
    }
    preflight->talk = conversation_open(step, &step->run->environment->source, NULL, preflight,
                                        preflight_ask_modules);
    step->state = preflight; /* for preflight_cancel */
}

static void preflight_release(void *object)
{
    struct preflight *preflight = object;
    buffer_release(&preflight->findings);
    buffer_release(&preflight->undecided);
}

static void preflight_start(struct step_run *step)
{
    struct preflight *preflight = arena_allocate(step->arena, sizeof *preflight);
    arena_on_destroy(step->arena, preflight_release, preflight);
    preflight->step = step;
    step->state = preflight;
    preflight_refuse_kinds(preflight);
    preflight_check_disk(preflight);
    facts_read(step->run, step->arena, &step->run->environment->source, preflight_source_found,
               preflight);
}

/* Every preflight of a step that takes its time is a conversation. */
static void preflight_cancel(struct step_run *step)
{
    struct preflight *preflight = step->state;
    preflight->cancelled = true;
    if (preflight->talk)
        conversation_stop(preflight->talk);
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
