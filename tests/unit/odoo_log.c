/* Reading Odoo's output: records and levels, progress, tracebacks, and how it is judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "runtime/odoo/log.h"

#define AT(level, logger) "2026-11-24 07:15:04,123 412 " level " acme " logger ": "

static void take_progress(void *context, const char *text)
{
    buffer_format(context, "%s\n", text);
}

static struct odoo_log *read_log(struct arena *arena, const char *text, const char *module,
                                 struct buffer *progress)
{
    struct known_errors *known;
    assert_null(known_errors_create(arena, &known));
    struct value *modules = value_array(arena);
    if (module)
        value_append(arena, modules, value_string(arena, module));
    struct odoo_log *log =
        odoo_log_create(arena, known, modules,
                        (struct odoo_log_listener){.progress = progress ? take_progress : NULL,
                                                   .context = progress});
    while (*text) {
        size_t length = strcspn(text, "\n");
        odoo_log_take(log, arena_copy_bytes(arena, text, length));
        text += length + (text[length] == '\n');
    }
    odoo_log_end(log);
    return log;
}

static void test_levels(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t counts[ODOO_LEVEL_COUNT];
    } cases[] = {
        {AT("INFO", "odoo"), {0, 1, 0, 0, 0}},
        {AT("DEBUG", "odoo") "x", {1, 0, 0, 0, 0}},
        {AT("WARNING", "odoo.x") "x", {0, 0, 1, 0, 0}},
        {AT("ERROR", "odoo.x") "x", {0, 0, 0, 1, 0}},
        {AT("CRITICAL", "odoo.x") "x", {0, 0, 0, 0, 1}},
        {AT("RUNBOT", "odoo.x") "x", {0, 1, 0, 0, 0}},
        {"2026-11-24 07:15:04,123 1 ERROR ? odoo: x", {0, 0, 0, 1, 0}},
        {"2026-11-24 07:15:04,123 1 ERROR a-b.c odoo.addons.base.models.ir_cron: x",
         {0, 0, 0, 1, 0}},
        /* These are the middle of a record. */
        {"", {0}},
        {"ERROR: x", {0}},
        {" 2026-11-24 07:15:04,123 1 ERROR ? odoo: x", {0}},
        {"2026-11-24 07:15:04,12", {0}},
        {"2026-11-24 07:15:04,123 1 ERROR", {0}},
        {"2026-11-24 07:15:04,123 1 ERRORS ? odoo: x", {0}},
        {"2026-11-24 07:15:04,123 x ERROR ? odoo: x", {0}},
        {"2026-11-24 07:15:04,123 1 ERROR ? odoo x", {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        const struct odoo_log *log = read_log(arena, cases[i].line, NULL, NULL);
        for (size_t level = 0; level < ODOO_LEVEL_COUNT; level++)
            assert_int_equal(odoo_log_count(log, (enum odoo_level)level), cases[i].counts[level]);
        arena_destroy(arena);
    }
}

