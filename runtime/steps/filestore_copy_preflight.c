/* Whether `filestore.copy` can be done: places, rights, disk. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/filestore/place.h"
#include "runtime/postgres/conversation.h"
#include "runtime/steps/filestore_copy.h"
#include "runtime/steps/filestore_place.h"
#include "runtime/steps/filestore_rsync.h"

/* ---- places ---- */

static const struct error *place_check_source(const struct step_run *step, const char *source)
{
    struct stat status;
    if (stat(source, &status) != 0)
        return error_system(step->arena, errno, "check the environment's `source`",
                            "cannot find the source filestore %s", source);
    if (!S_ISDIR(status.st_mode))
        return error_create(step->arena, OUTCOME_INVALID, "check the environment's `source`",
                            "the source filestore %s is no folder", source);
    if (access(source, R_OK | X_OK) != 0)
        return error_system(step->arena, errno,
                            "give this account the right to read it, or start drehbuch as the "
                            "account of Odoo",
                            "cannot read the source filestore %s", source);
    return NULL;
}

static const struct error *place_check_target(const struct step_run *step, const char *target)
{
    const char *parent = file_folder(step->arena, target);
    if (access(parent, W_OK | X_OK) != 0)
        return error_system(step->arena, errno,
                            errno == ENOENT
                                ? "make the folder, writable for this account"
                                : "give this account the right to write there, or name another "
                                  "folder in the environment's `work`",
                            "cannot write to the folder %s", parent);
    if (!file_exists(target))
        return NULL;
    return filestore_refuse_removal(step->arena, step->run, target);
}

static bool place_contains(const char *folder, const char *path)
{
    size_t length = strlen(folder);
    return strncmp(folder, path, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* The target need not be there yet, its parent is. */
static const struct error *place_check_apart(const struct step_run *step, const char *source,
                                             const char *target)
{
    char from[PATH_MAX], above[PATH_MAX];
    const char *slash = strrchr(target, '/');
    if (!realpath(source, from) || !realpath(file_folder(step->arena, target), above))
        return error_system(step->arena, errno, NULL, "cannot find %s", source);
    const char *to = arena_format(step->arena, "%s/%s", strcmp(above, "/") == 0 ? "" : above,
                                  slash ? slash + 1 : target);
    if (!place_contains(from, to) && !place_contains(to, from))
        return NULL;
    return error_create(
        step->arena, OUTCOME_INVALID, "name a folder beside it in the environment's `work`",
        "the working filestore %s and the source's, %s, lie in each other", target, source);
}

/* ---- disk ---- */

static bool place_needs_space(const struct step_run *step, const char *source, const char *target)
{
    struct stat from, to;
    if (filestore_is_remote(source))
        return true;
    return stat(source, &from) == 0 && stat(file_folder(step->arena, target), &to) == 0 &&
           from.st_dev != to.st_dev;
}

static const struct error *place_check_space(const struct step_run *step, int64_t size)
{
    const struct environment *environment = step->run->environment;
    const char *folder = file_folder(step->arena, environment->work_filestore);
    int64_t available;
    if (!file_free_space(folder, &available))
        return error_system(step->arena, errno, NULL, "cannot look at the folder %s", folder);
    if (available - size >= environment->free_disk)
        return NULL;
    return error_create(
        step->arena, OUTCOME_FAILED,
        "free space, or put the working filestore on the source's file system, where links do",
        "%s has %lld MB free; the filestore's copy needs %lld MB, and %lld MB are to stay free",
        folder, (long long)available / 1048576, (long long)size / 1048576,
        (long long)environment->free_disk / 1048576);
}

/* The database knows how large its files are; to add up the files themselves would take minutes. On
 * disk they are whole blocks. */
static const char sum_sizes[] =
    "SELECT coalesce(sum((size + 4095) / 4096 * 4096), 0)::bigint FROM (SELECT "
    "max(file_size::bigint) AS size FROM ir_attachment WHERE store_fname IS NOT NULL "
    "GROUP BY store_fname) files";

static void space_summed(struct conversation *conversation, const struct session_answer *answer)
{
    int64_t size = strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10);
    conversation_end(conversation, place_check_space(conversation_step(conversation), size), NULL);
}

static void space_table_known(struct conversation *conversation,
                              const struct session_answer *answer)
{
    if (strcmp(PQgetvalue(answer->result, 0, 1), "t") == 0)
        conversation_execute(conversation, sum_sizes, space_summed);
    else
        conversation_end(conversation, NULL, NULL);
}

static void space_opened(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, FILESTORE_TABLE_KNOWN, space_table_known);
}

static void preflight_ask_for_space(struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    if (place_needs_space(step, filestore_source(step), environment->work_filestore))
        conversation_open(step, &environment->source, NULL, NULL, space_opened);
    else
        step_finish(step, NULL, NULL);
}

/* ---- another host ---- */

static bool program_is_in(struct arena *arena, const char *path, const char *name)
{
    while (path && *path) {
        size_t length = strcspn(path, ":");
        const char *folder = arena_copy_bytes(arena, path, length);
        if (access(arena_format(arena, "%s/%s", length > 0 ? folder : ".", name), X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

static void preflight_looked(void *context, const struct error *error, int64_t vanished)
{
    struct step_run *step = context;
    (void)vanished;
    if (error)
        step_finish(step, error, NULL);
    else
        preflight_ask_for_space(step);
}

static void preflight_look_there(struct step_run *step, const char *source)
{
    static const char *const programs[] = {"rsync", "ssh"};
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        if (program_is_in(step->arena, getenv("PATH"), programs[i]))
            continue;
        step_finish(step,
                    error_create(step->arena, OUTCOME_FAILED,
                                 "install it, or name a filestore of this host",
                                 "the filestore %s is on another host, and there is no program %s "
                                 "here",
                                 source, programs[i]),
                    NULL);
        return;
    }
    (void)filestore_rsync_look(step, source, preflight_looked, step);
}

void filestore_copy_preflight(struct step_run *step)
{
    const char *source = filestore_source(step);
    const char *target = step->run->environment->work_filestore;
    bool remote = filestore_is_remote(source);
    const struct error *error = remote ? NULL : place_check_source(step, source);
    if (!error)
        error = place_check_target(step, target);
    if (!error && !remote)
        error = place_check_apart(step, source, target);
    if (error)
        step_finish(step, error, NULL);
    else if (remote)
        preflight_look_there(step, source);
    else
        preflight_ask_for_space(step);
}
