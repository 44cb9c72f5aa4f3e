/* The messages of an Odoo process, among whatever else it prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"
#include "runtime/odoo/channel.h"

struct heard {
    struct buffer text; /* messages as <JSON>, errors as !, lines of the log as they are */
};

static void take_message(void *context, struct value *message, const struct error *error)
{
    struct heard *heard = context;
    if (error) {
        buffer_append_string(&heard->text, "!\n");
        return;
    }
    buffer_append_character(&heard->text, '<');
    json_write(&heard->text, message, JSON_COMPACT);
    buffer_append_string(&heard->text, ">\n");
}

static void take_log(void *context, const char *line)
{
    struct heard *heard = context;
    buffer_format(&heard->text, "%s\n", line);
}

/* KEY in a line stands for the channel's key; lines of standard output begin with 1, of standard
 * error with 2. */
static void feed(struct arena *arena, struct channel *channel, const char *line)
{
    const char *key = strstr(line, "KEY");
    const char *text = key ? arena_format(arena, "%.*s%s%s", (int)(key - line - 1), line + 1,
                                          channel_key(channel), key + 3)
                           : line + 1;
    channel_take(channel, line[0] - '0', text);
}

static void test_messages(void **state)
{
    (void)state;
    static const struct {
        const char *lines[8]; /* eyJhIjoxfQ== is {"a":1} */
        const char *heard;
    } cases[] = {
        {{"2log", "1printed"}, "log\nprinted\n"},
        {{"2KEY.", "1KEY=eyJhIjoxfQ=="}, "<{\"a\":1}>\n"},
        /* The log is read up to the message's mark first, whichever pipe is faster. */
        {{"1KEY=eyJhIjoxfQ==", "2before", "2KEY.", "2after"}, "before\n<{\"a\":1}>\nafter\n"},
        /* In pieces, with prints between. */
        {{"1KEY+eyJh", "1rubbish", "1KEY=IjoxfQ==", "2KEY."}, "rubbish\n<{\"a\":1}>\n"},
        /* One empty line belongs to the mark. */
        {{"2x", "2", "2", "2KEY.", "1KEY=eyJhIjoxfQ=="}, "x\n\n<{\"a\":1}>\n"},
        /* What looks like a message without the key is none. */
        {{"1=eyJhIjoxfQ==", "1{\"a\":1}", "1KE=eyJhIjoxfQ=="},
         "=eyJhIjoxfQ==\n{\"a\":1}\nKE=eyJhIjoxfQ==\n"},
        /* Nor is one in the log, nor a mark in the output. */
        {{"2KEY=eyJhIjoxfQ==", "1KEY."}, NULL},
        /* Damaged. */
        {{"2KEY.", "1KEY=eyJhIjox"}, "!\n"},
        {{"2KEY.", "1KEY=%%%%"}, "!\n"},
        /* The process ended without its mark. */
        {{"1KEY=eyJhIjoxfQ=="}, "<{\"a\":1}>\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct heard heard = {0};
        struct channel *channel;
        assert_null(channel_create(arena, (struct channel_listener){take_message, take_log, &heard},
                                   &channel));
        for (size_t l = 0; cases[i].lines[l]; l++)
            feed(arena, channel, cases[i].lines[l]);
        channel_end(channel);
        if (cases[i].heard)
            assert_string_equal(buffer_string(&heard.text), cases[i].heard);
        else
            assert_null(strchr(buffer_string(&heard.text), '<'));
        buffer_release(&heard.text);
        arena_destroy(arena);
    }
}

static void test_base64(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    for (size_t length = 0; length < 70; length++) {
        char bytes[70];
        for (size_t i = 0; i < length; i++)
            bytes[i] = (char)(i * 37);
        size_t decoded = 99;
        const char *back = channel_decode(arena, channel_encode(arena, bytes, length), &decoded);
        assert_non_null(back);
        assert_int_equal(decoded, length);
        if (length > 0)
            assert_memory_equal(back, bytes, length);
    }
    arena_destroy(arena);
}

/* Two channels have two keys, and the settings reach the script. */
static void test_script(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct heard heard = {0};
    struct channel *one, *two;
    struct channel_listener listener = {take_message, take_log, &heard};
    assert_null(channel_create(arena, listener, &one));
    assert_null(channel_create(arena, listener, &two));
    assert_int_equal(strlen(channel_key(one)), 32);
    assert_string_not_equal(channel_key(one), channel_key(two));
    const struct harness_file files[] = {HARNESS_FILE(channel)};
    const char *script = channel_write_script(one, value_object(arena), files, 1);
    const char *quote = strchr(script, '\'') + 1;
    size_t length = 0;
    const char *settings =
        channel_decode(arena, arena_copy_bytes(arena, quote, strcspn(quote, "'")), &length);
    assert_string_equal(settings, arena_format(arena, "{\"key\":\"%s\"}", channel_key(one)));
    assert_non_null(strstr(script, "class Channel"));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