static void test_progress(void **state)
{
    (void)state;
    static const struct {
        const char *message, *progress;
    } cases[] = {
        {"Loading module base (1/1) ", "module 1 of 1: base\n"},
        {"Loading module sale (12/59)", "module 12 of 59: sale\n"},
        {"loading module sale (12/59)", "module 12 of 59: sale\n"},
        {"loading 59 modules...", ""},
        {"Module sale loaded in 0.2s, 3 queries", ""},
        {"Loading module  (1/2)", ""},
        {"Loading module a (1)", ""},
        {"Loading module a (1/2", ""},
        {"Loading module", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct buffer progress = {0};
        const char *line =
            arena_format(arena, AT("INFO", "odoo.modules.loading") "%s", cases[i].message);
        read_log(arena, line, NULL, &progress);
        read_log(arena, cases[i].message, NULL, &progress); /* no record */
        assert_string_equal(buffer_string(&progress), cases[i].progress);
        buffer_release(&progress);
        arena_destroy(arena);
    }
}

#define TRACEBACK(exception)                                                                       \
    "Traceback (most recent call last):\n  File \"first.py\", line 1, in run\n    first()\n"       \
    "  File \"second.py\", line 22, in write\n    second(x)\n    ^^^^^^^^^\n" exception "\n"

static const struct {
    const char *text, *module;
    int64_t exit_code;
    int signal;
    const char *message; /* NULL: it did not fail */
    const char *help;    /* how it begins */
    const char *warning; /* NULL: none */
} judgements[] = {
    {AT("INFO", "odoo") "fine", NULL, 0, 0, NULL, NULL, NULL},
    {"", NULL, 3, 0, "Odoo ended with exit code 3", "the whole output", NULL},
    {"", NULL, 0, 9, "Odoo ended with signal 9", "the whole output", NULL},
    {AT("ERROR", "odoo") "Broken \n", NULL, 0, 0, NULL, NULL,
     "Odoo logged 1 error, the last one: Broken"},
    {AT("ERROR", "odoo") "Broken\n" AT("ERROR", "odoo") "Again", NULL, 0, 0, NULL, NULL,
     "Odoo logged 2 errors, the last one: Again"},
    {AT("CRITICAL", "odoo") "Gone\n", NULL, 0, 0,
     "Odoo ended as if all were well, but logged a critical error: Gone", "the whole output", NULL},
    {AT("ERROR", "odoo") "Broken\n" TRACEBACK("ValueError: no"), NULL, 1, 0,
     "Odoo ended with exit code 1: Broken\n  File \"second.py\", line 22, in write\n"
     "  second(x)\n  ValueError: no",
     "the whole output", "Odoo logged 1 error, the last one: Broken"},
    {AT("ERROR", "odoo") "x\n" TRACEBACK(
         "KeyError: 1") "\nDuring handling of the above "
                        "exception, another exception occurred:\n\n" TRACEBACK(
                            "odoo.ParseError: while parsing a.xml:3\nError "
                            "while\n\nmore\nrest"),
     NULL, 1, 0,
     "Odoo ended with exit code 1: x\n  File \"second.py\", line 22, in write\n  second(x)\n"
     "  odoo.ParseError: while parsing a.xml:3 Error while more",
     "the whole output", "Odoo logged 1 error, the last one: x"},
    /* Python's own last word, below a record that has nothing to do with it. */
    {AT("ERROR", "odoo") "Broken\n" AT("INFO", "odoo") "fine\n" TRACEBACK("OSError: no"), NULL, 1,
     0,
     "Odoo ended with exit code 1\n  File \"second.py\", line 22, in write\n  second(x)\n"
     "  OSError: no",
     "the whole output", "Odoo logged 1 error, the last one: Broken"},
    {AT("ERROR", "odoo") "Broken\n" AT("WARNING", "odoo") "w\n" TRACEBACK("OSError: no"), NULL, 1,
     0, "Odoo ended with exit code 1: Broken", "the whole output",
     "Odoo logged 1 error, the last one: Broken"},
    {AT("ERROR", "odoo.modules.loading") "Some modules have inconsistent states, some "
                                         "dependencies may be missing: ['sale'] \n",
     NULL, 0, 0, NULL, NULL, "Odoo logged 1 error, the last one: Some"},
    {AT("WARNING", "odoo") "invalid module names, ignored: acme_sale", NULL, 0, 0, NULL, NULL,
     NULL},
    {AT("WARNING", "odoo") "invalid module names, ignored: acme_sale", "acme_sale", 0, 0,
     "Odoo ended as if all were well", "known: ", NULL},
    /* What is known stands in the lines of a record, and below one of no importance. */
    {AT("INFO", "odoo") "x\n" TRACEBACK("OSError: [Errno 28] No space left on device"), NULL, 1, 0,
     "Odoo ended with exit code 1\n", "known: a disk is full", NULL},
    {AT("INFO", "odoo") "read: No space left on device\n", NULL, 0, 0, NULL, NULL, NULL},
};

static void test_judgement(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof judgements / sizeof judgements[0]; i++) {
        struct arena *arena = arena_create();
        const struct odoo_log *log =
            read_log(arena, judgements[i].text, judgements[i].module, NULL);
        const struct error *error =
            odoo_log_judge(log, arena, judgements[i].exit_code, judgements[i].signal);
        const char *warning = odoo_log_warning(log, arena);
        const char *wanted[] = {judgements[i].message, judgements[i].help, judgements[i].warning};
        const char *found[] = {error ? error->message : NULL, error ? error->help : NULL, warning};
        for (size_t j = 0; j < 3; j++)
            if (!wanted[j] != !found[j] ||
                (wanted[j] && strncmp(found[j], wanted[j], strlen(wanted[j])) != 0))
                fail_msg("case %zu: %s\nwanted: %s", i, found[j] ? found[j] : "nothing",
                         wanted[j] ? wanted[j] : "nothing");
        arena_destroy(arena);
    }
}

/* A record without an end: what is known is found in it wherever it stands, and its memory is
 * bounded (the arena's is all that this could see; the record's is released with it). */
static void test_long_record(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct known_errors *known;
    assert_null(known_errors_create(arena, &known));
    struct odoo_log *log = odoo_log_create(arena, known, NULL, (struct odoo_log_listener){0});
    char line[1000];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    for (int i = 0; i < 200; i++)
        odoo_log_take(log, line);
    odoo_log_take(log, "OSError: No space left on device");
    for (int i = 0; i < 200; i++)
        odoo_log_take(log, line);
    odoo_log_end(log);
    struct value *effects = value_object(arena);
    odoo_log_describe(log, arena, effects);
    assert_int_equal(value_get_integer(value_get(effects, "known_errors"), "disk-full", 0), 1);
    assert_int_equal(value_get_integer(value_get(effects, "log"), "errors", -1), 0);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_judgement),
        cmocka_unit_test(test_long_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
