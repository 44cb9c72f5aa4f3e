/* `filestore.copy`: the source's filestore becomes the working filestore.
 *
 * What an earlier attempt has left goes first; a whole copy that a crash came behind is made again,
 * as it tells nothing of how it was made. */
#include "runtime/steps/filestore_copy.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "runtime/filestore/background.h"
#include "runtime/filestore/folder.h"
#include "runtime/filestore/place.h"
#include "runtime/postgres/marker.h"
#include "runtime/steps/filestore_place.h"
#include "runtime/steps/filestore_rsync.h"
#include "runtime/steps/kinds.h"

struct copying {
    struct step_run *step;
    const char *source, *target, *marker;
    bool remote;
    bool cancelled;
    int64_t vanished; /* at the other host */

    /* What is under way: one of these. */
    struct background *clearing;
    struct filestore_rsync *rsync;
    struct filestore_copy *copy;
};

/* ---- the copy ---- */

static void copying_ended(void *context, const struct error *error,
                          const struct filestore_copied *copied)
{
    const struct copying *copying = context;
    struct arena *arena = copying->step->arena;
    struct value *effects = value_object(arena);
    const char *method = copying->remote ? "rsync" : filestore_copied_method(copied);
    int64_t vanished = copied->vanished + copying->vanished;
    value_set(arena, effects, "method", value_string(arena, method));
    value_set(arena, effects, "files", value_integer(arena, copied->files));
    value_set(arena, effects, "bytes", value_integer(arena, copied->bytes));
    if (vanished > 0)
        value_set(arena, effects, "vanished", value_integer(arena, vanished));
    if (!error)
        step_log(copying->step, "%lld files: %lld linked, %lld reflinked, %lld copied",
                 (long long)copied->files, (long long)copied->linked, (long long)copied->reflinked,
                 (long long)copied->copied);
    step_finish(copying->step, error, error ? NULL : effects);
}

static void copying_progress(void *context, const struct filestore_copied *so_far)
{
    const struct copying *copying = context;
    filestore_show_progress(copying->step, so_far);
}

static void copying_copy(struct copying *copying)
{
    const struct run *run = copying->step->run;
    copying->copy = filestore_copy_start(
        run->loop, copying->step->arena,
        (struct filestore_copy_options){.from = copying->remote ? NULL : copying->source,
                                        .to = copying->target,
                                        .purpose = FILESTORE_MAKE,
                                        .marker = copying->marker,
                                        .jobs = run->environment->jobs,
                                        .progress = copying_progress,
                                        .ended = copying_ended,
                                        .context = copying});
}

/* ---- from another host ---- */

static void copying_fetched(void *context, const struct error *error, int64_t vanished)
{
    struct copying *copying = context;
    copying->rsync = NULL;
    copying->vanished = vanished;
    if (error)
        step_finish(copying->step, error, NULL);
    else
        copying_copy(copying);
}

static void copying_fetch(struct copying *copying)
{
    struct step_run *step = copying->step;
    const char *partial = filestore_partial(step->arena, copying->target, copying->marker);
    if (mkdir(partial, 0700) != 0 && errno != EEXIST) {
        step_finish(step,
                    error_system(step->arena, errno, NULL, "cannot make the folder %s", partial),
                    NULL);
        return;
    }
    step_progress(step, "fetching");
    copying->rsync =
        filestore_rsync_start(step, copying->source, partial, copying_fetched, copying);
}

/* ---- what is in the way ---- */

/* A rehearsal puts away what an earlier rehearsal had published; nobody else misses it. */
static const struct error *clear_replaced(struct arena *arena, const struct run *run)
{
    const char *folder = run->environment->publish_replaced_filestore;
    const char *marker = folder ? filestore_marker(arena, folder) : NULL;
    if (run->mode != MODE_TEST || !marker || marker_is_of_production(arena, marker) ||
        strcmp(marker_run(arena, marker), run->id) == 0)
        return NULL;
    return filestore_remove(arena, folder);
}

/* On a thread. What rsync has brought so far is kept: it goes on from there. */
static const struct error *clear_work(void *context, struct arena *arena,
                                      const atomic_bool *stopped)
{
    const struct copying *copying = context;
    const struct run *run = copying->step->run;
    const char *spared =
        copying->remote ? filestore_partial(arena, copying->target, copying->marker) : NULL;
    const struct error *error = filestore_remove_remains(arena, copying->target, spared);
    if (!error && file_exists(copying->target))
        error = filestore_refuse_removal(arena, run, copying->target);
    if (!error)
        error = filestore_remove(arena, copying->target);
    if (!error)
        error = clear_replaced(arena, run);
    return !error && atomic_load(stopped) ? background_stopped_error(arena) : error;
}

static void clear_ended(void *context, const struct error *error)
{
    struct copying *copying = context;
    copying->clearing = NULL;
    if (error)
        step_finish(copying->step, error, NULL);
    else if (copying->remote)
        copying_fetch(copying);
    else
        copying_copy(copying);
}

static void copying_start(struct step_run *step)
{
    struct copying *copying = arena_allocate(step->arena, sizeof *copying);
    *copying = (struct copying){.step = step,
                                .source = filestore_source(step),
                                .target = step->run->environment->work_filestore,
                                .marker = marker_write(step->arena, step)};
    copying->remote = filestore_is_remote(copying->source);
    step->state = copying;
    copying->clearing = background_start(
        step->run->loop, step->arena,
        (struct background_options){.work = clear_work, .ended = clear_ended, .context = copying});
}

static void copying_cancel(struct step_run *step)
{
    struct copying *copying = step->state;
    if (copying->clearing)
        background_stop(copying->clearing);
    if (copying->rsync)
        filestore_rsync_stop(copying->rsync);
    if (copying->copy)
        filestore_copy_stop(copying->copy);
}

const struct step_kind kind_filestore_copy = {
    .name = "filestore.copy",
    .resource = RESOURCE_FILESTORE,
    .nature = nature_repeatable,
    .skip = filestore_reason_to_skip,
    .preflight = filestore_copy_preflight,
    .start = copying_start,
    .cancel = copying_cancel,
};
