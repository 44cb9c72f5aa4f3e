/* Matching the catalogue with what a program prints. */
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "runtime/known_errors_private.h"

#define MATCH_LIMIT 200000 /* steps of one match: no pattern may hold up a run */
#define CAPTURE_LIMIT 200  /* bytes of a capture that are shown */
#define JIT_STACK_START ((size_t)32 * 1024)
#define JIT_STACK_LIMIT ((size_t)512 * 1024)

struct seen_entry {
    struct known_sighting sighting;
    size_t sequence; /* of the last record it was seen in */
};

struct known_seen {
    struct arena *arena;
    const struct known_errors *known;
    unsigned origin;
    struct map *modules;        /* that the step names, or NULL */
    size_t sequence;            /* records so far */
    struct seen_entry *entries; /* one for each of the catalogue */
    pcre2_match_data *matched;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

static void seen_release(void *object)
{
    struct known_seen *seen = object;
    pcre2_match_data_free(seen->matched);
    pcre2_match_context_free(seen->limits);
    pcre2_jit_stack_free(seen->stack);
}

struct known_seen *known_seen_create(struct arena *arena, const struct known_errors *known,
                                     unsigned origin)
{
    struct known_seen *seen = arena_allocate(arena, sizeof *seen);
    *seen = (struct known_seen){.arena = arena, .known = known, .origin = origin};
    seen->entries = arena_allocate(arena, (known->count + 1) * sizeof *seen->entries);
    uint32_t groups = 0;
    for (size_t i = 0; i < known->count; i++) {
        uint32_t count = 0;
        pcre2_pattern_info(known->items[i].code, PCRE2_INFO_CAPTURECOUNT, &count);
        groups = count > groups ? count : groups;
    }
    seen->matched = pcre2_match_data_create(groups + 1, NULL);
    seen->limits = pcre2_match_context_create(NULL);
    seen->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_LIMIT, NULL);
    if (!seen->matched || !seen->limits || !seen->stack)
        memory_allocate(SIZE_MAX); /* ends the program with its message */
    pcre2_set_match_limit(seen->limits, MATCH_LIMIT);
    pcre2_jit_stack_assign(seen->limits, NULL, seen->stack);
    arena_on_destroy(arena, seen_release, seen);
    return seen;
}

void known_seen_name_modules(struct known_seen *seen, const struct value *modules)
{
    if (!modules || modules->kind != VALUE_ARRAY)
        return;
    seen->modules = map_create(seen->arena);
    for (size_t i = 0; i < value_count(modules); i++)
        if (value_as_string(value_item(modules, i)))
            map_add(seen->modules, value_as_string(value_item(modules, i)), seen);
}

/* ---- one match ---- */

struct capture {
    const char *bytes;
    size_t length;
};

static struct capture seen_capture(const struct known_seen *seen, const char *text, uint32_t group)
{
    const PCRE2_SIZE *place = pcre2_get_ovector_pointer(seen->matched) + 2 * (size_t)group;
    if (place[0] == PCRE2_UNSET || place[1] < place[0])
        return (struct capture){"", 0};
    return (struct capture){text + place[0], place[1] - place[0]};
}

/* Whether one of the words of the capture is a module that the step names. */
static bool seen_names_module(const struct known_seen *seen, struct capture names)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    struct arena *scratch = arena_create();
    const char *word = arena_copy_bytes(scratch, names.bytes, names.length);
    bool named = false;
    while (seen->modules && !named && *word) {
        size_t length = strspn(word, letters);
        named = length > 0 && map_get(seen->modules, arena_copy_bytes(scratch, word, length));
        word += length + (length == 0);
    }
    arena_destroy(scratch);
    return named;
}

static uint32_t seen_group(const struct known_error *known, const char *name)
{
    if (name[0] < '0' || name[0] > '9')
        return (uint32_t)pcre2_substring_number_from_name(known->code, (PCRE2_SPTR)name);
    uint32_t number = 0;
    for (; *name; name++)
        number = 10 * number + (uint32_t)(*name - '0');
    return number;
}

static void seen_append_capture(struct buffer *output, struct capture capture)
{
    size_t length = utf8_cut(capture.bytes, capture.length, CAPTURE_LIMIT);
    while (length > 0 && capture.bytes[length - 1] == ' ') /* Odoo ends its lines with one */
        length--;
    for (size_t i = 0; i < length; i++)
        buffer_append_character(output, capture.bytes[i] == '\n' ? ' ' : capture.bytes[i]);
    if (capture.length > CAPTURE_LIMIT)
        buffer_append_string(output, "…");
}

