#include "runtime/run_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

const char *run_folder_make_id(struct arena *arena, const char *environment_name)
{
    struct clock_text now = clock_write(clock_now()); /* 2026-11-23T08:14:00.123Z */
    unsigned char random[2] = {0};
    if (uv_random(NULL, NULL, random, sizeof random, 0, NULL) != 0)
        random[0] = (unsigned char)
            getpid(); /* two runs of one environment in one second: the lock forbids it */
    return arena_format(arena, "%.4s%.2s%.2sT%.2s%.2s%.2sZ-%s-%02x%02x", now.text, now.text + 5,
                        now.text + 8, now.text + 11, now.text + 14, now.text + 17, environment_name,
                        random[0], random[1]);
}

const struct error *run_folder_create(struct arena *arena, const char *folder, struct text plan)
{
    const struct error *error =
        file_make_folder(arena, arena_format(arena, "%s/steps", folder), 0755);
    if (!error)
        error = file_replace(arena, arena_format(arena, "%s/plan.json", folder), plan.bytes,
                             plan.length, 0644);
    return error;
}

static const struct error *run_folder_link(struct arena *arena, const char *runs, const char *name,
                                           const char *id)
{
    const char *link = file_join(arena, runs, name);
    const char *temporary = arena_format(arena, "%s/.latest-%s", runs, id);
    if (symlink(id, temporary) != 0 || rename(temporary, link) != 0) {
        int code = errno;
        unlink(temporary);
        return error_system(arena, code, NULL, "cannot make the link %s", link);
    }
    return file_sync_folder(arena, link);
}

const struct error *run_folder_link_latest(struct arena *arena, const char *runs, const char *id,
                                           enum mode mode)
{
    const char *of_mode = arena_format(arena, "latest-%s", mode_name(mode));
    const struct error *error = run_folder_link(arena, runs, of_mode, id);
    return error ? error : run_folder_link(arena, runs, "latest", id);
}

const char *run_folder_log_path(struct arena *arena, const char *folder, size_t index,
                                const char *step)
{
    char *name = arena_copy(arena, step);
    for (char *byte = name; *byte; byte++)
        if (*byte == '/')
            *byte = '_';
    return arena_format(arena, "%s/steps/%04zu-%s.log", folder, index, name);
}
