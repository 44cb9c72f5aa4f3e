/* Which step is next: the graph as a plan of work. Pure: knows no time and runs nothing. */
#ifndef RUNTIME_SCHEDULE_H
#define RUNTIME_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/compiled.h"
#include "runtime/steps/kind.h"

struct schedule;

/* For `plan`, with at most `jobs` steps at a time. */
struct schedule *schedule_create(struct arena *arena, const struct compiled_plan *plan, int jobs);

/* Takes the ready step of the lowest index whose resource is free, marks it as running and returns
 * true; false where there is none now. A step is ready when all that it needs have ended. O(log n).
 */
bool schedule_take(struct schedule *schedule, size_t *index);

/* From now on only steps that write nothing are taken: a check has failed, and the others shall
 * still say what they find. */
void schedule_restrict_to_readers(struct schedule *schedule);

/* A taken step has ended well (or was skipped): its resource is free, and what needed it may become
 * ready. */
void schedule_complete(struct schedule *schedule, size_t index);

/* A taken step has ended badly: its resource is free, what needs it stays where it is. */
void schedule_abandon(struct schedule *schedule, size_t index);

/* A step that ended well in an earlier attempt; before the first schedule_take, in order of index.
 */
void schedule_skip(struct schedule *schedule, size_t index);

bool schedule_has_ended(const struct schedule *schedule, size_t index);
size_t schedule_running(const struct schedule *schedule);

/* Whether every step has ended well. */
bool schedule_is_complete(const struct schedule *schedule);

#endif
