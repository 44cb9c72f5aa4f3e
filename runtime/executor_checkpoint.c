#include "runtime/executor_checkpoint.h"

#include <string.h>

#include "base/clock.h"
#include "runtime/checkpoint/choose.h"
#include "runtime/checkpoint/make.h"
#include "runtime/odoo/shell.h"
#include "runtime/past.h"
#include "runtime/postgres/work.h"

struct executor_checkpoints {
    bool looked;
    const bool *taken;  /* the steps that the checkpoint has which the run began from, or NULL */
    int64_t since;      /* milliseconds of the steps since the last one */
    size_t last;        /* index of the last step before publishing that writes something */
    size_t behind;      /* index of the last step that wrote something; what the next is named by */
    bool worth_keeping; /* there was one since the last checkpoint */
    const struct compiled_step *due; /* one is to be kept behind this step, or NULL */
    struct checkpoint_making *making;
    int64_t began;
    void (*then)(struct executor *executor);
};

static bool checkpoints_step_writes(const struct compiled_step *step)
{
    const struct step_kind *kind = step_kind_find(step->kind);
    return kind && (kind->resource == RESOURCE_DATABASE || kind->resource == RESOURCE_FILESTORE);
}

static struct executor_checkpoints *checkpoints_of(struct executor *executor)
{
    const struct compiled_plan *plan = executor->run.plan;
    if (executor->checkpoints)
        return executor->checkpoints;
    struct executor_checkpoints *checkpoints = arena_allocate(executor->arena, sizeof *checkpoints);
    for (size_t i = 0; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].phase, "publish") != 0 &&
            checkpoints_step_writes(&plan->steps[i]))
            checkpoints->last = i;
    executor->checkpoints = checkpoints;
    return checkpoints;
}

/* Preflight has been passed long before any checkpoint counts, in this attempt or an earlier one.
 */
static void checkpoints_know_addons(struct executor *executor)
{
    for (size_t i = value_count(executor->entries); i > 0 && !executor->run.addons; i--) {
        const struct value *entry = value_item(executor->entries, i - 1);
        if (strcmp(value_get_string(entry, "event"), "step-ended") == 0)
            executor->run.addons = value_get(value_get(entry, "effects"), "addons");
    }
}

/* ---- the one that a run begins from ---- */

static void checkpoints_go_on(struct executor *executor)
{
    executor->checkpoints->then(executor);
}

static void checkpoints_write_taken(struct executor *executor, const struct checkpoint *checkpoint)
{
    struct arena *arena = executor->arena;
    struct value *entry = value_object(arena);
    value_set(arena, entry, "event", value_string(arena, "checkpoint-taken"));
    value_set(arena, entry, "step", value_string(arena, checkpoint->step));
    value_set(arena, entry, "digest", value_string(arena, checkpoint->digest));
    value_set(arena, entry, "from", value_string(arena, checkpoint->run));
    value_set(arena, entry, "database", value_string(arena, checkpoint->database));
    value_set(arena, entry, "snapshot", value_string(arena, checkpoint->snapshot));
    if (checkpoint->filestore)
        value_set(arena, entry, "filestore", value_string(arena, checkpoint->filestore));
    executor_write(executor, entry, JOURNAL_SYNC_NOW);
}

/* The checkpoint's step may have another name in this plan. */
static const char *checkpoints_find_step(const struct compiled_plan *plan, const char *digest)
{
    for (size_t i = 0; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].digest, digest) == 0)
            return plan->steps[i].id;
    return NULL;
}

static void checkpoints_listed(void *context, const struct checkpoints *list,
                               const struct error *error)
{
    struct executor *executor = context;
    struct executor_checkpoints *checkpoints = executor->checkpoints;
    if (error) {
        executor_warn(executor, NULL, error->message);
        checkpoints_go_on(executor);
        return;
    }
    const struct checkpoint *found = checkpoint_choose(
        list, &executor->run, executor->options->stale ? NULL : executor->snapshot);
    if (found) {
        struct checkpoint *chosen = arena_allocate(executor->arena, sizeof *chosen);
        *chosen = *found;
        chosen->step = checkpoints_find_step(executor->run.plan, found->digest);
        executor->run.checkpoint = chosen;
        executor->snapshot = chosen->snapshot; /* with --stale another one than the source is now */
        checkpoints->taken = checkpoint_steps(executor->arena, executor->run.plan, chosen->step);
        checkpoints_write_taken(executor, chosen);
    }
    checkpoints_go_on(executor);
}

