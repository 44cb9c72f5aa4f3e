#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "runtime/odoo/python_literal.h"
#include "runtime/odoo/python_literal_private.h"

static const char digits[] = "0123456789";

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

bool python_begins_number(const struct python_reader *reader)
{
    const char *next = reader->bytes + reader->at;
    return is_digit(*next) || (*next == '.' && is_digit(next[1]));
}

/* Copies a run of `allowed` to `output`, single underscores between digits left out (before the
 * first one too, where `leading`). NULL where underscores stand where they may not. */
static const char *copy_digits(const char *text, const char *allowed, bool leading, char **output)
{
    bool may_underscore = leading;
    for (;; text++) {
        if (*text && strchr(allowed, *text)) {
            *(*output)++ = *text;
            may_underscore = true;
        } else if (*text == '_' && may_underscore && text[1] && strchr(allowed, text[1])) {
            may_underscore = false;
        } else {
            return *text == '_' ? NULL : text;
        }
    }
}

/* A number with a base in front: 0x, 0o, 0b. Returns the base, 0 for none. */
static int number_base(const char *text)
{
    if (text[0] != '0')
        return 0;
    switch (text[1]) {
    case 'x':
    case 'X':
        return 16;
    case 'o':
    case 'O':
        return 8;
    case 'b':
    case 'B':
        return 2;
    default:
        return 0;
    }
}

/* Writes the number without underscores. False where it is none; `*real` tells which kind. */
static bool copy_number(const char *text, char *output, bool *real)
{
    int base = number_base(text);
    *real = false;
    if (base > 0) {
        const char *allowed = base == 16 ? "0123456789abcdefABCDEF" : base == 8 ? "01234567" : "01";
        char *start = output;
        text = copy_digits(text + 2, allowed, true, &output);
        *output = '\0';
        return text && *text == '\0' && output > start;
    }
    text = copy_digits(text, digits, false, &output);
    if (text && *text == '.') {
        *real = true;
        *output++ = *text;
        text = copy_digits(text + 1, digits, false, &output);
    }
    if (text && (*text == 'e' || *text == 'E')) {
        *real = true;
        *output++ = *text++;
        if (*text == '+' || *text == '-')
            *output++ = *text++;
        text = is_digit(*text) ? copy_digits(text, digits, false, &output) : NULL;
    }
    *output = '\0';
    return text && *text == '\0';
}

/* The longest run that could be a number, so that messages show it whole. */
static const char *take_number(struct python_reader *reader)
{
    size_t start = reader->at;
    for (;;) {
        char before = reader->at > start ? reader->bytes[reader->at - 1] : '\0';
        char next = reader->bytes[reader->at];
        bool exponent = (before == 'e' || before == 'E') && (next == '+' || next == '-') &&
                        number_base(reader->bytes + start) == 0 &&
                        is_digit(reader->bytes[reader->at + 1]);
        if (next == '.' || exponent)
            reader->at++;
        else if (python_skip_word(reader) == 0)
            break;
    }
    return arena_copy_bytes(reader->arena, reader->bytes + start, reader->at - start);
}

static struct value *read_integer(struct python_reader *reader, size_t start, const char *sign,
                                  const char *text, int base)
{
    if (base == 0 && text[0] == '0' && text[strspn(text, "0")] != '\0')
        return python_fail(reader, start, "write it without zeros in front",
                           "Python refuses whole numbers with zeros in front");
    errno = 0;
    long long integer =
        strtoll(arena_format(reader->arena, "%s%s", sign, text), NULL, base > 0 ? base : 10);
    if (errno != 0)
        return python_fail(reader, start, "write a smaller number",
                           "this whole number does not fit into 64 bits");
    return value_integer(reader->arena, integer);
}

static struct value *read_real(struct python_reader *reader, size_t start, const char *sign,
                               const char *text)
{
    double real;
    if (!number_read_real(arena_format(reader->arena, "%s%s", sign, text), &real))
        return python_fail(reader, start, "write a smaller number", "this number is too large");
    return value_real(reader->arena, real);
}

static struct value *read_unsigned(struct python_reader *reader, size_t start, const char *sign)
{
    const char *text = take_number(reader);
    size_t length = strlen(text);
    char *plain = arena_allocate(reader->arena, length + 1);
    bool real;
    if (number_base(text) == 0 && (text[length - 1] == 'j' || text[length - 1] == 'J'))
        return python_fail(reader, start, "use a plain number",
                           "complex numbers have no place in a manifest");
    if (!copy_number(text, plain, &real))
        return python_fail(reader, start, "write digits only, or put it in quotes",
                           "this is no number that Python knows");
    return real ? read_real(reader, start, sign, plain)
                : read_integer(reader, start, sign, plain, number_base(text));
}

/* The number behind a sign may stand in parentheses. */
static struct value *read_behind_sign(struct python_reader *reader, size_t start, const char *sign)
{
    int parentheses = 0;
    python_skip_blanks(reader);
    for (; reader->bytes[reader->at] == '(' && reader->depth < PYTHON_LITERAL_DEPTH_LIMIT;
         parentheses++) {
        reader->depth++;
        reader->at++;
        python_skip_blanks(reader);
    }
    struct value *number = python_begins_number(reader)
                               ? read_unsigned(reader, start, sign)
                               : python_fail(reader, start, "write the value itself",
                                             "behind a sign only a number may stand");
    for (; parentheses > 0; parentheses--) {
        python_skip_blanks(reader);
        if (reader->bytes[reader->at] != ')')
            return python_fail(reader, reader->at, "close the bracket", "here \")\" should stand");
        reader->at++;
        reader->depth--;
    }
    return number;
}

struct value *python_read_number(struct python_reader *reader)
{
    size_t start = reader->at;
    char first = reader->bytes[start];
    if (first != '+' && first != '-')
        return read_unsigned(reader, start, "");
    reader->at++;
    return read_behind_sign(reader, start, first == '-' ? "-" : "");
}
