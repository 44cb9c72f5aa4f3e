/* Numbers, times and effects in the words of people. Everything is allocated in `arena`. */
#ifndef RUNTIME_REPORT_PHRASE_H
#define RUNTIME_REPORT_PHRASE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/value.h"
#include "runtime/report/timeline.h"

/* "0.4 s", "42 s", "3 min 07 s", "2 h 05 min". */
const char *phrase_duration(struct arena *arena, int64_t milliseconds);

/* A running clock: "0:42", "12:07", "2:05:11". */
const char *phrase_clock(struct arena *arena, int64_t milliseconds);

/* The time of day where the reader is, "03:41", with the date before it where that is not the day
 * of `now`. */
const char *phrase_time_of_day(struct arena *arena, int64_t time, int64_t now);

/* "about 12 min 10 s left, until 03:41", "at least ..., or later"; "" where nothing is known. */
const char *phrase_forecast(struct arena *arena, struct timeline_forecast forecast, int64_t now);

/* "1 step", "3 steps": `many` NULL adds an s. */
const char *phrase_count(struct arena *arena, int64_t count, const char *one, const char *many);

/* "512 bytes", "1.2 MB"; powers of 1,024. */
const char *phrase_size(struct arena *arena, int64_t bytes);

/* What a step did, from its effects, in one short line; "" where there is nothing to say. */
const char *phrase_effects(struct arena *arena, const struct value *effects);

/* An event beside the beginning and end of steps and runs (a checkpoint, something that is put
 * back), in one line; NULL for others. */
const char *phrase_event(struct arena *arena, const struct value *entry);

#endif
