#include "runtime/odoo/channel.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <string.h>

#include "base/json.h"

#define KEY_BYTES 16
#define MESSAGE_LIMIT ((size_t)512 * 1024 * 1024) /* of base64 */

struct waiting {
    struct waiting *next;
    struct value *message;
    const struct error *error;
};

struct channel {
    struct arena *arena;
    struct channel_listener listener;
    char key[2 * KEY_BYTES + 1];
    struct buffer pieces;  /* of the message that is being received */
    struct waiting *first; /* received; the log's mark is still to come */
    struct waiting **last; /* where the next one goes */
    size_t marks;          /* seen in the log before their message */
    size_t empty_lines;    /* of the log, held back: one of them may belong to a mark */
};

static void channel_release(void *object)
{
    struct channel *channel = object;
    buffer_release(&channel->pieces);
}

const struct error *channel_create(struct arena *arena, struct channel_listener listener,
                                   struct channel **created)
{
    struct channel *channel = arena_allocate(arena, sizeof *channel);
    channel->arena = arena;
    channel->listener = listener;
    channel->last = &channel->first;
    arena_on_destroy(arena, channel_release, channel);
    unsigned char bytes[KEY_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return error_create(arena, OUTCOME_FAILED, NULL, "the system gives no random numbers");
    for (size_t i = 0; i < sizeof bytes; i++) {
        channel->key[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        channel->key[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    *created = channel;
    return NULL;
}

const char *channel_key(const struct channel *channel)
{
    return channel->key;
}

const char *channel_encode(struct arena *arena, const char *bytes, size_t length)
{
    char *text = arena_allocate(arena, (length + 2) / 3 * 4 + 1);
    EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes, (int)length);
    return text;
}

const char *channel_decode(struct arena *arena, const char *text, size_t *length)
{
    size_t size = strlen(text);
    if (size % 4 != 0 || size > MESSAGE_LIMIT)
        return NULL;
    char *bytes = arena_allocate(arena, size / 4 * 3 + 1);
    int decoded = EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)text, (int)size);
    if (decoded < 0)
        return NULL;
    /* It counts the padding's zero bytes too. */
    *length = (size_t)decoded;
    for (size_t i = size; i > 0 && i + 2 > size && text[i - 1] == '='; i--)
        --*length;
    bytes[*length] = '\0';
    return bytes;
}

const char *channel_write_script(struct channel *channel, struct value *settings,
                                 const struct harness_file *files, size_t file_count)
{
    struct buffer json = {0}, script = {0};
    value_set(channel->arena, settings, "key", value_string(channel->arena, channel->key));
    json_write(&json, settings, JSON_COMPACT);
    buffer_format(&script, "drehbuch_settings = '%s'\n",
                  channel_encode(channel->arena, json.bytes, json.length));
    for (size_t i = 0; i < file_count; i++)
        buffer_append(&script, files[i].start, (size_t)(files[i].end - files[i].start));
    const char *result = arena_copy(channel->arena, buffer_string(&script));
    buffer_release(&json);
    buffer_release(&script);
    return result;
}

/* ---- messages ---- */

static const struct error *channel_parse(struct channel *channel, struct value **message)
{
    size_t length = 0;
    const char *bytes = channel_decode(channel->arena, buffer_string(&channel->pieces), &length);
    if (!bytes)
        return error_create(channel->arena, OUTCOME_FAILED, NULL,
                            "a message from Odoo's shell is damaged");
    return json_read(channel->arena, (struct text){.bytes = bytes, .length = length},
                     "a message from Odoo's shell", message);
}

static void channel_deliver(struct channel *channel)
{
    while (channel->first && channel->marks > 0) {
        const struct waiting *waiting = channel->first;
        channel->first = waiting->next;
        if (!channel->first)
            channel->last = &channel->first;
        channel->marks--;
        channel->listener.message(channel->listener.context, waiting->message, waiting->error);
    }
}

static void channel_take_piece(struct channel *channel, const char *piece)
{
    if (channel->pieces.length < MESSAGE_LIMIT)
        buffer_append_string(&channel->pieces, piece + 1);
    if (piece[0] != '=')
        return;
    struct waiting *waiting = arena_allocate(channel->arena, sizeof *waiting);
    waiting->error = channel_parse(channel, &waiting->message);
    buffer_clear(&channel->pieces);
    *channel->last = waiting;
    channel->last = &waiting->next;
    channel_deliver(channel);
}

/* ---- the log ---- */

static void channel_log_empty_lines(struct channel *channel)
{
    for (; channel->empty_lines > 0; channel->empty_lines--)
        channel->listener.log(channel->listener.context, "");
}

static void channel_take_mark(struct channel *channel)
{
    if (channel->empty_lines > 0)
        channel->empty_lines--;
    channel_log_empty_lines(channel);
    channel->marks++;
    channel_deliver(channel);
}

void channel_take(struct channel *channel, int stream, const char *line)
{
    bool ours = strncmp(line, channel->key, sizeof channel->key - 1) == 0;
    const char *rest = ours ? line + sizeof channel->key - 1 : line;
    if (ours && stream == 1 && (rest[0] == '+' || rest[0] == '=')) {
        channel_take_piece(channel, rest);
    } else if (ours && stream == 2 && strcmp(rest, ".") == 0) {
        channel_take_mark(channel);
    } else if (line[0] == '\0') {
        channel->empty_lines++;
    } else {
        channel_log_empty_lines(channel);
        channel->listener.log(channel->listener.context, line);
    }
}

void channel_end(struct channel *channel)
{
    channel_log_empty_lines(channel);
    for (const struct waiting *waiting = channel->first; waiting; waiting = waiting->next)
        channel->marks++;
    channel_deliver(channel);
}
