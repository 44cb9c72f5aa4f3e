/* What every kind may call: runtime/steps/kind.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/template.h"
#include "runtime/run.h"
#include "runtime/run_folder.h"
#include "runtime/steps/kind.h"

static const char *step_lookup(void *context, const char *name)
{
    const struct run *run = context;
    const char *value = map_get(run->environment->bindings, name);
    return value ? value : "";
}

struct step_run *step_create(struct run *run, const struct compiled_step *step)
{
    struct arena *arena = arena_create();
    struct step_run *made = arena_allocate(arena, sizeof *made);
    *made = (struct step_run){.run = run, .step = step, .arena = arena, .log = -1};
    made->spec = template_expand_value(arena, step->spec, step_lookup, run);
    return made;
}

void step_destroy(struct step_run *step)
{
    if (step->log >= 0)
        close(step->log); /* a log is for people: what could not be written there was said by
                             step_log */
    arena_destroy(step->arena);
}

void step_finish(struct step_run *step, const struct error *error, struct value *effects)
{
    step->finished(step, error, effects);
}

/* A step's own preflight speaks for the step `preflight`. */
static struct step_run *step_speaker(struct step_run *step)
{
    while (step->parent)
        step = step->parent;
    return step;
}

/* A step may log as much as it likes: none of it stays in its arena. */
void step_log(struct step_run *step, const char *format, ...)
{
    struct arena *scratch = arena_create();
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_arguments(scratch, format, arguments);
    va_end(arguments);
    step = step_speaker(step);
    if (step->log < 0)
        step->log =
            open(run_folder_log_path(scratch, step->run->folder,
                                     (size_t)(step->step - step->run->plan->steps), step->step->id),
                 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const struct run_listener *listener = &step->run->listener;
    struct buffer line = {0};
    buffer_format(&line, "%s %s\n", clock_write(clock_now()).text,
                  environment_mask(step->run->environment, scratch, text));
    if (step->log < 0 || write(step->log, line.bytes, line.length) != (ssize_t)line.length)
        listener->warn(listener->context, step->step->id,
                       arena_format(scratch, "cannot write the step's log: %s", strerror(errno)));
    buffer_release(&line);
    arena_destroy(scratch);
}

void step_warn(struct step_run *step, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_arguments(step->arena, format, arguments);
    va_end(arguments);
    step = step_speaker(step);
    step->run->listener.warn(step->run->listener.context, step->step->id, text);
}

const struct error *step_note_move(struct step_run *step, const char *move, const char *reverse)
{
    const struct run_listener *listener = &step->run->listener;
    step_log(step, "%s", move);
    return listener->note_move(listener->context, step->step->id, move, reverse);
}

void step_progress(struct step_run *step, const char *format, ...)
{
    struct arena *scratch = arena_create();
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_arguments(scratch, format, arguments);
    va_end(arguments);
    step->run->listener.progress(step->run->listener.context, step->step->id, text);
    arena_destroy(scratch);
}
