#include "base/diagnostic.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

#define MESSAGE_SIZE ((size_t)1024) /* bytes of a message; a whole file may be quoted in one */
/* The search for a nearest word takes time and memory for each of the words that are known. */
#define SUGGESTION_LIMIT ((size_t)100)
#define WORD_LIMIT ((size_t)64) /* longer words are not compared by spelling */

struct diagnostics diagnostics_create(struct arena *arena)
{
    return (struct diagnostics){.arena = arena};
}

bool diagnostics_full(const struct diagnostics *list)
{
    return list->count > DIAGNOSTIC_LIMIT;
}

bool diagnostics_suggest(const struct diagnostics *list)
{
    return list->count < SUGGESTION_LIMIT;
}

static const char *diagnostic_format(struct arena *arena, const char *format, va_list arguments)
{
    char text[MESSAGE_SIZE];
    int wanted = vsnprintf(text, sizeof text, format, arguments);
    if (wanted < 0)
        return arena_copy(arena, format);
    if ((size_t)wanted < sizeof text)
        return arena_copy(arena, text);
    size_t length = utf8_cut(text, sizeof text - 1, sizeof text - 4);
    return arena_format(arena, "%.*s…", (int)length, text);
}

static struct diagnostic *diagnostics_append(struct diagnostics *list, struct diagnostic diagnostic)
{
    list->items = arena_extend(list->arena, list->items, list->count, sizeof *list->items);
    struct diagnostic *item = &list->items[list->count];
    *item = diagnostic;
    item->sequence = list->count++;
    return item;
}

static struct diagnostic *diagnostics_append_format(struct diagnostics *list,
                                                    enum severity severity, const char *name,
                                                    struct position position, const char *format,
                                                    va_list arguments)
{
    list->error_count += severity == SEVERITY_ERROR;
    if (diagnostics_full(list))
        return &list->scratch;
    struct diagnostic *item = diagnostics_append(
        list, (struct diagnostic){.name = name, .severity = severity, .position = position});
    if (list->count <= DIAGNOSTIC_LIMIT) {
        item->message = diagnostic_format(list->arena, format, arguments);
        return item;
    }
    *item = (struct diagnostic){.name = "too-many-errors",
                                .severity = SEVERITY_ERROR,
                                .message = "there are more errors than these",
                                .help = "correct these first, then check again",
                                .sequence = item->sequence};
    return &list->scratch;
}

struct diagnostic *diagnostics_add(struct diagnostics *list, const char *name,
                                   struct position position, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic *item =
        diagnostics_append_format(list, SEVERITY_ERROR, name, position, format, arguments);
    va_end(arguments);
    return item;
}

struct diagnostic *diagnostics_warn(struct diagnostics *list, const char *name,
                                    struct position position, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic *item =
        diagnostics_append_format(list, SEVERITY_WARNING, name, position, format, arguments);
    va_end(arguments);
    return item;
}

uint32_t diagnostic_span(const struct value *value)
{
    const char *text = value->kind == VALUE_STRING ? value->as.string.bytes : value->plain;
    if (!text || !value->position.source)
        return 1;
    struct text line = source_line(value->position.source, value->position.line);
    size_t start = utf8_skip(line.bytes, line.length, value->position.column - 1);
    size_t length = strlen(text);
    size_t quote = value->kind == VALUE_STRING && value->quoted;
    /* Of a key it is not known whether it stands in quotes. */
    if (start < line.length && line.bytes[start] != '"' && line.bytes[start] != '\'')
        quote = 0;
    if (length == 0 || start + length + 2 * quote > line.length ||
        memcmp(line.bytes + start + quote, text, length) != 0)
        return 1;
    return (uint32_t)(utf8_count(text, length) + 2 * quote);
}

static size_t minimum(size_t left, size_t right)
{
    return left < right ? left : right;
}

static char fold(char character)
{
    if (character >= 'A' && character <= 'Z')
        return (char)(character - 'A' + 'a');
    return character == '-' ? '_' : character;
}

