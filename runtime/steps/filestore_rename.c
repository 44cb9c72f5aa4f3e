/* `filestore.rename`: the filestore that stands in the published place keeps another name, and the
 * working one gets the place.
 *
 * Which of the two moves is done is told by the markers: what bears this run's is the working
 * filestore, wherever it stands. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/shell_word.h"
#include "runtime/filestore/folder.h"
#include "runtime/postgres/marker.h"
#include "runtime/steps/filestore_place.h"
#include "runtime/steps/kinds.h"

static const char *rename_skip(const struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    if (!environment->publish)
        return "the environment names no place to publish to";
    return filestore_reason_to_skip(step);
}

/* Whether the folder is the working filestore of this run. */
static bool rename_is_ours(const struct step_run *step, const char *folder)
{
    const char *maker = marker_run(step->arena, filestore_marker(step->arena, folder));
    return maker && strcmp(maker, step->run->id) == 0;
}

/* ---- preflight ---- */

static const struct error *rename_check_device(const struct step_run *step, const char *folder)
{
    const char *work = step->run->environment->work_filestore;
    struct stat there, here;
    const char *parent = file_folder(step->arena, folder);
    if (stat(file_folder(step->arena, work), &here) != 0)
        return NULL; /* told by filestore.copy */
    if (stat(parent, &there) != 0 || access(parent, W_OK | X_OK) != 0)
        return error_system(step->arena, errno, "make the folder, writable for this account",
                            "cannot write to the folder %s", parent);
    if (here.st_dev == there.st_dev)
        return NULL;
    return error_create(step->arena, OUTCOME_INVALID,
                        "name a working filestore on the file system of the published one",
                        "%s and %s lie on two file systems, so that one cannot get the other's "
                        "name",
                        work, folder);
}

/* A rehearsal's is removed by the next one, in `filestore.copy`. */
static bool rename_will_be_free(const struct step_run *step, const char *folder)
{
    if (!file_exists(folder))
        return true;
    const char *marker = filestore_marker(step->arena, folder);
    return step->run->mode == MODE_TEST && marker && !marker_is_of_production(step->arena, marker);
}

static const struct error *rename_check_replaced(const struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    const char *replaced = environment->publish_replaced_filestore;
    if (!replaced)
        return file_exists(environment->publish_filestore)
                   ? error_create(step->arena, OUTCOME_INVALID,
                                  "add `replaced_filestore` to the environment's `publish`: the "
                                  "name that it keeps",
                                  "there is a filestore at %s already",
                                  environment->publish_filestore)
                   : NULL;
    if (!rename_will_be_free(step, replaced))
        return error_create(step->arena, OUTCOME_REFUSED,
                            "move it away, or name another `replaced_filestore`",
                            "there is a folder at %s already", replaced);
    return rename_check_device(step, replaced);
}

static const struct error *rename_check(const struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    const char *publish = environment->publish_filestore;
    if (!publish)
        return error_create(step->arena, OUTCOME_INVALID,
                            "add `filestore` to the environment's `publish`: the folder that the "
                            "upgraded filestore gets",
                            "the environment publishes a database without its filestore");
    if (strcmp(publish, environment->work_filestore) == 0)
        return error_create(
            step->arena, OUTCOME_INVALID, "name another folder in the environment's `work`",
            "the working filestore and the published one are the same folder, %s", publish);
    const struct error *error = rename_check_device(step, publish);
    if (!error && !rename_is_ours(step, publish))
        error = rename_check_replaced(step);
    return error;
}

static void rename_preflight(struct step_run *step)
{
    step_finish(step, rename_check(step), NULL);
}

/* ---- the moves ---- */

static const struct error *rename_move(struct step_run *step, const char *from, const char *to)
{
    struct arena *arena = step->arena;
    if (file_exists(to))
        return error_create(arena, OUTCOME_REFUSED, "move it away",
                            "%s cannot get the name %s, which another folder has", from, to);
    const struct error *error =
        step_note_move(step, arena_format(arena, "the folder %s gets the name %s", from, to),
                       arena_format(arena, "mv %s %s", shell_word_quote(arena, to),
                                    shell_word_quote(arena, from)));
    if (!error)
        error = file_move(arena, from, to);
    if (!error && strcmp(file_folder(arena, from), file_folder(arena, to)) != 0)
        error = file_sync_folder(arena, from);
    return error;
}

