#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define CLOCK_DAY INT64_C(86400000)
#define CLOCK_LAST INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

int64_t clock_now(void)
{
    struct timespec time;
    if (clock_gettime(CLOCK_REALTIME, &time) != 0)
        return 0; /* POSIX has it always there */
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool clock_is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int clock_month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && clock_is_leap(year) ? 1 : 0);
}

/* Days from 1970-01-01 to the first day of `year`. */
static int64_t clock_days_before(int year)
{
    int64_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400 - 719162;
}

struct clock_text clock_write(int64_t milliseconds)
{
    if (milliseconds < 0)
        milliseconds = 0;
    if (milliseconds > CLOCK_LAST)
        milliseconds = CLOCK_LAST;
    int64_t days = milliseconds / CLOCK_DAY;
    int rest = (int)(milliseconds % CLOCK_DAY);
    int year = 1970 + (int)(days / 366);
    while (clock_days_before(year + 1) <= days)
        year++;
    int day = (int)(days - clock_days_before(year));
    int month = 1;
    while (day >= clock_month_days(year, month))
        day -= clock_month_days(year, month++);
    struct clock_text result;
    snprintf(result.text, sizeof result.text, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
             (unsigned)year % 10000U, (unsigned)month % 100U, (unsigned)(day + 1) % 100U,
             (unsigned)rest / 3600000U % 24U, (unsigned)rest / 60000U % 60U,
             (unsigned)rest / 1000U % 60U, (unsigned)rest % 1000U);
    return result;
}

/* The number that `count` digits at `text` make. */
static int clock_read_digits(const char *text, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

bool clock_read(const char *text, int64_t *milliseconds)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";
    for (int i = 0; i < CLOCK_TEXT_LENGTH; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    if (text[CLOCK_TEXT_LENGTH] != '\0')
        return false;
    int year = clock_read_digits(text, 4);
    int month = clock_read_digits(text + 5, 2);
    int day = clock_read_digits(text + 8, 2);
    int hour = clock_read_digits(text + 11, 2);
    int minute = clock_read_digits(text + 14, 2);
    int second = clock_read_digits(text + 17, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > clock_month_days(year, month) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t days = clock_days_before(year) + day - 1;
    for (int i = 1; i < month; i++)
        days += clock_month_days(year, i);
    *milliseconds =
        (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + clock_read_digits(text + 20, 3);
    return true;
}
