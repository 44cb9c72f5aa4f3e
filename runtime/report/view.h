/* Who watches a run: a person at a terminal, a log file, or a program. */
#ifndef RUNTIME_REPORT_VIEW_H
#define RUNTIME_REPORT_VIEW_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/terminal.h"
#include "base/value.h"
#include "runtime/report/timeline.h"

struct view {
    /* An event that the timeline has taken in already; `step` is what it returned. */
    void (*event)(struct view *view, const struct value *entry, const struct timeline_step *step,
                  int64_t now);
    /* Time has passed; NULL where the view shows no clock. */
    void (*tick)(struct view *view, int64_t now);
    /* A person is asked `question` and types below it; NULL: not any more. May be NULL. */
    void (*rest)(struct view *view, const char *question, int64_t now);
    /* Nothing more will come: show what is not shown yet. */
    void (*end)(struct view *view, int64_t now);
    struct timeline *timeline;
};

/* How often view_tick wants to be called, in milliseconds. */
#define VIEW_TICK 100

/* A terminal: what has ended scrolls away above, what runs is redrawn below it. `file` is the
 * terminal's descriptor. Never waits for a terminal that was stopped (Ctrl-S). */
struct view *view_create_console(struct arena *arena, struct timeline *timeline, int file,
                                 struct terminal terminal);

/* Anything else: a plain line for each event, with its time in UTC. */
struct view *view_create_lines(struct arena *arena, struct timeline *timeline, FILE *output);

/* A program: each event as a line of JSON. */
struct view *view_create_events(struct arena *arena, struct timeline *timeline, FILE *output);

/* Takes an event (an entry of the journal, or `progress` with "step" and "message") into the
 * timeline and shows it. */
void view_event(struct view *view, const struct value *entry, int64_t now);

void view_tick(struct view *view, int64_t now);
void view_rest(struct view *view, const char *question, int64_t now);
void view_end(struct view *view, int64_t now);

#endif
