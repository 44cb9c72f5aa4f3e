/* Points in time: milliseconds since 1970-01-01T00:00:00Z. Not for the compiler, which knows no
 * clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TEXT_LENGTH 24

struct clock_text {
    char text[CLOCK_TEXT_LENGTH + 1];
};

int64_t clock_now(void);

/* "2026-11-23T08:14:00.123Z". Years 1970 to 9999; what lies outside is moved to the nearest end. */
struct clock_text clock_write(int64_t milliseconds);

/* Reads exactly that form. */
bool clock_read(const char *text, int64_t *milliseconds);

#endif