/* Which of the two is the working filestore of this run now; NULL: neither. */
static const char *rename_find_ours(const struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    if (rename_is_ours(step, environment->publish_filestore))
        return environment->publish_filestore;
    return rename_is_ours(step, environment->work_filestore) ? environment->work_filestore : NULL;
}

/* Its marker remembers what it replaces, before anything is moved: only that is put back. */
static const struct error *rename_remember(struct step_run *step, const char *replaced)
{
    const char *work = step->run->environment->work_filestore;
    return filestore_mark(
        step->arena, work,
        marker_publish(step->arena, filestore_marker(step->arena, work), replaced));
}

static const struct error *rename_publish(struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    const char *work = environment->work_filestore, *publish = environment->publish_filestore;
    const char *replaced = environment->publish_replaced_filestore;
    if (rename_is_ours(step, publish))
        return NULL;
    if (!rename_is_ours(step, work))
        return error_create(step->arena, OUTCOME_FAILED, "look where it went",
                            "%s is not the working filestore of this run", work);
    bool replaces = file_exists(publish);
    if (replaces && !replaced)
        return error_create(step->arena, OUTCOME_REFUSED,
                            "add `replaced_filestore` to the environment's `publish`",
                            "a filestore has appeared at %s", publish);
    /* Cut off between the two moves, it is remembered already. */
    const struct error *error = NULL;
    if (replaces || !marker_published(step->arena, filestore_marker(step->arena, work)))
        error = rename_remember(step, replaces ? replaced : "");
    if (!error && replaces)
        error = rename_move(step, publish, replaced);
    return error ? error : rename_move(step, work, publish);
}

static void rename_start(struct step_run *step)
{
    step_finish(step, rename_publish(step), NULL);
}

/* The folder that was replaced and has not its name back; NULL: there is none. */
static const char *rename_replaced(const struct step_run *step)
{
    const char *ours = rename_find_ours(step);
    const char *replaced =
        ours ? marker_published(step->arena, filestore_marker(step->arena, ours)) : NULL;
    return replaced && replaced[0] ? replaced : NULL;
}

static const struct error *rename_take_back(struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    const char *publish = environment->publish_filestore, *work = environment->work_filestore;
    const char *replaced = rename_replaced(step);
    const struct error *error = NULL;
    if (rename_is_ours(step, publish))
        error = rename_move(step, publish, work);
    if (!error && replaced && !file_exists(publish))
        error = rename_move(step, replaced, publish);
    if (!error && rename_is_ours(step, work))
        error = filestore_mark(step->arena, work,
                               marker_unpublish(step->arena, filestore_marker(step->arena, work)));
    return error;
}

static void rename_undo(struct step_run *step)
{
    step_finish(step, rename_take_back(step), NULL);
}

static const struct error *rename_object_to_undo(const struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    const char *publish = environment->publish_filestore, *work = environment->work_filestore;
    const char *replaced = rename_replaced(step);
    bool is_published = rename_is_ours(step, publish);
    if (is_published && file_exists(work))
        return error_create(step->arena, OUTCOME_FAILED, "give that one another name",
                            "there is a new filestore %s, whose name is needed", work);
    if (replaced && !file_exists(replaced) && (is_published || !file_exists(publish)))
        return error_create(step->arena, OUTCOME_FAILED, "give it back that name",
                            "the filestore %s that was replaced is gone", replaced);
    return NULL;
}

static void rename_may_undo(struct step_run *step)
{
    step_finish(step, rename_object_to_undo(step), NULL);
}

const struct step_kind kind_filestore_rename = {
    .name = "filestore.rename",
    .resource = RESOURCE_FILESTORE,
    .nature = nature_repeatable,
    .puts_in_place = true,
    .skip = rename_skip,
    .preflight = rename_preflight,
    .start = rename_start,
    .undo = rename_undo,
    .may_undo = rename_may_undo,
};
