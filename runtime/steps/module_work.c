#include "runtime/steps/module_work.h"

#include "base/buffer.h"
#include "base/json.h"
#include "runtime/odoo/command.h"
#include "runtime/postgres/conversation.h"
#include "runtime/postgres/way_back.h"
#include "runtime/postgres/work.h"
#include "runtime/steps/module_states.h"

struct progress {
    struct step_run *step;
    struct module_work work;
    const struct value *before;
    struct value *effects;
    /* What is going on, and is to be cancelled: one of these. */
    struct way_back *way_back;
    struct conversation *talk;
    struct odoo_command *command;
};

/* Odoo commits while it works: the error says what becomes of that. */
static void work_fail(struct progress *progress, const struct error *error)
{
    struct arena *arena = progress->step->arena;
    const char *stays =
        progress->work.needs_way_back
            ? "a resumed run begins this step again from the copy before it"
            : "what Odoo has committed of it stays; a resumed run goes on from there";
    const char *help = error->help ? arena_format(arena, "%s; %s", error->help, stays) : stays;
    step_finish(progress->step, error_create(arena, error->outcome, help, "%s", error->message),
                progress->effects);
}

static void work_way_back_removed(void *context)
{
    struct progress *progress = context;
    step_finish(progress->step, NULL, progress->effects);
}

/* Not to be cancelled any more: it is done. */
static void work_receipt_written(void *context, const struct session_answer *answer)
{
    struct progress *progress = context;
    if (answer->error)
        work_fail(progress, answer->error);
    else
        way_back_remove(progress->step, work_way_back_removed, progress);
}

static void work_write_receipt(void *context, struct session *session, const struct error *error)
{
    struct progress *progress = context;
    const struct step_run *step = progress->step;
    struct buffer effects = {0};
    if (error) {
        work_fail(progress, error);
        return;
    }
    json_write(&effects, progress->effects, JSON_COMPACT);
    const char *parameters[] = {step->run->id, step->step->id, step->step->digest,
                                buffer_string(&effects)};
    session_query(session, "INSERT INTO drehbuch.receipt VALUES ($1, $2, $3, $4::jsonb)", 4,
                  parameters, work_receipt_written, progress);
    buffer_release(&effects);
}

static void work_states_after(void *context, struct value *states)
{
    struct progress *progress = context;
    struct arena *arena = progress->step->arena;
    progress->talk = NULL;
    module_states_compare(arena, progress->before, states, progress->effects);
    const struct error *error = module_states_check_whole(arena, states);
    if (!error)
        error = module_states_check_installed(arena, states, progress->work.installed);
    if (!error && progress->work.reaches)
        error = module_states_check_series(arena, states, progress->work.reaches,
                                           progress->work.leaving);
    if (error)
        work_fail(progress, error);
    else if (progress->work.needs_way_back)
        /* Before the way back goes, something has to tell that it is not needed. */
        work_use(progress->step->run->work, work_write_receipt, progress);
    else
        step_finish(progress->step, NULL, progress->effects);
}

static void work_command_ended(struct odoo_command *command, const struct error *error)
{
    struct progress *progress = odoo_command_context(command);
    progress->command = NULL;
    odoo_command_describe(command, progress->effects);
    if (error)
        work_fail(progress, error);
    else
        progress->talk = module_states_settle(progress->step, progress->work.leaving,
                                              work_states_after, progress);
}

static void work_states_before(void *context, struct value *states)
{
    struct progress *progress = context;
    progress->talk = NULL;
    progress->before = states;
    progress->command = odoo_command_start(progress->step, progress->work.series,
                                           progress->work.call, progress, work_command_ended);
}

static void work_way_back_prepared(void *context)
{
    struct progress *progress = context;
    progress->way_back = NULL;
    progress->talk = module_states_read(progress->step, work_states_before, progress);
}

void module_work_start(struct step_run *step, struct module_work work)
{
    struct progress *progress = arena_allocate(step->arena, sizeof *progress);
    *progress = (struct progress){.step = step, .work = work, .effects = value_object(step->arena)};
    step->state = progress;
    if (work.needs_way_back)
        progress->way_back = way_back_prepare(step, work_way_back_prepared, progress);
    else
        progress->talk = module_states_read(step, work_states_before, progress);
}

void module_work_cancel(struct step_run *step)
{
    struct progress *progress = step->state;
    if (progress->way_back)
        way_back_stop(progress->way_back);
    if (progress->talk)
        conversation_stop(progress->talk);
    if (progress->command)
        odoo_command_stop(progress->command);
}
