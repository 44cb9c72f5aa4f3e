/* Performs a compiled plan: DESIGN.md, section 6.
 *
 * The executor knows the graph, the journal and the table of step kinds; what a step does is the
 * kinds' business. */
#ifndef RUNTIME_EXECUTOR_H
#define RUNTIME_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/value.h"
#include "runtime/journal.h"
#include "runtime/run.h"

/* An answer of a person who has looked at a step that was cut off and cannot tell by itself. */
struct acceptance_of_step {
    const char *step;
    bool done; /* true: it was done; false: do it again */
};

struct executor_options {
    const char *approval;       /* file, or NULL: approval.json beside the rehearsal's record */
    const char *rehearsal;      /* record of a rehearsal, or NULL: run.json beside the approval */
    const char *unapproved;     /* why production goes without an approval, or NULL */
    const char *changed_addons; /* why it goes on with other addons than rehearsed, or NULL */
    const char *changed_source; /* why it goes on although the source has changed, or NULL */
    const struct acceptance_of_step *accepted;
    size_t accepted_count;
    bool fresh;          /* begins from the source, whatever checkpoints there are */
    bool stale;          /* begins from a checkpoint also where the source has changed since */
    bool confirm_manual; /* manual steps count as done */
    bool deep;           /* all files of the filestore are verified, not a sample */
    struct diagnostics
        *diagnostics; /* gets what is wrong with the environment file; the caller prints it */

    /* Hears every journal entry once it is written, and `progress` events {event, step, message};
     * all masked. */
    void (*listen)(void *context, const struct value *event);
    /* Hears what was written before a run is gone on with. May be NULL. */
    void (*recall)(void *context, const struct value *event);
    void *listen_context;
    /* Once the run has its folder, before its first event. */
    void (*begun)(void *context, const struct run *run, const struct value *rehearsal);
    /* See struct run. */
    void (*ask)(void *context, const char *question,
                void (*answered)(void *step, const char *answer), void *step);
    void *ask_context;
};

/* Runs the plan at `plan_path`. Returns NULL where every step ended well (the record's outcome is
 * "done"), else why not; its outcome is the exit code. `folder` gets the run folder once there is
 * one. */
const struct error *executor_run(struct arena *arena, uv_loop_t *loop, const char *plan_path,
                                 const char *environment_path,
                                 const struct executor_options *options, const char **folder);

/* Goes on with a run that did not end well. One that did is left alone: NULL. */
const struct error *executor_resume(struct arena *arena, uv_loop_t *loop, const char *folder,
                                    const struct executor_options *options);

/* Gives a run up: takes back what it has published, starts the service that it stopped. `nothing`
 * gets whether there was nothing to take back. */
const struct error *executor_rollback(struct arena *arena, uv_loop_t *loop, const char *folder,
                                      const struct executor_options *options, bool *nothing);

#endif
