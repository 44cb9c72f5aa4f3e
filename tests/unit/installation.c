/* How Odoo is started: argument vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"
#include "runtime/odoo/installation.h"

static const char *write_vector(struct arena *arena, const char *entry,
                                struct installation_call call)
{
    struct value *value;
    struct text text = {.bytes = entry, .length = strlen(entry)};
    assert_null(json_read(arena, text, "entry", &value));
    const char *const *arguments =
        installation_arguments(arena, installation_read(arena, "19.0", value), call);
    struct buffer joined = {0};
    for (size_t i = 0; arguments[i]; i++)
        buffer_format(&joined, "%s%s", i > 0 ? " | " : "", arguments[i]);
    const char *result = arena_copy(arena, buffer_string(&joined));
    buffer_release(&joined);
    return result;
}

static void test_vectors(void **state)
{
    (void)state;
    static const char *const update[] = {"--update=all", NULL};
    static const struct {
        const char *entry;
        struct installation_call call;
        const char *vector;
    } cases[] = {
        {"{\"run\":[\"odoo\"]}", {0}, "odoo | --logfile= | --log-level=info | --no-http"},
        {"{\"run\":[\"docker\",\"exec\",\"-i\",\"odoo 19\",\"odoo\"],\"config\":\"/etc/o d.conf\"}",
         {.subcommand = "shell", .database = "it's"},
         "docker | exec | -e | PYTHONHASHSEED=0 | -i | odoo 19 | odoo | shell | --config=/etc/o "
         "d.conf | --database=it's | "
         "--logfile= | --log-level=info | --no-http"},
        /* A shell on the other side splits words again: ours are quoted, those of the environment
           are the author's. */
        {"{\"run\":[\"/usr/bin/ssh\",\"host\",\"sudo odoo\"],\"config\":\"/etc/o d.conf\"}",
         {.database = "it's; rm -rf /"},
         "/usr/bin/ssh | host | sudo odoo | '--config=/etc/o d.conf' | "
         "'--database=it'\\''s; rm -rf /' | --logfile= | --log-level=info | --no-http"},
        {"{\"run\":[\"sudo\",\"ssh\",\"host\",\"odoo\"]}",
         {.database = "a b"},
         "sudo | ssh | host | odoo | '--database=a b' | --logfile= | --log-level=info | --no-http"},
        {"{\"run\":[\"odoo\"],\"addons\":[\"/a\",\"/b\"],\"data_folder\":\"/d\","
         "\"openupgrade\":\"/ou\"}",
         {.database = "x", .more = update},
         "odoo | --data-dir=/d | --addons-path=/a,/b | --database=x | --logfile= | "
         "--log-level=info | --no-http | --update=all"},
        {"{\"run\":[\"odoo\"],\"addons\":[\"/a\"],\"openupgrade\":\"/ou\"}",
         {.database = "x", .openupgrade = true, .more = update},
         "odoo | --addons-path=/a,/ou | --upgrade-path=/ou/openupgrade_scripts/scripts | "
         "--load=base,web,openupgrade_framework | --database=x | --logfile= | --log-level=info | "
         "--no-http | --update=all"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        assert_string_equal(write_vector(arena, cases[i].entry, cases[i].call), cases[i].vector);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