/* `words` with the captures in their places; reading the catalogue made sure that there are such
 * groups. */
static const char *seen_fill(const struct known_seen *seen, const struct known_error *known,
                             const char *words, const char *text)
{
    struct buffer filled = {0};
    while (*words) {
        size_t length = strcspn(words, "{");
        buffer_append(&filled, words, length);
        words += length;
        if (*words == '\0')
            break;
        length = strcspn(words, "}");
        const char *name = arena_copy_bytes(seen->arena, words + 1, length - 1);
        seen_append_capture(&filled, seen_capture(seen, text, seen_group(known, name)));
        words += length + 1;
    }
    const char *result = arena_copy(seen->arena, buffer_string(&filled));
    buffer_release(&filled);
    return result;
}

/* Words are kept of the first match, and of a severer one: a flood of matches takes no memory. */
static enum known_severity seen_note(struct known_seen *seen, size_t index, const char *text)
{
    const struct known_error *known = &seen->known->items[index];
    struct seen_entry *entry = &seen->entries[index];
    enum known_severity severity = known->severity;
    if (severity == KNOWN_FAILS && known->modules > 0 &&
        !seen_names_module(seen, seen_capture(seen, text, known->modules)))
        severity = KNOWN_WARNS;
    if (entry->sighting.count == 0 || severity > entry->sighting.severity) {
        entry->sighting.id = known->id;
        entry->sighting.severity = severity;
        entry->sighting.meaning = seen_fill(seen, known, known->meaning, text);
        entry->sighting.remedy = seen_fill(seen, known, known->remedy, text);
    }
    entry->sighting.count++;
    entry->sequence = seen->sequence;
    return severity;
}

enum known_severity known_seen_take(struct known_seen *seen, const char *text, size_t length,
                                    bool quiet, bool *found)
{
    enum known_severity severest = KNOWN_HARMLESS;
    seen->sequence++;
    if (found)
        *found = false;
    for (size_t i = 0; i < seen->known->count; i++) {
        const struct known_error *known = &seen->known->items[i];
        if (!(known->origins & seen->origin) || (quiet && !known->quiet_too) ||
            pcre2_match(known->code, (PCRE2_SPTR)text, length, 0, 0, seen->matched, seen->limits) <
                0)
            continue;
        enum known_severity severity = seen_note(seen, i, text);
        severest = severity > severest ? severity : severest;
        if (found)
            *found = true;
    }
    return severest;
}

/* ---- what is told ---- */

/* Whether the entry `index` explains more than `other`, which stands before it in the catalogue. */
static bool seen_is_worse(const struct known_seen *seen, size_t index, size_t other)
{
    const struct seen_entry *left = &seen->entries[index], *right = &seen->entries[other];
    if (left->sighting.severity != right->sighting.severity)
        return left->sighting.severity > right->sighting.severity;
    if (left->sequence != right->sequence)
        return left->sequence > right->sequence;
    return seen->known->items[index].own && !seen->known->items[other].own;
}

/* The severest, of those the one seen last; NULL where nothing as severe as `least` was seen. */
static const struct known_sighting *seen_worst(const struct known_seen *seen,
                                               enum known_severity least)
{
    size_t worst = SIZE_MAX;
    for (size_t i = 0; i < seen->known->count; i++) {
        const struct known_sighting *sighting = &seen->entries[i].sighting;
        if (sighting->count > 0 && sighting->severity >= least &&
            (worst == SIZE_MAX || seen_is_worse(seen, i, worst)))
            worst = i;
    }
    return worst == SIZE_MAX ? NULL : &seen->entries[worst].sighting;
}

const struct known_sighting *known_seen_failure(const struct known_seen *seen)
{
    return seen_worst(seen, KNOWN_FAILS);
}

const char *known_seen_help(struct arena *arena, const struct known_seen *seen)
{
    const struct known_sighting *worst = seen_worst(seen, KNOWN_WARNS);
    return worst ? arena_format(arena, "known: %s; %s", worst->meaning, worst->remedy) : NULL;
}

void known_seen_describe(struct arena *arena, const struct known_seen *seen, struct value *effects)
{
    struct value *counts = value_object(arena);
    for (size_t i = 0; i < seen->known->count; i++)
        if (seen->entries[i].sighting.count > 0)
            value_set(arena, counts, seen->known->items[i].id,
                      value_integer(arena, (int64_t)seen->entries[i].sighting.count));
    if (value_count(counts) > 0)
        value_set(arena, effects, "known_errors", counts);
}
