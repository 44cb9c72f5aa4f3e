#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/schema_private.h"
#include "base/utf8.h"

bool schema_is_muted(const struct check *check)
{
    return check->quiet || check->count > DIAGNOSTIC_LIMIT;
}

static void place_write_pointer(struct buffer *output, const struct place *place)
{
    if (!place->parent)
        return;
    place_write_pointer(output, place->parent);
    buffer_append_character(output, '/');
    if (!place->member) {
        buffer_format(output, "%zu", place->index);
        return;
    }
    for (const char *next = place->member->key; *next; next++) {
        if (*next == '~' || *next == '/')
            buffer_append_string(output, *next == '~' ? "~0" : "~1");
        else
            buffer_append_character(output, *next);
    }
}

static const char *place_pointer(struct arena *arena, const struct place *place)
{
    struct buffer pointer = {0};
    place_write_pointer(&pointer, place);
    const char *text =
        arena_format(arena, "%s%s", place->is_key ? "the key " : "", buffer_string(&pointer));
    buffer_release(&pointer);
    return text;
}

const char *schema_value_name(const struct visit *visit)
{
    const struct place *place = visit->place;
    struct arena *arena = visit->check->arena;
    if (schema_is_muted(visit->check))
        return "";
    if (!place->parent)
        return "the document";
    if (visit->value->position.line == 0)
        return place_pointer(arena, place);
    if (place->member)
        return arena_format(arena, "%s\"%s\"", place->is_key ? "the key " : "", place->member->key);
    const char *list = place->parent->member ? place->parent->member->key : NULL;
    return list ? arena_format(arena, "item %zu of \"%s\"", place->index + 1, list)
                : arena_format(arena, "item %zu", place->index + 1);
}

const char *schema_join(struct arena *arena, const char *const *phrases, size_t count,
                        const char *conjunction)
{
    const size_t most = 12;
    struct buffer joined = {0};
    size_t shown = count > most ? most : count;
    for (size_t i = 0; i < shown; i++) {
        bool last = i + 1 == count;
        if (i > 0)
            buffer_format(&joined, last ? " %s " : ", ", conjunction);
        buffer_append_string(&joined, phrases[i]);
    }
    if (shown < count)
        buffer_format(&joined, " and %zu more", count - shown);
    const char *text = arena_copy(arena, buffer_string(&joined));
    buffer_release(&joined);
    return text;
}

static void check_add(struct check *check, struct diagnostic violation)
{
    if (check->count == check->capacity) {
        check->capacity = check->capacity ? 2 * check->capacity : 16;
        check->violations =
            memory_resize(check->violations, check->capacity * sizeof *check->violations);
    }
    check->violations[check->count++] = violation;
}

/* The name and the help that the schema gives; texts beside a reference go first. */
static const char *node_name(const struct visit *visit)
{
    const struct node *referrer = visit->place->referrer;
    return referrer && referrer->diagnostic ? referrer->diagnostic : visit->node->diagnostic;
}

static const char *node_help(const struct visit *visit)
{
    const struct node *referrer = visit->place->referrer;
    return referrer && referrer->help ? referrer->help : visit->node->help;
}

static void report(const struct visit *visit, const char *name, const char *help,
                   const char *format, va_list arguments)
{
    struct check *check = visit->check;
    struct diagnostic violation = {.name = name, .message = name};
    if (!schema_is_muted(check)) {
        const char *renamed = node_name(visit);
        violation.name = renamed ? arena_copy(check->arena, renamed) : name;
        violation.message = arena_format_arguments(check->arena, format, arguments);
        violation.help = help ? arena_copy(check->arena, help) : NULL;
        violation.position = visit->value->position;
        violation.length = diagnostic_span(visit->value);
    }
    check_add(check, violation);
}

bool schema_report(const struct visit *visit, const char *name, const char *help,
                   const char *format, ...)
{
    if (visit->check->quiet)
        return false;
    va_list arguments;
    va_start(arguments, format);
    report(visit, name, node_help(visit) ? node_help(visit) : help, format, arguments);
    va_end(arguments);
    return false;
}

bool schema_report_correction(const struct visit *visit, const char *name, const char *correction,
                              const char *format, ...)
{
    if (visit->check->quiet)
        return false;
    va_list arguments;
    va_start(arguments, format);
    report(visit, name, correction ? correction : node_help(visit), format, arguments);
    va_end(arguments);
    return false;
}

static const char *counted_noun(enum counted counted, size_t count)
{
    static const char *const nouns[][2] = {[COUNTED_CHARACTERS] = {"character", "characters"},
                                           [COUNTED_ITEMS] = {"item", "items"},
                                           [COUNTED_MEMBERS] = {"key", "keys"}};
    return nouns[counted][count != 1];
}

