#include "runtime/steps/filestore_place.h"

#include <string.h>

#include "base/file.h"
#include "runtime/checkpoint/list.h"
#include "runtime/filestore/folder.h"
#include "runtime/filestore/place.h"
#include "runtime/postgres/marker.h"

const char *filestore_of_dump(const struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    if (!environment->source_dump)
        return NULL;
    const char *folder = filestore_dump_folder(step->arena, environment->work_filestore);
    return folder && file_exists(folder) ? folder : NULL;
}

const char *filestore_source(const struct step_run *step)
{
    const struct checkpoint *checkpoint = step->run->checkpoint;
    if (checkpoint && checkpoint->filestore)
        return checkpoint->filestore;
    const char *named = step->run->environment->source_filestore;
    return named ? named : filestore_of_dump(step);
}

const char *filestore_reason_to_skip(const struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    if (!environment->work_filestore)
        return environment->source_filestore ? "the environment's `work` names no filestore"
                                             : "the environment names no filestore";
    if (filestore_source(step))
        return NULL;
    return environment->source_dump ? "the dump brought no files"
                                    : "the environment's `source` names no filestore";
}

const struct error *filestore_refuse_removal(struct arena *arena, const struct run *run,
                                             const char *folder)
{
    const char *marker = filestore_marker(arena, folder);
    const char *maker = marker_run(arena, marker);
    static const char help[] =
        "give the environment's `work` another filestore, or move that folder away yourself";
    if (!maker)
        return error_create(arena, OUTCOME_REFUSED, help,
                            "the folder %s is there and was not made by drehbuch", folder);
    if (marker_is_of_production(arena, marker) && strcmp(maker, run->id) != 0)
        return error_create(arena, OUTCOME_REFUSED, help,
                            "the folder %s was made by the production run %s", folder, maker);
    return NULL;
}

void filestore_show_progress(struct step_run *step, const struct filestore_copied *so_far)
{
    step_progress(step, "%lld files, %lld MB", (long long)so_far->files,
                  (long long)so_far->bytes / 1048576);
}
