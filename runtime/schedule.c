#include "runtime/schedule.h"

#define RESOURCE_COUNT (RESOURCE_PERSON + 1)

/* Ready steps of one resource, lowest index first: a binary heap. */
struct ready {
    size_t *items;
    size_t count;
};

struct schedule {
    struct arena *arena;
    const struct compiled_plan *plan;
    size_t jobs;
    size_t running;
    size_t completed;
    size_t *missing;         /* how many needs of each step have not ended */
    size_t *first_dependent; /* of each step: where its dependents begin in `dependents` */
    size_t *dependents;
    struct ready ready[RESOURCE_COUNT];
    bool busy[RESOURCE_COUNT];
    bool only_readers; /* see schedule_restrict_to_readers */
    bool *ended;
};

static enum step_resource schedule_resource(const struct schedule *schedule, size_t index)
{
    const struct step_kind *kind = step_kind_find(schedule->plan->steps[index].kind);
    return kind ? kind->resource : RESOURCE_NOTHING;
}

static void ready_push(struct schedule *schedule, size_t index)
{
    struct ready *ready = &schedule->ready[schedule_resource(schedule, index)];
    ready->items = arena_extend(schedule->arena, ready->items, ready->count, sizeof *ready->items);
    size_t at = ready->count++;
    for (; at > 0 && ready->items[(at - 1) / 2] > index; at = (at - 1) / 2)
        ready->items[at] = ready->items[(at - 1) / 2];
    ready->items[at] = index;
}

static size_t ready_pop(struct ready *ready)
{
    size_t lowest = ready->items[0];
    size_t moved = ready->items[--ready->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < ready->count && ready->items[child + 1] < ready->items[child])
            child++;
        if (child >= ready->count || ready->items[child] >= moved)
            break;
        ready->items[at] = ready->items[child];
        at = child;
    }
    if (ready->count > 0)
        ready->items[at] = moved;
    return lowest;
}

/* Turns "needs" around, so that the end of a step finds whom it may make ready. */
static void schedule_index_dependents(struct schedule *schedule)
{
    const struct compiled_plan *plan = schedule->plan;
    size_t edges = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        schedule->missing[i] = plan->steps[i].need_count;
        for (size_t n = 0; n < plan->steps[i].need_count; n++)
            schedule->first_dependent[plan->steps[i].needs[n] + 1]++;
        edges += plan->steps[i].need_count;
    }
    for (size_t i = 0; i < plan->step_count; i++)
        schedule->first_dependent[i + 1] += schedule->first_dependent[i];
    schedule->dependents = arena_allocate(schedule->arena, edges * sizeof *schedule->dependents);
    size_t *filled = arena_allocate(schedule->arena, plan->step_count * sizeof *filled);
    for (size_t i = 0; i < plan->step_count; i++)
        for (size_t n = 0; n < plan->steps[i].need_count; n++) {
            size_t need = plan->steps[i].needs[n];
            schedule->dependents[schedule->first_dependent[need] + filled[need]++] = i;
        }
}

struct schedule *schedule_create(struct arena *arena, const struct compiled_plan *plan, int jobs)
{
    struct schedule *schedule = arena_allocate(arena, sizeof *schedule);
    schedule->arena = arena;
    schedule->plan = plan;
    schedule->jobs = jobs > 0 ? (size_t)jobs : 1;
    schedule->missing = arena_allocate(arena, plan->step_count * sizeof *schedule->missing);
    schedule->first_dependent =
        arena_allocate(arena, (plan->step_count + 1) * sizeof *schedule->first_dependent);
    schedule->ended = arena_allocate(arena, plan->step_count * sizeof *schedule->ended);
    schedule_index_dependents(schedule);
    for (size_t i = 0; i < plan->step_count; i++)
        if (schedule->missing[i] == 0)
            ready_push(schedule, i);
    return schedule;
}

bool schedule_take(struct schedule *schedule, size_t *index)
{
    if (schedule->running >= schedule->jobs)
        return false;
    struct ready *best = NULL;
    for (size_t resource = 0; resource < RESOURCE_COUNT; resource++) {
        struct ready *ready = &schedule->ready[resource];
        while (ready->count > 0 && schedule->ended[ready->items[0]])
            ready_pop(ready); /* done in an earlier attempt */
        bool free =
            resource == RESOURCE_NOTHING || (!schedule->busy[resource] && !schedule->only_readers);
        if (free && ready->count > 0 && (!best || ready->items[0] < best->items[0]))
            best = ready;
    }
    if (!best)
        return false;
    *index = ready_pop(best);
    schedule->busy[schedule_resource(schedule, *index)] = true;
    schedule->running++;
    return true;
}

void schedule_restrict_to_readers(struct schedule *schedule)
{
    schedule->only_readers = true;
}

static void schedule_mark_ended(struct schedule *schedule, size_t index)
{
    schedule->ended[index] = true;
    schedule->completed++;
    for (size_t i = schedule->first_dependent[index]; i < schedule->first_dependent[index + 1]; i++)
        if (--schedule->missing[schedule->dependents[i]] == 0)
            ready_push(schedule, schedule->dependents[i]);
}

void schedule_abandon(struct schedule *schedule, size_t index)
{
    schedule->busy[schedule_resource(schedule, index)] = false;
    schedule->running--;
}

void schedule_complete(struct schedule *schedule, size_t index)
{
    schedule_abandon(schedule, index);
    schedule_mark_ended(schedule, index);
}

void schedule_skip(struct schedule *schedule, size_t index)
{
    schedule_mark_ended(schedule, index);
}

bool schedule_has_ended(const struct schedule *schedule, size_t index)
{
    return schedule->ended[index];
}

size_t schedule_running(const struct schedule *schedule)
{
    return schedule->running;
}

bool schedule_is_complete(const struct schedule *schedule)
{
    return schedule->completed == schedule->plan->step_count;
}