bool schema_report_few(const struct visit *visit, enum counted counted, size_t minimum)
{
    const char *name = counted == COUNTED_CHARACTERS ? "bad-form" : "too-few";
    if (minimum == 1)
        return schema_report(visit, name, NULL, "%s must not be empty", schema_value_name(visit));
    return schema_report(visit, name, NULL, "%s must have at least %zu %s",
                         schema_value_name(visit), minimum, counted_noun(counted, minimum));
}

bool schema_report_many(const struct visit *visit, enum counted counted, size_t maximum)
{
    const char *name = counted == COUNTED_CHARACTERS ? "bad-form" : "too-many";
    if (maximum == 0)
        return schema_report(visit, name, NULL, "%s must be empty", schema_value_name(visit));
    return schema_report(visit, name, NULL, "%s must have at most %zu %s", schema_value_name(visit),
                         maximum, counted_noun(counted, maximum));
}

bool schema_report_bound(const struct visit *visit, const char *words, const struct value *bound)
{
    if (visit->check->quiet)
        return false;
    return schema_report(visit, "out-of-range", NULL, "%s %s %s", schema_value_name(visit), words,
                         schema_value_text(visit->check->arena, bound));
}

bool schema_report_never(const struct visit *visit)
{
    return schema_report(visit, "not-allowed", "remove it", "%s is not possible here",
                         schema_value_name(visit));
}

bool schema_report_pattern(const struct visit *visit)
{
    if (visit->check->quiet)
        return false;
    const char *pattern = schema_pattern_text(visit->node->string->pattern);
    return schema_report(visit, "bad-form",
                         arena_format(visit->check->arena, "it must match %s", pattern),
                         "%s does not have the form that is asked for", schema_value_name(visit));
}

bool schema_report_format(const struct visit *visit)
{
    const struct format *format = visit->node->string->format;
    return schema_report(visit, "bad-form", format->help, "%s %s", schema_value_name(visit),
                         format->message);
}

bool schema_report_contains(const struct visit *visit)
{
    return schema_report(visit, "too-few", "add one", "%s lacks an item of the kind asked for",
                         schema_value_name(visit));
}

bool schema_report_duplicate(const struct visit *visit, size_t first, size_t second)
{
    struct value *const *items = visit->value->as.array.items;
    struct visit item = *visit;
    if (items[second]->position.line > 0)
        item.value = items[second];
    return schema_report(&item, "duplicate-item", "remove one",
                         "items %zu and %zu of %s are the same", first + 1, second + 1,
                         schema_value_name(visit));
}

static const char *quote_all(struct arena *arena, const struct name_list *names)
{
    const char **quoted = arena_allocate(arena, (names->count + 1) * sizeof *quoted);
    for (size_t i = 0; i < names->count; i++)
        quoted[i] = arena_format(arena, "\"%s\"", names->items[i]);
    return schema_join(arena, quoted, names->count, "and");
}

bool schema_report_unknown_key(const struct visit *visit, const struct value_member *member)
{
    if (schema_is_muted(visit->check))
        return schema_report(visit, "unknown-key", NULL, "%s", "");
    struct arena *arena = visit->check->arena;
    const struct name_list *names = &visit->node->object->names;
    const char *nearest = diagnostic_nearest(member->key, names->items, names->count);
    const struct value key = {.kind = VALUE_STRING,
                              .position = member->key_position,
                              .as.string = {member->key, strlen(member->key)}};
    struct visit at_key = *visit;
    at_key.value = &key;
    bool placed = member->key_position.line > 0;
    const char *where = placed ? "" : arena_format(arena, " in %s", schema_value_name(visit));
    if (nearest)
        schema_report_correction(&at_key, "unknown-key",
                                 arena_format(arena, "did you mean \"%s\"?", nearest),
                                 "unknown key \"%s\"%s", member->key, where);
    else
        schema_report(&at_key, "unknown-key",
                      names->count > 0
                          ? arena_format(arena, "possible are %s", quote_all(arena, names))
                          : "remove it",
                      "unknown key \"%s\"%s", member->key, where);
    struct diagnostic *violation = &visit->check->violations[visit->check->count - 1];
    violation->length = (uint32_t)utf8_count(member->key, strlen(member->key));
    return false;
}

bool schema_report_missing_key(const struct visit *visit, const char *key, const char *because)
{
    if (schema_is_muted(visit->check))
        return schema_report(visit, "missing-key", NULL, "%s", "");
    struct arena *arena = visit->check->arena;
    if (because)
        return schema_report(visit, "missing-key",
                             arena_format(arena, "add `%s: ...`, or remove `%s`", key, because),
                             "missing key \"%s\" in %s, which \"%s\" asks for", key,
                             schema_value_name(visit), because);
    return schema_report(visit, "missing-key", arena_format(arena, "add `%s: ...`", key),
                         "missing key \"%s\" in %s", key, schema_value_name(visit));
}
