#include "runtime/diff/diff.h"

#include <signal.h>
#include <string.h>

#include "base/template.h"
#include "runtime/diff/trial.h"
#include "runtime/outside.h"
#include "runtime/run_folder.h"

#define DIFF_FORMAT "drehbuch-diff/1"

/* ---- bindings ---- */

static const char *diff_lookup(void *context, const char *name)
{
    const struct diff *diff = context;
    const char *value = map_get(diff->request->environment->bindings, name);
    return value ? value : "";
}

const struct value *diff_expand(struct diff *diff, const struct compiled_step *step)
{
    return template_expand_value(diff->arena, step->spec, diff_lookup, diff);
}

bool diff_is_secret(const struct diff *diff, const char *written)
{
    const struct value *bindings = diff->request->plan->bindings;
    for (size_t i = 0; written && i < value_count(bindings); i++) {
        const struct value_member *binding = &bindings->as.object.members[i];
        const char *type = value_get_string(binding->value, "type");
        if (type && strcmp(type, "secret") == 0 &&
            strstr(written, arena_format(diff->arena, "${%s}", binding->key)))
            return true;
    }
    return false;
}

/* ---- steps ---- */

void diff_conclude(struct diff *diff, struct value *told, const char *outcome, const char *why)
{
    value_set(diff->arena, told, "outcome", value_string(diff->arena, outcome));
    if (why)
        value_set(diff->arena, told, "why", value_string(diff->arena, why));
}

/* "19.0" behind "18.0": below zero, zero, above zero. All versions have the form NN.0. */
static int series_compare(const struct diff *diff, const char *phase)
{
    return strcmp(phase, diff->place.series);
}

/* Why a step that could be tried is not, or NULL. */
static const char *diff_objection(struct diff *diff, const struct trial *trial,
                                  const struct compiled_step *step)
{
    struct arena *arena = diff->arena;
    const char *sql = value_get_string(step->spec, "sql");
    if (sql && !value_get_boolean(step->spec, "transaction", true))
        return "it does not run in a transaction, so it cannot be taken back";
    if (series_compare(diff, step->phase) < 0)
        return arena_format(arena, "it was for %s; the database is of Odoo %s", step->phase,
                            diff->place.series);
    if (trial_is_over(trial))
        return arena_format(arena,
                            "the %lld s that a dry run may last in a live database are over: try "
                            "it in a scratch copy, or allow more with --time-limit",
                            (long long)diff->place.time_limit / 1000);
    if (!sql)
        return NULL;
    if (series_compare(diff, step->phase) > 0)
        return arena_format(
            arena,
            "it is for %s, and the database is of Odoo %s: try it with --on RUN, behind the "
            "hop of a rehearsal",
            step->phase, diff->place.series);
    if (diff->place.kind == PLACE_LIVE && diff_lifts_limits(arena, sql))
        return "it changes time limits, those that keep a live system safe: try it in a scratch "
               "copy";
    const char *out = diff_reaches_out(arena, sql, diff->place.kind);
    return out ? arena_format(arena, "%s: that could not be taken back", out) : NULL;
}

static const struct error *diff_try(struct diff *diff, struct trial *trial,
                                    const struct compiled_step *step, struct value *told)
{
    const char *objection = diff_objection(diff, trial, step);
    if (objection) {
        diff_conclude(diff, told, "not-run", objection);
        return NULL;
    }
    if (series_compare(diff, step->phase) > 0)
        value_set(diff->arena, told, "why",
                  value_format(diff->arena,
                               "as the database of Odoo %s has it; what comes before this step "
                               "at %s may change that",
                               diff->place.series, step->phase));
    return trial_step(trial, step, told);
}

typedef const struct error *diff_reader(struct diff *diff, const struct compiled_step *step,
                                        struct value *told);

/* Kinds whose doing is Odoo's, and can be read of all the same. */
static const struct {
    const char *kind;
    diff_reader *read;
} readers[] = {
    {"settings.records", diff_records},
    {"settings.config", diff_config},
    {"views.apply", diff_views},
};

/* A question that cannot be asked of this database must not end the transaction. */
static const struct error *diff_read(struct diff *diff, diff_reader *reader,
                                     const struct compiled_step *step, struct value *told)
{
    struct dialogue *dialogue = diff->place.dialogue;
    const struct error *error = dialogue_execute(dialogue, "SAVEPOINT drehbuch", NULL);
    if (!error)
        error = reader(diff, step, told);
    if (!error)
        error = dialogue_execute(
            dialogue, "ROLLBACK TO SAVEPOINT drehbuch; RELEASE SAVEPOINT drehbuch", NULL);
    return error;
}

