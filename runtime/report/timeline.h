/* What a run is at: told by its plan and the events of its journal, and, for what is left, by the
 * durations of a rehearsal. The views of a run and `drehbuch status` are drawn from it. */
#ifndef RUNTIME_REPORT_TIMELINE_H
#define RUNTIME_REPORT_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/value.h"
#include "compiler/compiled.h"

enum step_state {
    STEP_WAITING,
    STEP_RUNNING,
    STEP_DONE,
    STEP_FAILED,
    STEP_SKIPPED,
    STEP_INTERRUPTED,
    STEP_TAKEN_OVER, /* a checkpoint has it */
    STEP_UNDONE,     /* done, and taken back */
    STEP_STATE_COUNT
};

#define TIMELINE_PROGRESS_SIZE 120 /* bytes of a progress text that are kept, with its NUL */

struct timeline_step {
    const struct compiled_step *step;
    enum step_state state;
    int64_t started;      /* when the last attempt began, as base/clock.h counts */
    int64_t milliseconds; /* how long it took, once it has ended */
    int64_t estimate;     /* how long it took in the rehearsal; -1: unknown */
    char *progress;       /* what a running one is at, or NULL */
    const char *reason;   /* why a skipped one was, or NULL */
    const char *message;  /* a failed one's error and ... */
    const char *help;     /* ... its help, or NULL */
};

struct timeline {
    struct arena *arena;
    const struct compiled_plan *plan;
    struct timeline_step *steps; /* as plan->steps */
    size_t counts[STEP_STATE_COUNT];
    size_t warnings;
    bool putting_back; /* what was published is being taken back, or could not be */
    bool put_back;     /* all of it was */
    const char *run;   /* NULL, like the next two, before the run has started */
    const char *environment;
    const char *mode;    /* "test" or "production" */
    const char *host;    /* where the executor that wrote last runs or ran ... */
    int64_t process;     /* ... and its process; 0 before the first */
    int64_t began;       /* when the run, or its last resumption, began */
    int64_t ended;       /* when it ended; 0 while it has not */
    const char *result;  /* "done", "failed", "interrupted", "refused"; NULL while not ended */
    const char *message; /* the error the run ended with, and its help, or NULL */
    const char *help;
    struct map *positions; /* step id to timeline_step */
    int64_t *finishes;     /* room for timeline_forecast */
};

/* Of a run that has not begun. */
struct timeline *timeline_create(struct arena *arena, const struct compiled_plan *plan);

/* Takes each step's estimate from the record of a rehearsal. */
void timeline_expect(struct timeline *timeline, const struct value *record);

/* Takes in one event: an entry of the journal or a `progress`. Returns the step that it is about,
 * NULL for others. What is needed of the entry is copied. */
struct timeline_step *timeline_apply(struct timeline *timeline, const struct value *entry);

/* How long what is left will take, if every step takes as long as in the rehearsal: the longest way
 * through the graph. `complete` is false where steps on it have no estimate (then it is a lower
 * bound), `known` is false where none has. */
struct timeline_forecast {
    int64_t milliseconds;
    bool complete;
    bool known;
};

struct timeline_forecast timeline_forecast(const struct timeline *timeline, int64_t now);

/* Steps that have ended, one way or another. */
size_t timeline_ended(const struct timeline *timeline);

/* The first step in the given state, or NULL. */
const struct timeline_step *timeline_first(const struct timeline *timeline, enum step_state state);

#endif
