#include "runtime/report/history.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "runtime/journal.h"
#include "runtime/report/phrase.h"

#define HISTORY_RECORD_LIMIT ((size_t)512 * 1024 * 1024)

static bool history_is_run(struct arena *arena, const char *folder)
{
    return file_exists(file_join(arena, folder, "journal.jsonl"));
}

const struct error *history_find(struct arena *arena, const char *name, const char **folder)
{
    const char *given = name ? name : "runs";
    *folder = given;
    if (history_is_run(arena, given))
        return NULL;
    const char *latest = file_join(arena, given, "latest");
    if (!history_is_run(arena, latest))
        return error_create(arena, OUTCOME_INVALID,
                            "name a run folder, or the folder of runs (`runs` beside the "
                            "environment file, unless that says otherwise)",
                            "%s holds no run", given);
    char target[4096];
    ssize_t length = readlink(latest, target, sizeof target - 1);
    *folder = latest;
    if (length > 0) {
        target[length] = '\0';
        *folder = file_join(arena, given, arena_copy(arena, target));
    }
    return NULL;
}

/* The record of the rehearsal that the run is compared with; a run does without. */
static const struct value *history_rehearsal(struct arena *arena, const char *folder)
{
    struct text text;
    struct value *record = NULL;
    const char *path = file_join(arena, folder, "rehearsal.json");
    if (!file_exists(path) || file_read(arena, path, HISTORY_RECORD_LIMIT, &text) ||
        json_read(arena, text, path, &record))
        return NULL;
    return record;
}

const struct error *history_read(struct arena *arena, const char *folder, struct past_run *run)
{
    struct compiled_plan *plan = NULL;
    struct value *journal = NULL;
    const struct error *error = compiled_load(arena, file_join(arena, folder, "plan.json"), &plan);
    if (!error)
        error = journal_read(arena, file_join(arena, folder, "journal.jsonl"), &journal);
    if (error)
        return error;
    *run = (struct past_run){.folder = folder, .plan = plan, .journal = journal};
    run->timeline = timeline_create(arena, plan);
    timeline_expect(run->timeline, history_rehearsal(arena, folder));
    for (size_t i = 0; i < value_count(journal); i++)
        timeline_apply(run->timeline, value_item(journal, i));
    return NULL;
}

const struct error *history_open(struct arena *arena, const char *name, struct past_run *run)
{
    const char *folder;
    const struct error *error = history_find(arena, name, &folder);
    return error ? error : history_read(arena, folder, run);
}

enum past_run_state history_state(const struct past_run *run)
{
    const struct timeline *timeline = run->timeline;
    char host[256] = "";
    if (timeline->ended)
        return PAST_RUN_ENDED;
    if (gethostname(host, sizeof host - 1) != 0 || !timeline->host ||
        strcmp(host, timeline->host) != 0)
        return PAST_RUN_AWAY;
    bool there =
        timeline->process > 0 && (kill((pid_t)timeline->process, 0) == 0 || errno == EPERM);
    return there ? PAST_RUN_RUNNING : PAST_RUN_GONE;
}