/* How many of a step's settings are as they are to be already: parameters, records, servers. */
static void diff_count_unchanged(struct diff *diff, const struct compiled_step *step,
                                 struct value *told)
{
    static const char *const members[] = {"parameters", "crons", "records"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        size_t wanted = value_count(value_get(step->spec, members[i]));
        size_t changed = value_count(value_get(value_get(told, "effects"), members[i]));
        if (value_get(told, "effects") && !value_get(told, "error") && wanted > changed)
            value_set(diff->arena, told, "unchanged",
                      value_integer(diff->arena, (int64_t)(wanted - changed)));
    }
}

static const struct error *diff_look(struct diff *diff, struct trial *trial,
                                     const struct compiled_step *step, struct value *told)
{
    const struct step_kind *kind = step_kind_find(step->kind);
    if (step->only && strcmp(step->only, mode_name(diff->request->environment->mode)) != 0) {
        diff_conclude(diff, told, "skipped", arena_format(diff->arena, "only in %s", step->only));
        return NULL;
    }
    if (kind && kind->preview)
        return diff_try(diff, trial, step, told);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (strcmp(readers[i].kind, step->kind) == 0)
            return diff_read(diff, readers[i].read, step, told);
    diff_conclude(diff, told, "unforeseen", diff_unforeseen(step->kind));
    diff_tell_scripts(diff, step, told);
    return NULL;
}

static void diff_tell_step(struct diff *diff, const struct compiled_step *step, struct value *told)
{
    struct arena *arena = diff->arena;
    value_set(arena, told, "id", value_string(arena, step->id));
    value_set(arena, told, "kind", value_string(arena, step->kind));
    value_set(arena, told, "phase", value_string(arena, step->phase));
    value_set(arena, told, "title", value_string(arena, step->title));
    value_set(arena, told, "origin", value_string(arena, step->origin));
    if (value_get_string(step->spec, "sql"))
        value_set(arena, told, "sql", value_string(arena, value_get_string(step->spec, "sql")));
    const struct value *modules = value_get(step->spec, "modules");
    if (strncmp(step->kind, "modules.", 8) == 0 && modules)
        value_set(arena, told, "modules", value_copy(arena, modules));
}

static bool diff_is_frame(const struct compiled_step *step)
{
    return strcmp(step->phase, "prepare") == 0 || strcmp(step->phase, "publish") == 0;
}

static const struct error *diff_steps(struct diff *diff)
{
    struct arena *arena = diff->arena;
    const struct compiled_plan *plan = diff->request->plan;
    struct trial trial = {.arena = arena,
                          .place = &diff->place,
                          .run = diff->run,
                          .dialogue = diff->place.dialogue,
                          .rows = diff->request->rows};
    struct value *steps = value_array(arena);
    const struct error *error = trial_begin(&trial);
    for (size_t i = 0; i < plan->step_count && !error; i++) {
        struct value *told = value_object(arena);
        if (diff_is_frame(&plan->steps[i]))
            continue;
        diff_tell_step(diff, &plan->steps[i], told);
        error = diff_look(diff, &trial, &plan->steps[i], told);
        diff_count_unchanged(diff, &plan->steps[i], told);
        value_append(arena, steps, told);
    }
    value_set(arena, diff->document, "steps", steps);
    trial_end(&trial);
    return error;
}

/* ---- the document ---- */

static void diff_tell_place(struct diff *diff)
{
    static const char *const kinds[] = {"scratch", "run", "live"};
    struct arena *arena = diff->arena;
    struct value *place = value_object(arena);
    value_set(arena, place, "kind", value_string(arena, kinds[diff->place.kind]));
    value_set(arena, place, "database", value_string(arena, diff->place.database));
    value_set(arena, place, "source", value_string(arena, diff->request->environment->source.name));
    value_set(arena, place, "bytes", value_integer(arena, diff->place.bytes));
    value_set(arena, place, "series", value_string(arena, diff->place.series));
    if (diff->place.run)
        value_set(arena, place, "run", value_string(arena, diff->place.run));
    value_set(arena, diff->document, "place", place);
}

static void summary_add(struct arena *arena, struct value *summary, const char *member,
                        int64_t count)
{
    value_set(arena, summary, member,
              value_integer(arena, value_get_integer(summary, member, 0) + count));
}

