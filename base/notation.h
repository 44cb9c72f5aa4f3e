/* The small notations that plans and environments share: versions, durations, sizes, ranges. */
#ifndef BASE_NOTATION_H
#define BASE_NOTATION_H

#include <stdbool.h>
#include <stdint.h>

/* "18.0" to 180; only Odoo's series 14.0 to 19.0. */
bool notation_read_version(const char *text, int *series);

/* Whether it can be a plan's `customer`: up to 64 letters, digits, '-', '_' and '.', beginning with
 * a letter or digit, as the plan's schema has it. */
bool notation_is_customer(const char *text);

/* "90s", "15m", "6h", "250ms" to milliseconds. */
bool notation_read_duration(const char *text, int64_t *milliseconds);

/* "20GB", "512MB", "1TB", "64KB", "100B" to bytes; powers of 1,024. */
bool notation_read_size(const char *text, int64_t *bytes);

/* "0..500", "1..", "..9", "7": both ends belong to it; an open end is INT64_MIN or INT64_MAX. */
struct range {
    int64_t minimum;
    int64_t maximum;
};

bool notation_read_range(const char *text, struct range *range);
bool range_contains(struct range range, int64_t number);

#endif