bool executor_look_for_checkpoint(struct executor *executor,
                                  void (*looked)(struct executor *executor))
{
    struct executor_checkpoints *checkpoints = checkpoints_of(executor);
    const struct environment *environment = executor->run.environment;
    if (checkpoints->looked || environment->checkpoints.count == 0 || !executor->snapshot ||
        environment->mode != MODE_TEST || executor->options->fresh)
        return false;
    checkpoints->looked = true;
    checkpoints->then = looked;
    checkpoints_know_addons(executor);
    checkpoint_list(&executor->run, executor->arena, checkpoints_listed, executor);
    return true;
}

void executor_recall_checkpoint(struct executor *executor)
{
    struct executor_checkpoints *checkpoints = checkpoints_of(executor);
    for (size_t i = 0; i < value_count(executor->entries); i++) {
        const struct value *entry = value_item(executor->entries, i);
        const char *event = value_get_string(entry, "event");
        if (strcmp(event, "checkpoint-taken") == 0) {
            struct checkpoint *chosen = arena_allocate(executor->arena, sizeof *chosen);
            *chosen = (struct checkpoint){.database = value_get_string(entry, "database"),
                                          .filestore = value_get_string(entry, "filestore"),
                                          .run = value_get_string(entry, "from"),
                                          .step = value_get_string(entry, "step"),
                                          .digest = value_get_string(entry, "digest")};
            executor->run.checkpoint = chosen;
            executor->snapshot = value_get_string(entry, "snapshot");
            executor->source_asked = true;
            checkpoints->looked = true;
            checkpoints->taken =
                checkpoint_steps(executor->arena, executor->run.plan, chosen->step);
        }
    }
}

/* What every run prepares for itself is whole with the last step of it. */
static bool checkpoints_may_stand_behind(const struct compiled_plan *plan, size_t index)
{
    const char *phase = plan->steps[index].phase;
    if (strcmp(phase, "publish") == 0)
        return false;
    return strcmp(phase, "prepare") != 0 ||
           (index + 1 < plan->step_count && strcmp(plan->steps[index + 1].phase, "prepare") != 0);
}

void executor_recall_progress(struct executor *executor, const enum past_state *past)
{
    struct executor_checkpoints *checkpoints = checkpoints_of(executor);
    const struct compiled_plan *plan = executor->run.plan;
    for (size_t i = 0; i < plan->step_count; i++) {
        bool prepares = strcmp(plan->steps[i].phase, "prepare") == 0;
        bool over = past[i] == PAST_DONE || past[i] == PAST_TAKEN_OVER || past[i] == PAST_SKIPPED;
        if (over && checkpoints_may_stand_behind(plan, i) &&
            (prepares || checkpoints_step_writes(&plan->steps[i]))) {
            checkpoints->behind = i;
            checkpoints->worth_keeping = true;
        }
    }
}

bool executor_has_taken_over(const struct executor *executor, size_t index)
{
    return executor->checkpoints && executor->checkpoints->taken &&
           executor->checkpoints->taken[index];
}

/* ---- those that are kept ---- */

/* A copy inside of the server costs no more than one of a checkpoint would. */
static bool checkpoints_is_cheap_copy(const struct step_kind *kind, const struct value *effects)
{
    const char *method = value_get_string(effects, "method");
    return kind->makes_work && (!method || strcmp(method, "stream") != 0);
}

/* Whether the next step that writes works in the shell that is open now: ending that, and loading
 * all of it again, would cost more than a later checkpoint does. */
static bool checkpoints_shell_goes_on(struct executor *executor, size_t index)
{
    const struct compiled_plan *plan = executor->run.plan;
    const char *open = shell_series(executor->run.shell);
    for (size_t i = index + 1; open && i <= executor->checkpoints->last; i++) {
        const struct compiled_step *next = &plan->steps[i];
        const struct step_kind *kind = step_kind_find(next->kind);
        struct step_run asked = {
            .run = &executor->run, .step = next, .spec = next->spec, .arena = executor->arena};
        bool other_mode = next->only && strcmp(next->only, mode_name(executor->run.mode)) != 0;
        if (!checkpoints_step_writes(next) || other_mode)
            continue;
        const char *wanted = kind->shell ? kind->shell(&asked) : NULL;
        return wanted && strcmp(wanted, open) == 0;
    }
    return false;
}

