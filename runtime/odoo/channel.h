/* Messages from drehbuch's own Python inside an Odoo process (harness/channel.py).
 *
 * They come on the process's standard output, in lines that begin with a key which is drawn for
 * each process and given to it on standard input: what a module prints cannot be taken for one. All
 * other output is the log. */
#ifndef RUNTIME_ODOO_CHANNEL_H
#define RUNTIME_ODOO_CHANNEL_H

#include "base/error.h"
#include "base/value.h"
#include "runtime/odoo/harness/embedded.h"

struct channel;

struct channel_listener {
    /* A message, in the channel's arena, once the log was read up to where it was sent; or why it
     * cannot be read. */
    void (*message)(void *context, struct value *message, const struct error *error);
    void (*log)(void *context, const char *line);
    void *context;
};

const struct error *channel_create(struct arena *arena, struct channel_listener listener,
                                   struct channel **created);

/* 32 hexadecimal digits. */
const char *channel_key(const struct channel *channel);

/* What the process gets on standard input: `settings`, to which the key is added, and the files'
 * text, channel.py first. It holds what the settings hold, so perhaps secrets. */
const char *channel_write_script(struct channel *channel, struct value *settings,
                                 const struct harness_file *files, size_t file_count);

/* A line of the process's output, for struct process_options. */
void channel_take(struct channel *channel, int stream, const char *line);

/* The process has ended: what was held back is handed on. */
void channel_end(struct channel *channel);

/* Both ways of base64, in the arena; decoding gives NULL where the text is not base64. */
const char *channel_encode(struct arena *arena, const char *bytes, size_t length);
const char *channel_decode(struct arena *arena, const char *text, size_t *length);

#endif
