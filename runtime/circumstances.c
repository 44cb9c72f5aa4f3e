#include "runtime/circumstances.h"

#include <string.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/json.h"

static void append_bindings(struct buffer *text, const struct environment *environment)
{
    for (const struct map_entry *entry = map_first(environment->bindings); entry;
         entry = map_next(entry)) {
        const char *value = map_entry_value(entry);
        buffer_format(text, "%s %zu %s\n", map_entry_key(entry), strlen(value), value);
    }
}

/* Steps stand phase by phase, and the phases of versions bear their names. */
static void append_addons(struct buffer *text, const struct run *run, size_t index)
{
    const char *phase = "";
    for (size_t i = 0; i <= index; i++) {
        if (strcmp(run->plan->steps[i].phase, phase) == 0)
            continue;
        phase = run->plan->steps[i].phase;
        const struct value *addons = value_get(run->addons, phase);
        if (!addons)
            continue;
        buffer_format(text, "%s ", phase);
        json_write(text, addons, JSON_COMPACT);
    }
}

const char *circumstances_mark(struct arena *arena, const struct run *run, size_t index)
{
    struct buffer text = {0};
    append_bindings(&text, run->environment);
    append_addons(&text, run, index);
    struct digest digest = digest_bytes(buffer_string(&text), text.length);
    buffer_release(&text);
    return arena_copy_bytes(arena, digest.hex, 8);
}
