/* `filestore.merge`: the files that the dump brought are laid over the filestore that the
 * environment names beside it. */
#include "runtime/steps/filestore_place.h"
#include "runtime/steps/kinds.h"

static const char *merge_skip(const struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    if (step->run->checkpoint)
        return "the checkpoint has them";
    if (!environment->source_dump)
        return environment->work_filestore || environment->source_filestore
                   ? "the source is a database"
                   : "the environment names no filestore";
    if (!environment->source_filestore || !environment->work_filestore)
        return "the environment names no filestore to lay the dump's over";
    return filestore_of_dump(step) ? NULL : "the dump brought no files";
}

static void merge_progress(void *context, const struct filestore_copied *so_far)
{
    filestore_show_progress(context, so_far);
}

static void merge_ended(void *context, const struct error *error,
                        const struct filestore_copied *copied)
{
    struct step_run *step = context;
    struct value *effects = value_object(step->arena);
    value_set(step->arena, effects, "method",
              value_string(step->arena, filestore_copied_method(copied)));
    value_set(step->arena, effects, "files", value_integer(step->arena, copied->files));
    value_set(step->arena, effects, "bytes", value_integer(step->arena, copied->bytes));
    value_set(step->arena, effects, "kept", value_integer(step->arena, copied->kept));
    step_finish(step, error, error ? NULL : effects);
}

static void merge_start(struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    step->state =
        filestore_copy_start(step->run->loop, step->arena,
                             (struct filestore_copy_options){.from = filestore_of_dump(step),
                                                             .to = environment->work_filestore,
                                                             .purpose = FILESTORE_MERGE,
                                                             .jobs = environment->jobs,
                                                             .progress = merge_progress,
                                                             .ended = merge_ended,
                                                             .context = step});
}

static void merge_cancel(struct step_run *step)
{
    filestore_copy_stop(step->state);
}

const struct step_kind kind_filestore_merge = {
    .name = "filestore.merge",
    .resource = RESOURCE_FILESTORE,
    .nature = nature_repeatable,
    .skip = merge_skip,
    .start = merge_start,
    .cancel = merge_cancel,
};
