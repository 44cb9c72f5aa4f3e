#include "runtime/steps/filestore_rsync.h"

#include <string.h>

#include "base/buffer.h"
#include "runtime/filestore/folder.h"
#include "runtime/process.h"
#include "runtime/run.h"

#define GRACE 10000 /* milliseconds from SIGTERM to SIGKILL */

/* Nobody is there to be asked for a password. */
#define SSH "ssh -o BatchMode=yes -o ConnectTimeout=30"

static const char without_marker[] = "--exclude=/" FILESTORE_MARKER;

/* Where ssh ends at once, it depends on who is faster whether rsync tells RSYNC_SSH or
 * RSYNC_BROKEN. */
enum rsync_code { RSYNC_BROKEN = 12, RSYNC_PARTIAL = 23, RSYNC_VANISHED = 24, RSYNC_SSH = 255 };

struct filestore_rsync {
    struct step_run *step;
    struct process *process;
    const char *from;
    bool looks; /* only */
    bool stopped;
    int64_t vanished;
    struct buffer last; /* what was last complained of */
    filestore_rsync_ended *ended;
    void *context;
};

/* Of something that was told in a line before it. */
static bool rsync_is_consequence(const char *line)
{
    static const char *const starts[] = {"rsync error:", "rsync: connection unexpectedly closed"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (strncmp(line, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static void rsync_take_line(void *context, int stream, const char *line)
{
    struct filestore_rsync *rsync = context;
    if (stream == 1 && rsync->looks)
        return; /* the list of the folder */
    step_log(rsync->step, "rsync: %s", line);
    if (stream != 2)
        return;
    if (strncmp(line, "file has vanished:", strlen("file has vanished:")) == 0) {
        rsync->vanished++;
    } else if (!rsync_is_consequence(line) || rsync->last.length == 0) {
        buffer_clear(&rsync->last);
        buffer_append_string(&rsync->last, line);
    }
}

static const char *rsync_explain(int64_t code)
{
    switch (code) {
    case RSYNC_PARTIAL:
        return "some files could not be read there or written here: look at the step's log; give "
               "the account that ssh uses the right to read the filestore";
    case RSYNC_SSH:
    case RSYNC_BROKEN:
        return "the connection broke, or ssh could not reach the host or log in without a "
               "password: "
               "try `ssh -o BatchMode=yes HOST rsync --version` as this account";
    case 11:
        return "a file could not be read or written: look whether there is space";
    case 127:
        return "install rsync on the host too";
    case 30:
    case 35:
        return "the host did not answer in time; start again, what was copied counts";
    default:
        return "see the step's log; rsync's manual lists its exit values";
    }
}

static const struct error *rsync_judge(struct filestore_rsync *rsync, int64_t code, int signal)
{
    struct arena *arena = rsync->step->arena;
    if (rsync->stopped)
        return error_create(arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    if (signal != 0)
        return error_create(arena, OUTCOME_FAILED, NULL, "rsync ended with signal %d", signal);
    if (code == 0 || code == RSYNC_VANISHED)
        return NULL;
    return error_create(arena, OUTCOME_FAILED, rsync_explain(code),
                        "rsync from %s ended with exit code %lld%s%s", rsync->from, (long long)code,
                        rsync->last.length > 0 ? ": " : "", buffer_string(&rsync->last));
}

static void rsync_process_ended(void *context, const struct error *error, int64_t exit_code,
                                int signal)
{
    struct filestore_rsync *rsync = context;
    if (error)
        error = error_create(rsync->step->arena, OUTCOME_FAILED,
                             "install rsync and an ssh client, here and on the host", "%s",
                             error->message);
    else
        error = rsync_judge(rsync, exit_code, signal);
    rsync->ended(rsync->context, error, rsync->vanished);
}

static void rsync_release(void *object)
{
    struct filestore_rsync *rsync = object;
    buffer_release(&rsync->last);
}

static struct filestore_rsync *rsync_begin(struct step_run *step, const char *from,
                                           const char *const *arguments,
                                           filestore_rsync_ended *ended, void *context)
{
    struct filestore_rsync *rsync = arena_allocate(step->arena, sizeof *rsync);
    *rsync =
        (struct filestore_rsync){.step = step, .from = from, .ended = ended, .context = context};
    arena_on_destroy(step->arena, rsync_release, rsync);
    step_log(step, "starting rsync from %s", from);
    rsync->process = process_start(step->run->loop, step->arena,
                                   (struct process_options){.arguments = arguments,
                                                            .line = rsync_take_line,
                                                            .ended = rsync_process_ended,
                                                            .context = rsync});
    return rsync;
}

/* The content of the folder, not the folder itself. */
static const char *rsync_content(struct step_run *step, const char *folder)
{
    return arena_format(step->arena, "%s/", folder);
}

/* --protect-args: the host's shell is not to read the folder's name. */
struct filestore_rsync *filestore_rsync_start(struct step_run *step, const char *from,
                                              const char *to, filestore_rsync_ended *ended,
                                              void *context)
{
    const char *const arguments[] = {
        "rsync", "-a", "--delete", "--protect-args",          without_marker,
        "-e",    SSH,  "--",       rsync_content(step, from), rsync_content(step, to),
        NULL};
    return rsync_begin(step, from, arguments, ended, context);
}

struct filestore_rsync *filestore_rsync_fetch(struct step_run *step, const char *from,
                                              const char *to, const char *list,
                                              filestore_rsync_ended *ended, void *context)
{
    const char *const arguments[] = {"rsync",
                                     "-a",
                                     "--protect-args",
                                     "--ignore-existing",
                                     "--ignore-missing-args",
                                     arena_format(step->arena, "--files-from=%s", list),
                                     "-e",
                                     SSH,
                                     "--",
                                     rsync_content(step, from),
                                     rsync_content(step, to),
                                     NULL};
    return rsync_begin(step, from, arguments, ended, context);
}

struct filestore_rsync *filestore_rsync_look(struct step_run *step, const char *from,
                                             filestore_rsync_ended *ended, void *context)
{
    const char *const arguments[] = {
        "rsync", "--protect-args",          "--list-only", "--dirs", "-e", SSH,
        "--",    rsync_content(step, from), NULL};
    struct filestore_rsync *rsync = rsync_begin(step, from, arguments, ended, context);
    rsync->looks = true;
    return rsync;
}

void filestore_rsync_stop(struct filestore_rsync *rsync)
{
    rsync->stopped = process_stop(rsync->process, GRACE);
}
