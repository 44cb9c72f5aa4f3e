/* Real numbers to and from text with a decimal point, whatever the locale. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>

#define NUMBER_TEXT_SIZE 40

/* Writes the shortest decimal text that reads back as the same number, always with a point or an
 * exponent. `real` is finite. */
void number_write_real(char text[static NUMBER_TEXT_SIZE], double real);

/* Reads a whole text such as "-1.5e3". Returns false where it is none or too large for a double. */
bool number_read_real(const char *text, double *real);

#endif
