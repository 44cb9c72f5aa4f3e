#include "runtime/errand.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/file.h"
#include "runtime/postgres/work.h"
#include "runtime/run_folder.h"
#include "runtime/steps/kind.h"

struct performance {
    struct arena *arena;
    const struct errand *errand;
    const struct step_kind *kind;
    struct run run;
    struct step_run *step; /* what runs now: the preflight, then the step itself */
    struct step_run *asked;
    bool started;
    bool interrupted;
    uv_signal_t interrupt, terminate;
    const struct error *error;
    struct value *effects;
};

/* ---- what the step says ---- */

static void errand_warn(void *context, const char *step, const char *message)
{
    const struct performance *performance = context;
    const struct errand *errand = performance->errand;
    (void)step;
    if (errand->warn)
        errand->warn(errand->context,
                     environment_mask(errand->environment, performance->arena, message));
}

static void errand_progress(void *context, const char *step, const char *message)
{
    const struct performance *performance = context;
    const struct errand *errand = performance->errand;
    (void)step;
    if (errand->progress)
        errand->progress(errand->context,
                         environment_mask(errand->environment, performance->arena, message));
}

/* By hand nothing is put into the place of something else. */
static const struct error *errand_note_move(void *context, const char *step, const char *move,
                                            const char *reverse)
{
    const struct performance *performance = context;
    (void)reverse;
    return error_create(performance->arena, OUTCOME_FAILED, NULL, "%s: %s is for runs only", step,
                        move);
}

/* ---- the step ---- */

static void errand_close_signals(struct performance *performance)
{
    uv_close((uv_handle_t *)&performance->interrupt, NULL);
    uv_close((uv_handle_t *)&performance->terminate, NULL);
}

static void errand_ended(struct step_run *step, const struct error *error, struct value *effects)
{
    struct performance *performance = step->owner;
    if (!error && !performance->started && !performance->interrupted) {
        performance->started = true;
        performance->kind->start(performance->step);
        return;
    }
    if (!error && !performance->started)
        error = error_create(performance->arena, OUTCOME_INTERRUPTED, NULL, "it was interrupted");
    if (error) {
        const struct environment *environment = performance->errand->environment;
        performance->error =
            error_create(performance->arena, error->outcome,
                         error->help ? arena_copy(performance->arena, error->help) : NULL, "%s",
                         environment_mask(environment, performance->arena, error->message));
    }
    performance->effects = effects ? value_copy(performance->arena, effects) : NULL;
    errand_close_signals(performance);
}

static void errand_on_signal(uv_signal_t *handle, int number)
{
    struct performance *performance = handle->data;
    (void)number;
    performance->interrupted = true;
    if (performance->started && performance->kind->cancel)
        performance->kind->cancel(performance->step);
}

static void errand_open_signals(struct performance *performance, uv_loop_t *loop)
{
    uv_signal_init(loop, &performance->interrupt);
    uv_signal_init(loop, &performance->terminate);
    performance->interrupt.data = performance->terminate.data = performance;
    uv_signal_start(&performance->interrupt, errand_on_signal, SIGINT);
    uv_signal_start(&performance->terminate, errand_on_signal, SIGTERM);
    uv_unref((uv_handle_t *)&performance->interrupt);
    uv_unref((uv_handle_t *)&performance->terminate);
}

/* A plan of one step, which only this errand sees. */
static const struct compiled_plan *errand_plan(struct arena *arena, const struct errand *errand)
{
    struct compiled_plan *plan = arena_allocate(arena, sizeof *plan);
    struct compiled_step *step = arena_allocate(arena, sizeof *step);
    *step = (struct compiled_step){.id = errand->name,
                                   .kind = errand->kind,
                                   .title = errand->name,
                                   .phase = "prepare",
                                   .origin = "drehbuch",
                                   .digest = errand->name,
                                   .spec = errand->spec};
    *plan = (struct compiled_plan){.digest = errand->name,
                                   .customer = errand->name,
                                   .title = errand->name,
                                   .with = "none",
                                   .bindings = value_object(arena),
                                   .modules = value_object(arena),
                                   .steps = step,
                                   .step_count = 1};
    return plan;
}

static const struct error *errand_make_folder(struct arena *arena, const char **folder)
{
    const char *above = getenv("TMPDIR");
    char *made = arena_format(arena, "%s/drehbuch-XXXXXX", above && above[0] ? above : "/tmp");
    if (!mkdtemp(made))
        return error_system(arena, errno, "name a folder that can be written to with TMPDIR",
                            "cannot make the folder %s", made);
    *folder = made;
    return file_make_folder(arena, arena_format(arena, "%s/steps", made), 0700);
}

static void errand_begin(struct performance *performance)
{
    performance->step = step_create(&performance->run, performance->run.plan->steps);
    performance->step->finished = errand_ended;
    performance->step->owner = performance;
    if (!performance->kind->preflight) {
        performance->started = true;
        performance->kind->start(performance->step);
        return;
    }
    performance->asked = step_create(&performance->run, performance->run.plan->steps);
    performance->asked->finished = errand_ended;
    performance->asked->owner = performance;
    performance->asked->parent = performance->step;
    performance->kind->preflight(performance->asked);
}

/* The log is of use only where it did not go well. */
static const struct error *errand_tidy(struct performance *performance)
{
    struct arena *arena = performance->arena;
    const struct error *error = performance->error;
    if (!error)
        return file_remove_tree(arena, performance->run.folder);
    const char *log =
        run_folder_log_path(arena, performance->run.folder, 0, performance->errand->name);
    if (!file_exists(log)) {
        (void)file_remove_tree(arena, performance->run.folder);
        return error;
    }
    return error_create(arena, error->outcome,
                        error->help ? arena_format(arena, "%s; its log is %s", error->help, log)
                                    : arena_format(arena, "its log is %s", log),
                        "%s", error->message);
}

const struct error *errand_perform(struct arena *arena, uv_loop_t *loop,
                                   const struct errand *errand, struct value **effects)
{
    struct performance *performance = arena_allocate(arena, sizeof *performance);
    *performance = (struct performance){
        .arena = arena, .errand = errand, .kind = step_kind_find(errand->kind)};
    performance->run =
        (struct run){.arena = arena,
                     .loop = loop,
                     .plan = errand_plan(arena, errand),
                     .environment = errand->environment,
                     .id = run_folder_make_id(arena, errand->name),
                     .mode = errand->environment->mode,
                     .application_name = arena_format(arena, "drehbuch %s", errand->name),
                     .listener = {.warn = errand_warn,
                                  .progress = errand_progress,
                                  .note_move = errand_note_move,
                                  .context = performance}};
    performance->run.work = work_create(&performance->run);
    const struct error *error = errand_make_folder(arena, &performance->run.folder);
    if (error)
        return error;
    errand_open_signals(performance, loop);
    errand_begin(performance);
    uv_run(loop, UV_RUN_DEFAULT);
    work_disconnect(performance->run.work);
    uv_run(loop, UV_RUN_DEFAULT);
    step_destroy(performance->step);
    if (performance->asked)
        step_destroy(performance->asked);
    *effects = performance->effects;
    return errand_tidy(performance);
}
