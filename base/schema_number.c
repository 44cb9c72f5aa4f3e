#include <float.h>
#include <math.h>

#include "base/schema_private.h"

static double number_as_real(const struct value *number)
{
    return number->kind == VALUE_INTEGER ? (double)number->as.integer : number->as.real;
}

static int compare_reals(double left, double right)
{
    return (left > right) - (left < right);
}

/* A 64-bit integer may have no double of its own, so the double's whole part becomes an integer. */
static int compare_mixed(int64_t integer, double real)
{
    if (real >= 0x1p63)
        return -1;
    if (real < -0x1p63)
        return 1;
    int64_t whole = (int64_t)real;
    if (integer != whole)
        return integer < whole ? -1 : 1;
    return compare_reals((double)whole, real);
}

int schema_number_compare(const struct value *left, const struct value *right)
{
    if (left->kind == VALUE_INTEGER && right->kind == VALUE_INTEGER)
        return (left->as.integer > right->as.integer) - (left->as.integer < right->as.integer);
    if (left->kind == VALUE_INTEGER)
        return compare_mixed(left->as.integer, right->as.real);
    if (right->kind == VALUE_INTEGER)
        return -compare_mixed(right->as.integer, left->as.real);
    return compare_reals(left->as.real, right->as.real);
}

/* Decimal fractions have no exact doubles: 0.0075 is meant to be a multiple of 0.0001. So the
 * quotient may be off by its rounding. */
bool schema_number_is_multiple(const struct value *number, const struct value *divisor)
{
    if (number->kind == VALUE_INTEGER && divisor->kind == VALUE_INTEGER)
        return number->as.integer % divisor->as.integer == 0;
    double dividend = number_as_real(number);
    double quotient = dividend / number_as_real(divisor);
    if (!isfinite(quotient))
        return fmod(dividend, number_as_real(divisor)) == 0;
    return fabs(quotient - nearbyint(quotient)) <= 2 * DBL_EPSILON * fabs(quotient);
}

bool schema_number_is_whole(const struct value *number)
{
    return number->kind == VALUE_INTEGER ||
           (number->kind == VALUE_REAL && trunc(number->as.real) == number->as.real);
}
