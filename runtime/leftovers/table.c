#include "runtime/leftovers/table.h"

#include <string.h>

#include "base/clock.h"
#include "base/table.h"
#include "runtime/report/phrase.h"

static const char *table_size(struct arena *arena, const struct leftover *leftover)
{
    return leftover->bytes >= 0 ? phrase_size(arena, leftover->bytes) : "";
}

/* What there is to say behind the name. */
static const char *table_remark(struct arena *arena, const struct leftover *leftover,
                                bool checkpoints)
{
    const char *state =
        checkpoints ? (leftover->is_current ? "of the source as it is"
                                            : "of the source as it was, it has changed since")
                    : "";
    if (leftover->kept)
        state = arena_format(arena, "stays: %s", leftover->kept);
    if (!leftover->run || leftover->kind == LEFTOVER_RUN)
        return state;
    return arena_format(arena, "%s%srun %s", state, state[0] ? ", " : "", leftover->run);
}

void leftovers_write(struct buffer *output, const struct leftovers *leftovers, bool checkpoints,
                     const struct terminal *terminal)
{
    static const struct table_column columns[] = {{.title = "what"},
                                                  {.title = "name"},
                                                  {.title = "size", .alignment = TABLE_RIGHT},
                                                  {.title = "remark", .minimum = 24}};
    struct arena *arena = arena_create();
    struct table *table = table_create(arena, columns, 4);
    for (size_t i = 0; i < leftovers->count; i++) {
        const struct leftover *leftover = &leftovers->items[i];
        const char *cells[] = {leftover->what, leftover->name, table_size(arena, leftover),
                               table_remark(arena, leftover, checkpoints)};
        if (!checkpoints || leftover->kind == LEFTOVER_CHECKPOINT)
            table_add(table, cells);
    }
    if (table_rows(table) > 0)
        table_write(output, table, terminal);
    arena_destroy(arena);
}

const char *leftovers_sum(struct arena *arena, const struct leftovers *leftovers)
{
    int64_t count = 0, bytes = 0;
    for (size_t i = 0; i < leftovers->count; i++) {
        const struct leftover *leftover = &leftovers->items[i];
        if (leftover->kept)
            continue;
        count++;
        bytes += leftover->bytes > 0 ? leftover->bytes : 0;
    }
    if (count == 0)
        return "nothing";
    return arena_format(arena, "%s, databases of %s", phrase_count(arena, count, "thing", NULL),
                        phrase_size(arena, bytes));
}

struct value *leftovers_value(struct arena *arena, const struct leftovers *leftovers)
{
    static const char *const kinds[] = {"database", "checkpoint", "filestore", "run"};
    struct value *list = value_array(arena);
    for (size_t i = 0; i < leftovers->count; i++) {
        const struct leftover *leftover = &leftovers->items[i];
        struct value *item = value_object(arena);
        value_set(arena, item, "kind", value_string(arena, kinds[leftover->kind]));
        value_set(arena, item, "name", value_string(arena, leftover->name));
        value_set(arena, item, "what", value_string(arena, leftover->what));
        if (leftover->run)
            value_set(arena, item, "run", value_string(arena, leftover->run));
        if (leftover->at)
            value_set(arena, item, "at", value_string(arena, leftover->at));
        if (leftover->bytes >= 0)
            value_set(arena, item, "bytes", value_integer(arena, leftover->bytes));
        if (leftover->kept)
            value_set(arena, item, "kept", value_string(arena, leftover->kept));
        if (leftover->kind == LEFTOVER_CHECKPOINT)
            value_set(arena, item, "current", value_boolean(arena, leftover->is_current));
        value_append(arena, list, item);
    }
    return list;
}
