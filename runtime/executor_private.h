/* Between the files that make up the executor. */
#ifndef RUNTIME_EXECUTOR_PRIVATE_H
#define RUNTIME_EXECUTOR_PRIVATE_H

#include "runtime/executor.h"
#include "runtime/lock.h"
#include "runtime/record.h"
#include "runtime/schedule.h"
#include "runtime/steps/kind.h"

struct executor {
    struct arena *arena;
    struct run run;
    const struct executor_options *options;
    struct journal *journal;
    struct value *entries; /* all of the journal, earlier attempts' too */
    struct schedule *schedule;
    struct lock *lock;
    struct active *active;   /* what is running now, a list */
    struct step_run *ended;  /* the last one that ended: released when the next one ends */
    struct value *rehearsal; /* its record, or NULL */
    struct record_durations *durations; /* of it, or NULL */
    const struct error *error;          /* what the run ends with */
    bool stopping;                      /* no new steps are begun */
    bool interrupted;
    bool lock_lost; /* and `error` says so */
    bool pumping;
    struct active *waiting; /* to begin once nothing is in its way any more, or NULL */
    int64_t began;
    int64_t expected;     /* milliseconds that what is left took in the rehearsal */
    bool is_behind;       /* the window will not do, and that was said */
    const char *snapshot; /* what the source was before it was copied; NULL: unknown */
    bool source_asked, source_compared; /* executor_source.c */
    void (*source_then)(struct executor *executor);
    struct executor_checkpoints *checkpoints; /* executor_checkpoint.c; NULL before the first use */
    const char *restored_from; /* the checkpoint to go back to before the run goes on, or NULL */
    bool keeping;              /* a checkpoint is being kept: nothing begins meanwhile */
    bool ending;
    bool gives_up;              /* `drehbuch rollback` */
    struct step_run *undo_step; /* that is being taken back now, or NULL */
    bool has_handles;           /* signals and the timer below are the loop's */
    uv_signal_t interrupt, terminate, hangup;
    uv_timer_t sync;
};

/* One running step. */
struct active {
    struct active *next;
    struct executor *executor;
    struct step_run *step;
    size_t index;
    const struct step_kind *kind;
    int64_t started;
    uv_timer_t *timer; /* its time limit, or NULL */
    bool timed_out;
};

/* Writes an entry: masked, to the journal, to memory, to whoever listens. A journal that cannot be
 * written stops the run. */
void executor_write(struct executor *executor, struct value *entry, enum journal_sync sync);

/* The executor as its run's listener. */
struct run_listener executor_listener(struct executor *executor);

void executor_warn(void *context, const char *step, const char *message);

/* The first error is the run's. `error` may live in a shorter arena. */
void executor_note_error(struct executor *executor, const struct error *error);

/* The same, and no new steps. */
void executor_stop(struct executor *executor, const struct error *error);

/* Takes up a run where its journal ends (resume.c): marks what is done in the schedule, decides
 * about steps that were cut off with the help of their receipts (NULL: the working database is not
 * there or not this run's). */
const struct error *executor_take_up(struct executor *executor, const struct value *receipts);

/* Whether the steps that a person gave answers about are the plan's. */
const struct error *resume_check_answers(struct arena *arena, const struct compiled_plan *plan,
                                         const struct executor_options *options);

/* Begins what can be begun; ends the run when nothing is left (executor_steps.c). */
void executor_pump(struct executor *executor);

/* The window (executor_window.c): counts what is left, warns once when that does not fit any more,
 * and refuses a step that cannot end within it. */
void executor_open_window(struct executor *executor);
void executor_follow_window(struct executor *executor, size_t ended);
void executor_pass_window(struct executor *executor, size_t skipped);
const struct error *executor_check_window(struct executor *executor, size_t index);

/* Taking back what was published (executor_undo.c): whether there is something to take back at all,
 * or of the publishing; and doing it. `ended` gets NULL, or what could not be taken back. */
bool executor_has_something_to_undo(struct executor *executor);
bool executor_has_begun_to_publish(struct executor *executor);
void executor_undo(struct executor *executor, const char *reason,
                   void (*ended)(struct executor *executor, const struct error *error));

/* A run that was begun before, as it is found (executor_resume.c): the same plan, in the same
 * place. */
struct past_place {
    struct compiled_plan *plan;
    struct environment *environment;
    struct value *entries;     /* of the journal */
    const struct value *first; /* of them */
    const char *run;
};

const struct error *executor_open_past(struct arena *arena, const char *folder,
                                       const struct executor_options *options,
                                       struct past_place *past);

/* The run's end: facts, record, drift, and the loop's handles (executor.c). */
void executor_end(struct executor *executor);

/* Writes run.json from the entries, with the drift where there is a rehearsal to compare with. */
void executor_write_record(struct executor *executor);

/* What a new run and one that is gone on with have in common (executor.c): make it, name it,
 * describe it, begin it once it has a journal, or end it before; and stop when somebody else may
 * take the lock.
 */
void executor_lose_lock(struct executor *executor);
struct value *executor_describe_place(struct arena *arena, const struct compiled_plan *plan,
                                      const struct environment *environment);
struct value *executor_describe_process(struct executor *executor, const char *event);
void executor_open_handles(struct executor *executor);
void executor_go(struct executor *executor);
void executor_refuse(struct executor *executor, const struct error *error);
void executor_close(struct executor *executor);
struct executor *executor_create(struct arena *arena, uv_loop_t *loop,
                                 const struct compiled_plan *plan,
                                 const struct environment *environment,
                                 const struct executor_options *options);
void executor_name_run(struct executor *executor, const char *id, const char *folder);
void executor_use_rehearsal(struct executor *executor, struct value *rehearsal);

#endif