/* Edits (insert, delete, replace, swap of neighbours) that turn one word into the other; letter
 * case and `-` for `_` cost nothing. Both are at most WORD_LIMIT long. */
static size_t word_distance(const char *left, size_t left_length, const char *right,
                            size_t right_length)
{
    size_t rows[3][WORD_LIMIT + 1]; /* of the table of distances: the current one and two before */
    size_t *current = rows[0], *previous = rows[1], *before = rows[2];
    for (size_t j = 0; j <= right_length; j++)
        current[j] = j;
    for (size_t i = 1; i <= left_length; i++) {
        size_t *oldest = before;
        before = previous;
        previous = current;
        current = oldest;
        current[0] = i;
        for (size_t j = 1; j <= right_length; j++) {
            bool same = fold(left[i - 1]) == fold(right[j - 1]);
            size_t distance = minimum(previous[j], current[j - 1]) + 1;
            distance = minimum(distance, previous[j - 1] + !same);
            if (i > 1 && j > 1 && fold(left[i - 1]) == fold(right[j - 2]) &&
                fold(left[i - 2]) == fold(right[j - 1]))
                distance = minimum(distance, before[j - 2] + 1);
            current[j] = distance;
        }
    }
    return current[right_length];
}

const char *diagnostic_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    if (length == 0 || length > WORD_LIMIT)
        return NULL;
    const char *nearest = NULL;
    size_t edits = minimum(length / 3, 4); /* up to which a word may be meant */
    size_t best = (edits ? edits : 1) + 1;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other == 0 || other > WORD_LIMIT || other >= length + best || length >= other + best)
            continue;
        size_t distance = word_distance(word, length, candidates[i], other);
        if (distance < best && distance < other && distance < length) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

/* A diagnostic with the rank of its source among all sources. */
struct ranked {
    struct diagnostic diagnostic;
    size_t rank;
};

/* The number of the first diagnostic in the same source: sources keep the order of first mention.
 */
static size_t diagnostics_rank(const struct diagnostics *list, size_t number)
{
    size_t first = 0;
    while (list->items[first].position.source != list->items[number].position.source)
        first++;
    return first;
}

static int diagnostic_compare(const void *left, const void *right)
{
    const struct ranked *first = left;
    const struct ranked *second = right;
    const size_t keys[][2] = {
        {first->rank, second->rank},
        {first->diagnostic.position.line, second->diagnostic.position.line},
        {first->diagnostic.position.column, second->diagnostic.position.column},
        {first->diagnostic.sequence, second->diagnostic.sequence},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

static bool diagnostic_repeats(const struct diagnostic *left, const struct diagnostic *right)
{
    return left->position.source == right->position.source &&
           left->position.line == right->position.line &&
           left->position.column == right->position.column &&
           strcmp(left->name, right->name) == 0 && strcmp(left->message, right->message) == 0;
}

/* Whether one of the `count` kept ones, which are sorted, says the same at the same place. */
static bool diagnostics_has(const struct diagnostics *list, size_t count,
                            const struct diagnostic *diagnostic)
{
    for (size_t i = count; i > 0; i--) {
        const struct diagnostic *other = &list->items[i - 1];
        if (other->position.line != diagnostic->position.line)
            return false;
        if (diagnostic_repeats(other, diagnostic))
            return true;
    }
    return false;
}

void diagnostics_sort(struct diagnostics *list)
{
    if (list->count == 0)
        return;
    struct ranked *sorted = memory_allocate(list->count * sizeof *sorted);
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = (struct ranked){list->items[i], diagnostics_rank(list, i)};
    qsort(sorted, list->count, sizeof *sorted, diagnostic_compare);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct diagnostic *diagnostic = &sorted[i].diagnostic;
        if (!diagnostics_has(list, kept, diagnostic))
            list->items[kept++] = *diagnostic;
        else if (diagnostic->severity == SEVERITY_ERROR)
            list->error_count--;
    }
    list->count = kept;
    memory_release(sorted);
}