void executor_consider_checkpoint(struct executor *executor, size_t index, int64_t milliseconds,
                                  const struct value *effects)
{
    struct executor_checkpoints *checkpoints = checkpoints_of(executor);
    const struct compiled_plan *plan = executor->run.plan;
    const struct step_kind *kind = step_kind_find(plan->steps[index].kind);
    bool prepares = strcmp(plan->steps[index].phase, "prepare") == 0;
    bool writes =
        kind && (kind->makes_work || (!prepares && checkpoints_step_writes(&plan->steps[index])));
    if (!executor->snapshot || executor->run.environment->checkpoints.count == 0)
        return;
    if (writes && !checkpoints_is_cheap_copy(kind, effects)) {
        checkpoints->since += milliseconds;
        checkpoints->worth_keeping = true;
    }
    if (!checkpoints_may_stand_behind(plan, index) || (!writes && !prepares))
        return;
    checkpoints->behind = index;
    /* Behind the last one there is nothing to begin with. */
    if (checkpoints->worth_keeping && index < checkpoints->last &&
        checkpoints->since >= executor->run.environment->checkpoints.minimum &&
        !checkpoints_shell_goes_on(executor, index))
        checkpoints->due = &plan->steps[index];
}

void executor_demand_checkpoint(struct executor *executor, const struct step_kind *kind)
{
    struct executor_checkpoints *checkpoints = checkpoints_of(executor);
    if (executor->run.environment->checkpoints.count > 0 && checkpoints->worth_keeping &&
        kind->resource == RESOURCE_DATABASE)
        checkpoints->due = &executor->run.plan->steps[checkpoints->behind];
}

bool executor_checkpoint_is_due(const struct executor *executor)
{
    return executor->checkpoints && executor->checkpoints->due;
}

static void checkpoints_made(void *context, const struct checkpoint_made *made)
{
    struct executor *executor = context;
    struct executor_checkpoints *checkpoints = executor->checkpoints;
    struct arena *arena = executor->arena;
    const struct compiled_step *step = checkpoints->due;
    checkpoints->making = NULL;
    checkpoints->due = NULL;
    checkpoints->since = 0;
    checkpoints->worth_keeping = false;
    if (!made->database) {
        executor_warn(
            executor, NULL,
            arena_format(arena, "no checkpoint is kept behind %s: %s", step->id, made->why));
        checkpoints_go_on(executor);
        return;
    }
    struct value *entry = value_object(arena);
    value_set(arena, entry, "event", value_string(arena, "checkpoint"));
    value_set(arena, entry, "step", value_string(arena, step->id));
    value_set(arena, entry, "database", value_string(arena, made->database));
    value_set(arena, entry, "bytes", value_integer(arena, made->bytes));
    value_set(arena, entry, "milliseconds", value_integer(arena, clock_now() - checkpoints->began));
    executor_write(executor, entry, JOURNAL_SYNC_NOW);
    checkpoints_go_on(executor);
}

static void checkpoints_make(void *context, const struct error *error)
{
    struct executor *executor = context;
    struct executor_checkpoints *checkpoints = executor->checkpoints;
    if (error) {
        checkpoints->due = NULL;
        executor_stop(executor, error);
        checkpoints_go_on(executor);
        return;
    }
    work_disconnect(executor->run.work);
    checkpoints->making = checkpoint_make(&executor->run, checkpoints->due, executor->snapshot,
                                          checkpoints_made, executor);
}

/* The shell's sessions, and our own, would keep the database from being copied. */
static void checkpoints_shell_ended(void *context)
{
    struct executor *executor = context;
    if (work_is_dirty(executor->run.work))
        work_flush(executor->run.work, checkpoints_make, executor);
    else
        checkpoints_make(executor, NULL);
}

void executor_keep_checkpoint(struct executor *executor, void (*kept)(struct executor *executor))
{
    struct executor_checkpoints *checkpoints = executor->checkpoints;
    checkpoints->then = kept;
    checkpoints->began = clock_now();
    checkpoints_know_addons(executor);
    if (shell_series(executor->run.shell))
        shell_end(executor->run.shell, checkpoints_shell_ended, executor);
    else
        checkpoints_shell_ended(executor);
}

void executor_stop_keeping(struct executor *executor)
{
    if (executor->checkpoints && executor->checkpoints->making)
        checkpoint_making_stop(executor->checkpoints->making);
}
