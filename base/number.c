#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

/* printf and strtod use the decimal point of the locale, which may be several bytes long. */
static void number_write_point(char *text)
{
    size_t alien = strspn(text, "+-0123456789");
    size_t length = strcspn(text + alien, "+-0123456789e");
    if (length == 0)
        return;
    text[alien] = '.';
    memmove(text + alien + 1, text + alien + length, strlen(text + alien + length) + 1);
}

void number_write_real(char text[static NUMBER_TEXT_SIZE], double real)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            break;
    }
    number_write_point(text);
    if (!strpbrk(text, ".e"))
        strcat(text, ".0");
}

bool number_read_real(const char *text, double *real)
{
    if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text))
        return false;
    struct buffer local = {0};
    for (const char *next = text; *next; next++) {
        if (*next == '.')
            buffer_append_string(&local, localeconv()->decimal_point);
        else
            buffer_append_character(&local, *next);
    }
    char *end;
    *real = strtod(buffer_string(&local), &end);
    bool whole = *end == '\0';
    buffer_release(&local);
    return whole && isfinite(*real);
}
