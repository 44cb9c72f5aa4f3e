/* Secrets become asterisks here, and nowhere else. */
#include <string.h>

#include "base/buffer.h"
#include "runtime/environment.h"

#define SHORTEST_SECRET 4 /* a shorter one would mask half of every text, and guards nothing */

static bool mask_is_needed(const struct environment *environment, const char *text)
{
    for (size_t i = 0; i < environment->secret_count; i++)
        if (strlen(environment->secrets[i]) >= SHORTEST_SECRET &&
            strstr(text, environment->secrets[i]))
            return true;
    return false;
}

/* The secret that `text` begins with, or NULL; the longest, as they are sorted by length. */
static const char *mask_match(const struct environment *environment, const char *text)
{
    for (size_t i = 0; i < environment->secret_count; i++) {
        const char *secret = environment->secrets[i];
        size_t length = strlen(secret);
        if (length >= SHORTEST_SECRET && strncmp(text, secret, length) == 0)
            return secret;
    }
    return NULL;
}

const char *environment_mask(const struct environment *environment, struct arena *arena,
                             const char *text)
{
    if (!mask_is_needed(environment, text))
        return text;
    struct buffer masked = {0};
    while (*text) {
        const char *secret = mask_match(environment, text);
        if (secret) {
            buffer_append_string(&masked, SECRET_MASK);
            text += strlen(secret);
        } else {
            buffer_append_character(&masked, *text++);
        }
    }
    const char *result = arena_copy(arena, buffer_string(&masked));
    buffer_release(&masked);
    return result;
}

struct value *environment_mask_value(const struct environment *environment, struct arena *arena,
                                     struct value *value)
{
    if (environment->secret_count == 0)
        return value;
    struct value *copy = value;
    switch (value->kind) {
    case VALUE_STRING:
        copy = value_string(arena, environment_mask(environment, arena, value->as.string.bytes));
        break;
    case VALUE_ARRAY:
        copy = value_array(arena);
        for (size_t i = 0; i < value_count(value); i++)
            value_append(arena, copy,
                         environment_mask_value(environment, arena, value_item(value, i)));
        break;
    case VALUE_OBJECT:
        copy = value_object(arena);
        for (size_t i = 0; i < value_count(value); i++) {
            const struct value_member *member = &value->as.object.members[i];
            value_set(arena, copy, environment_mask(environment, arena, member->key),
                      environment_mask_value(environment, arena, member->value));
        }
        break;
    default:
        break;
    }
    return copy;
}
