#include "runtime/steps/module_work.h"

#include "runtime/odoo/command.h"
#include "runtime/postgres/conversation.h"
#include "runtime/postgres/way_back.h"
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

static void work_way_back_removed(void *context)
{
    struct progress *progress = context;
    progress->way_back = NULL;
    step_finish(progress->step, NULL, progress->effects);
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
    if (error)
        step_finish(progress->step, error, progress->effects);
    else if (progress->work.needs_way_back)
        progress->way_back = way_back_remove(progress->step, work_way_back_removed, progress);
    else
        step_finish(progress->step, NULL, progress->effects);
}

static void work_command_ended(struct odoo_command *command, const struct error *error)
{
    struct progress *progress = odoo_command_context(command);
    progress->command = NULL;
    odoo_command_describe(command, progress->effects);
    if (error)
        step_finish(progress->step, error, progress->effects);
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
