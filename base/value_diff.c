#include "base/value_diff.h"

#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/text_diff.h"

struct diff {
    struct arena *arena;
    struct value_differences found;
};

static void diff_add(struct diff *diff, const struct value *path, const struct value *before,
                     const struct value *after)
{
    struct value_differences *found = &diff->found;
    found->items = arena_extend(diff->arena, found->items, found->count, sizeof *found->items);
    found->items[found->count++] =
        (struct value_difference){.path = path, .before = before, .after = after};
}

static const struct value *diff_path(struct diff *diff, const struct value *path, const char *key)
{
    struct value *longer = value_copy(diff->arena, path);
    value_append(diff->arena, longer, value_string(diff->arena, key));
    return longer;
}

static void diff_values(struct diff *diff, const struct value *path, const struct value *before,
                        const struct value *after);

static void diff_objects(struct diff *diff, const struct value *path, const struct value *before,
                         const struct value *after)
{
    for (size_t i = 0; i < value_count(before); i++) {
        const struct value_member *member = &before->as.object.members[i];
        if (!value_get(after, member->key))
            diff_add(diff, diff_path(diff, path, member->key), member->value, NULL);
    }
    for (size_t i = 0; i < value_count(after); i++) {
        const struct value_member *member = &after->as.object.members[i];
        const struct value *old = value_get(before, member->key);
        if (!old || !value_equal(old, member->value))
            diff_values(diff, diff_path(diff, path, member->key), old, member->value);
    }
}

/* ---- lists of texts and numbers ---- */

static const char *diff_text(struct arena *arena, const struct value *value)
{
    struct buffer text = {0};
    json_write(&text, value, JSON_COMPACT);
    const char *copy = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return copy;
}

/* The items as texts, each once; NULL where one is an object or a list. */
static struct map *diff_read_items(struct diff *diff, const struct value *list)
{
    struct map *items = map_create(diff->arena);
    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_item(list, i);
        if (item->kind == VALUE_OBJECT || item->kind == VALUE_ARRAY)
            return NULL;
        map_set(items, diff_text(diff->arena, item), item);
    }
    return items;
}

/* What is in `left` and not in `right`. */
static size_t diff_items(struct diff *diff, const struct value *path, const struct map *left,
                         const struct map *right, bool have_come)
{
    size_t count = 0;
    for (const struct map_entry *entry = map_first(left); entry; entry = map_next(entry)) {
        if (map_get(right, map_entry_key(entry)))
            continue;
        const struct value *item = map_entry_value(entry);
        diff_add(diff, path, have_come ? NULL : item, have_come ? item : NULL);
        count++;
    }
    return count;
}

static void diff_lists(struct diff *diff, const struct value *path, const struct value *before,
                       const struct value *after)
{
    const struct map *old = diff_read_items(diff, before), *new = diff_read_items(diff, after);
    bool told = old && new;
    if (told) {
        size_t gone = diff_items(diff, path, old, new, false);
        told = diff_items(diff, path, new, old, true) + gone > 0;
    }
    if (!told) /* another order, or items that are more than a word */
        diff_add(diff, path, before, after);
}

static void diff_values(struct diff *diff, const struct value *path, const struct value *before,
                        const struct value *after)
{
    bool same_kind = before && after && before->kind == after->kind;
    if (same_kind && after->kind == VALUE_OBJECT)
        diff_objects(diff, path, before, after);
    else if (same_kind && after->kind == VALUE_ARRAY)
        diff_lists(diff, path, before, after);
    else
        diff_add(diff, path, before, after);
}

struct value_differences value_diff(struct arena *arena, const struct value *before,
                                    const struct value *after)
{
    struct diff diff = {.arena = arena};
    bool equal = before && after ? value_equal(before, after) : before == after;
    if (!equal)
        diff_values(&diff, value_array(arena), before, after);
    return diff.found;
}

/* ---- for people ---- */

static const char *write_path(struct arena *arena, const struct value *path)
{
    const char *text = "";
    for (size_t i = 0; i < value_count(path); i++)
        text = arena_format(arena, "%s%s%s", text, i > 0 ? "." : "",
                            value_as_string(value_item(path, i)));
    return text;
}

/* As text_diff needs it: texts as they are, everything else as indented JSON, nothing as nothing.
 */
static const char *write_lines(struct arena *arena, const struct value *value)
{
    if (!value || value->kind == VALUE_STRING)
        return value ? value_as_string(value) : "";
    struct buffer text = {0};
    json_write(&text, value, JSON_INDENTED);
    const char *copy = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return copy;
}

static bool write_needs_lines(const struct value *value)
{
    if (!value)
        return false;
    if (value->kind == VALUE_STRING)
        return strchr(value_as_string(value), '\n') != NULL;
    return value->kind == VALUE_OBJECT || value->kind == VALUE_ARRAY;
}

static void write_difference(struct buffer *output, struct arena *arena,
                             const struct value_difference *difference, const char *indent,
                             const struct terminal *terminal)
{
    const struct value *before = difference->before, *after = difference->after;
    const char *path = write_path(arena, difference->path);
    const char *colon = path[0] ? ": " : "";
    if (write_needs_lines(before) || write_needs_lines(after)) {
        if (path[0])
            buffer_format(output, "%s%s:\n", indent, path);
        text_diff_write(output, write_lines(arena, before), write_lines(arena, after), 3,
                        arena_format(arena, "%s%s", indent, path[0] ? "  " : ""), terminal);
    } else if (before && after) {
        buffer_format(output, "%s%s%s%s -> %s\n", indent, path, colon, diff_text(arena, before),
                      diff_text(arena, after));
    } else {
        enum terminal_tone tone = after ? TERMINAL_GOOD : TERMINAL_BAD;
        buffer_format(output, "%s%s%s %s%s%s%s\n", indent, terminal_paint(terminal, tone),
                      after ? "+" : "-", path, colon, diff_text(arena, after ? after : before),
                      terminal_plain(terminal, tone));
    }
}

void value_diff_write(struct buffer *output, const struct value_differences *differences,
                      const char *indent, const struct terminal *terminal)
{
    struct arena *arena = arena_create();
    for (size_t i = 0; i < differences->count; i++)
        write_difference(output, arena, &differences->items[i], indent, terminal);
    arena_destroy(arena);
}

/* ---- for programs ---- */

struct value *value_diff_value(struct arena *arena, const struct value_differences *differences)
{
    struct value *list = value_array(arena);
    for (size_t i = 0; i < differences->count; i++) {
        const struct value_difference *difference = &differences->items[i];
        struct value *item = value_object(arena);
        value_set(arena, item, "path", value_copy(arena, difference->path));
        if (difference->before)
            value_set(arena, item, "before", value_copy(arena, difference->before));
        if (difference->after)
            value_set(arena, item, "after", value_copy(arena, difference->after));
        value_append(arena, list, item);
    }
    return list;
}
