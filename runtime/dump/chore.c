#include "runtime/dump/chore.h"

#include "runtime/filestore/background.h"
#include "runtime/run.h"

#define MEGABYTE 1048576

struct chore {
    struct step_run *step;
    const char *doing;
    struct background *background;
    struct file_work work;
    chore_work *function;
    chore_ended *ended;
    void *context;
};

static void chore_release(void *object)
{
    arena_destroy(object);
}

static void chore_tell(void *context)
{
    struct chore *chore = context;
    long long done = atomic_load(&chore->work.done), total = atomic_load(&chore->work.total);
    if (total > 0)
        step_progress(chore->step, "%s: %lld of %lld MB", chore->doing, done / MEGABYTE,
                      total / MEGABYTE);
    else
        step_progress(chore->step, "%s: %lld MB", chore->doing, done / MEGABYTE);
}

static const struct error *chore_on_thread(void *context, struct arena *arena,
                                           const atomic_bool *stopped)
{
    struct chore *chore = context;
    (void)arena; /* ends with the thread's work */
    chore->work.stopped = stopped;
    return chore->function(&chore->work, chore->context);
}

static void chore_on_ended(void *context, const struct error *error)
{
    struct chore *chore = context;
    chore->ended(chore->context, error);
}

struct chore *chore_start(struct step_run *step, const char *doing, chore_work *work,
                          chore_ended *ended, void *context)
{
    struct chore *chore = arena_allocate(step->arena, sizeof *chore);
    *chore = (struct chore){
        .step = step, .doing = doing, .function = work, .ended = ended, .context = context};
    chore->work.arena = arena_create();
    arena_on_destroy(step->arena, chore_release, chore->work.arena);
    step_progress(step, "%s", doing);
    chore->background = background_start(step->run->loop, step->arena,
                                         (struct background_options){.work = chore_on_thread,
                                                                     .progress = chore_tell,
                                                                     .ended = chore_on_ended,
                                                                     .context = chore});
    return chore;
}

void chore_stop(struct chore *chore)
{
    background_stop(chore->background);
}