static void summary_add_step(struct arena *arena, struct value *summary, const struct value *step)
{
    static const char *const counters[] = {"inserted", "updated", "deleted"};
    const struct value *effects = value_get(step, "effects");
    const struct value *tables = value_get(effects, "tables");
    summary_add(arena, summary, value_get_string(step, "outcome"), 1);
    for (size_t i = 0; i < value_count(tables); i++)
        for (int which = 0; which < 3; which++)
            summary_add(arena, summary, counters[which],
                        value_get_integer(tables->as.object.members[i].value, counters[which], 0));
}

static void diff_summarize(struct diff *diff)
{
    static const char *const members[] = {"tried",   "read",       "failed",  "given-up",
                                          "not-run", "unforeseen", "skipped", "inserted",
                                          "updated", "deleted"};
    struct arena *arena = diff->arena;
    struct value *summary = value_object(arena);
    const struct value *steps = value_get(diff->document, "steps");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        value_set(arena, summary, members[i], value_integer(arena, 0));
    for (size_t i = 0; i < value_count(steps); i++)
        summary_add_step(arena, summary, value_item(steps, i));
    value_set(arena, diff->document, "summary", summary);
}

bool diff_has_failures(const struct value *document)
{
    const struct value *summary = value_get(document, "summary");
    return value_get_integer(summary, "failed", 0) + value_get_integer(summary, "given-up", 0) > 0;
}

/* ---- all of it ---- */

static const struct error *diff_check_series(struct diff *diff)
{
    const struct compiled_plan *plan = diff->request->plan;
    const char *series = diff->place.series;
    if (!series)
        return error_create(diff->arena, OUTCOME_FAILED, "check the environment",
                            "the database \"%s\" is not Odoo's", diff->place.database);
    if (strcmp(series, plan->from) >= 0 && strcmp(series, plan->to) <= 0)
        return NULL;
    return error_create(diff->arena, OUTCOME_FAILED, "check plan and environment",
                        "the database \"%s\" is of Odoo %s, the plan goes from %s to %s",
                        diff->place.database, series, plan->from, plan->to);
}

static void diff_on_signal(uv_signal_t *handle, int number)
{
    struct diff *diff = handle->data;
    (void)number;
    diff->stopped = true;
    if (diff->place.dialogue)
        session_cancel(dialogue_session(diff->place.dialogue));
}

static const struct error *diff_perform(struct diff *diff)
{
    const struct diff_request *request = diff->request;
    const struct error *error =
        place_open(diff->run, diff->arena, &request->choice, &diff->stopped, &diff->place);
    if (!error)
        error = diff_check_series(diff);
    if (!error)
        error = diff_modules(diff);
    if (!error)
        error = diff_steps(diff);
    const struct error *closed = place_close(diff->arena, &diff->place);
    if (error && closed)
        return error_create(diff->arena, error->outcome, closed->help, "%s; %s", error->message,
                            closed->message);
    if (error || closed)
        return error ? error : closed;
    value_set(diff->arena, diff->document, "format", value_string(diff->arena, DIFF_FORMAT));
    value_set(diff->arena, diff->document, "plan",
              value_string(diff->arena, request->plan->digest));
    value_set(diff->arena, diff->document, "title",
              value_string(diff->arena, request->plan->title));
    diff_tell_place(diff);
    diff_summarize(diff);
    return NULL;
}

const struct error *diff_make(struct arena *arena, uv_loop_t *loop,
                              const struct diff_request *request, struct value **document)
{
    struct diff *diff = arena_allocate(arena, sizeof *diff);
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    uv_signal_t signals[sizeof numbers / sizeof numbers[0]];
    *diff = (struct diff){.arena = arena,
                          .request = request,
                          .document = value_object(arena),
                          .modules = map_create(arena),
                          .surveys = map_create(arena)};
    diff->run = run_outside(arena, loop, request->environment, "drehbuch diff");
    diff->run->id = run_folder_make_id(arena, "diff");
    diff->run->plan = request->plan;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(loop, &signals[i]);
        signals[i].data = diff;
        uv_signal_start(&signals[i], diff_on_signal, numbers[i]);
    }
    const struct error *error = diff_perform(diff);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        uv_close((uv_handle_t *)&signals[i], NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    if (error)
        return error;
    *document = environment_mask_value(request->environment, arena, diff->document);
    return NULL;
}
