/* A run's timeline and its three views, fed with the entries of a journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "runtime/report/phrase.h"
#include "runtime/report/view.h"

/* Four steps: a copy, two fixes in a row behind it, and a check for production alone. */
static const size_t need_0[] = {0};
static const size_t need_1[] = {1};
static const struct compiled_step steps[] = {
    {.id = "prepare/copy-database", .kind = "database.copy"},
    {.id = "18.0/fix/one", .kind = "sql", .needs = need_0, .need_count = 1},
    {.id = "18.0/fix/two", .kind = "sql", .needs = need_1, .need_count = 1},
    {.id = "18.0/check/rows",
     .kind = "check.sql",
     .only = "production",
     .needs = need_1,
     .need_count = 1},
};

static const struct compiled_plan plan = {
    .digest = "8c1f0000000000000000000000000000000000000000000000000000000000aa",
    .customer = "acme",
    .title = "Acme, tidied up",
    .steps = steps,
    .step_count = sizeof steps / sizeof steps[0],
};

static struct value *parse(struct arena *arena, const char *json)
{
    struct value *value = NULL;
    struct text text = {.bytes = json, .length = strlen(json)};
    const struct error *error = json_read(arena, text, "test", &value);
    assert_null(error);
    return value;
}

#define STARTED                                                                                    \
    "{\"at\":\"2026-11-23T08:00:00.000Z\",\"event\":\"run-started\",\"run\":\"r1\","               \
    "\"environment\":\"acme-test\",\"mode\":\"test\",\"host\":\"h\",\"process\":42}"
#define STEP_STARTED(second, step)                                                                 \
    "{\"at\":\"2026-11-23T08:00:" second ".000Z\",\"event\":\"step-started\",\"step\":\"" step "\"}"
#define STEP_ENDED(second, step, result, milliseconds, more)                                       \
    "{\"at\":\"2026-11-23T08:00:" second ".000Z\",\"event\":\"step-ended\",\"step\":\"" step       \
    "\",\"result\":\"" result "\",\"milliseconds\":" milliseconds more "}"
#define PROGRESS(step, message)                                                                    \
    "{\"event\":\"progress\",\"step\":\"" step "\",\"message\":\"" message "\"}"
#define ENDED(second, result, more)                                                                \
    "{\"at\":\"2026-11-23T08:00:" second ".000Z\",\"event\":\"run-ended\",\"result\":\"" result    \
    "\",\"outcome\":0" more "}"

static const char record[] = "{\"steps\":["
                             "{\"id\":\"prepare/copy-database\",\"result\":\"done\","
                             "\"milliseconds\":60000},"
                             "{\"id\":\"18.0/fix/one\",\"result\":\"done\",\"milliseconds\":2000},"
                             "{\"id\":\"18.0/fix/two\",\"result\":\"failed\",\"milliseconds\":9},"
                             "{\"id\":\"18.0/check/rows\",\"result\":\"skipped\","
                             "\"milliseconds\":0}]}";

static int64_t time_of(const char *text)
{
    int64_t milliseconds = 0;
    assert_true(clock_read(text, &milliseconds));
    return milliseconds;
}

static void test_timeline(void **state)
{
    struct arena *arena = *state;
    struct timeline *timeline = timeline_create(arena, &plan);
    assert_int_equal(timeline->counts[STEP_WAITING], 4);
    assert_null(timeline_apply(timeline, parse(arena, STARTED)));
    assert_string_equal(timeline->run, "r1");
    assert_int_equal(timeline->process, 42);

    struct timeline_step *step =
        timeline_apply(timeline, parse(arena, STEP_STARTED("01", "prepare/copy-database")));
    assert_ptr_equal(step, &timeline->steps[0]);
    assert_int_equal(step->state, STEP_RUNNING);
    timeline_apply(timeline, parse(arena, PROGRESS("prepare/copy-database", "3 of 12")));
    assert_string_equal(step->progress, "3 of 12");

    /* The executor is killed and another goes on. */
    timeline_apply(timeline, parse(arena, "{\"at\":\"2026-11-23T08:00:20.000Z\",\"event\":"
                                          "\"run-resumed\",\"process\":43,\"host\":\"h\"}"));
    assert_int_equal(step->state, STEP_INTERRUPTED);
    assert_int_equal(timeline->process, 43);
    timeline_apply(timeline, parse(arena, STEP_STARTED("21", "prepare/copy-database")));
    assert_null(step->progress);
    timeline_apply(timeline,
                   parse(arena, STEP_ENDED("22", "prepare/copy-database", "done", "1000", "")));
    assert_int_equal(step->state, STEP_DONE);
    assert_int_equal(step->milliseconds, 1000);
    timeline_apply(timeline, parse(arena, STEP_ENDED("23", "18.0/check/rows", "skipped", "0",
                                                     ",\"reason\":\"only in production\"")));
    assert_int_equal(timeline_ended(timeline), 2);

    timeline_apply(timeline,
                   parse(arena, STEP_ENDED("24", "18.0/fix/one", "failed", "5",
                                           ",\"error\":{\"message\":\"no\",\"help\":\"do\"}")));
    step = &timeline->steps[1];
    assert_string_equal(step->message, "no");
    assert_string_equal(step->help, "do");
    assert_ptr_equal(timeline_first(timeline, STEP_FAILED), step);
    timeline_apply(timeline, parse(arena, ENDED("25", "failed", "")));
    assert_string_equal(timeline->result, "failed");
    assert_int_equal(timeline->ended, time_of("2026-11-23T08:00:25.000Z"));

    /* Events of other plans and later programs change nothing. */
    assert_null(timeline_apply(timeline, parse(arena, STEP_STARTED("26", "no/such"))));
    assert_null(timeline_apply(timeline, parse(arena, "{\"event\":\"dance\"}")));
    assert_null(timeline_apply(timeline, parse(arena, "{}")));
}

static void test_forecast(void **state)
{
    struct arena *arena = *state;
    struct timeline *timeline = timeline_create(arena, &plan);
    assert_false(timeline_forecast(timeline, 0).known);
    timeline_expect(timeline, parse(arena, record));
    int64_t now = time_of("2026-11-23T08:00:10.000Z");
    timeline_apply(timeline, parse(arena, STARTED));

    struct timeline_forecast forecast = timeline_forecast(timeline, now);
    assert_true(forecast.known);
    assert_false(forecast.complete); /* two failed in the rehearsal */
    assert_int_equal(forecast.milliseconds, 62000);

    timeline_apply(timeline, parse(arena, STEP_STARTED("00", "prepare/copy-database")));
    assert_int_equal(timeline_forecast(timeline, now).milliseconds, 52000);
    /* One that takes longer than expected may end at any moment. */
    assert_int_equal(timeline_forecast(timeline, now + 600000).milliseconds, 2000);

    timeline_apply(timeline, parse(arena, STEP_ENDED("11", "18.0/fix/two", "done", "1", "")));
    assert_true(timeline_forecast(timeline, now).complete); /* the check is not for test */
}

/* A view that writes to a file of its own. */
struct watched {
    struct view *view;
    FILE *file;
};

static const char *written(struct arena *arena, FILE *file)
{
    fflush(file);
    long length = lseek(fileno(file), 0, SEEK_END);
    char *text = arena_allocate(arena, (size_t)length + 1);
    assert_int_equal(pread(fileno(file), text, (size_t)length, 0), length);
    return text;
}

static void show(struct arena *arena, struct view *view, const char *entry, const char *now)
{
    view_event(view, parse(arena, entry), time_of(now));
}

static void test_lines(void **state)
{
    struct arena *arena = *state;
    FILE *file = tmpfile();
    assert_non_null(file);
    struct view *view = view_create_lines(arena, timeline_create(arena, &plan), file);
    show(arena, view, STARTED, "2026-11-23T08:00:00.000Z");
    show(arena, view, STEP_STARTED("01", "prepare/copy-database"), "2026-11-23T08:00:01.000Z");
    show(arena, view, PROGRESS("prepare/copy-database", "table\\u001b[2J\\nx"),
         "2026-11-23T08:00:01.500Z");
    view_tick(view, time_of("2026-11-23T08:00:59.000Z"));
    view_tick(view, time_of("2026-11-23T08:01:01.000Z"));
    view_tick(view, time_of("2026-11-23T08:01:02.000Z"));
    show(arena, view,
         STEP_ENDED("02", "prepare/copy-database", "done", "90500",
                    ",\"effects\":{\"method\":\"template\",\"bytes\":105906176}"),
         "2026-11-23T08:01:31.000Z");
    show(arena, view, "{\"event\":\"warning\",\"message\":\"slow\"}", "2026-11-23T08:01:31.000Z");
    show(arena, view,
         STEP_ENDED("02", "18.0/check/rows", "skipped", "0", ",\"reason\":\"only in production\""),
         "2026-11-23T08:01:32.000Z");
    show(arena, view,
         STEP_ENDED("02", "18.0/fix/one", "failed", "12",
                    ",\"error\":{\"message\":\"relation \\\"x\\\" does not exist\\nLINE 1\"}"),
         "2026-11-23T08:01:33.000Z");
    show(arena, view, ENDED("34", "failed", ",\"error\":{\"message\":\"18.0/fix/one failed\"}"),
         "2026-11-23T08:01:34.000Z");
    view_end(view, time_of("2026-11-23T08:01:34.000Z"));
    assert_string_equal(
        written(arena, file),
        "2026-11-23T08:00:00Z run r1: Acme, tidied up, in acme-test (test), 4 steps, plan "
        "8c1f00000000\n"
        "2026-11-23T08:00:01Z start prepare/copy-database\n"
        "2026-11-23T08:01:01Z running prepare/copy-database (1 min 00 s): table [2J x\n"
        "2026-11-23T08:01:31Z done prepare/copy-database (1 min 31 s): by template; 101.0 MB\n"
        "2026-11-23T08:01:31Z warning: slow\n"
        "2026-11-23T08:01:32Z skipped 18.0/check/rows: only in production\n"
        "2026-11-23T08:01:33Z FAILED 18.0/fix/one (0.0 s): relation \"x\" does not exist LINE 1\n"
        "2026-11-23T08:01:34Z run r1: failed\n");
    fclose(file);
}

static void test_events(void **state)
{
    struct arena *arena = *state;
    FILE *file = tmpfile();
    assert_non_null(file);
    struct view *view = view_create_events(arena, timeline_create(arena, &plan), file);
    show(arena, view, "{\"event\":\"progress\", \"step\":\"18.0/fix/one\", \"message\":\"a\\nb\"}",
         "2026-11-23T08:00:00.000Z");
    show(arena, view, "{\"sequence\":7,\"event\":\"warning\",\"message\":\"ä\"}",
         "2026-11-23T08:00:00.000Z");
    view_tick(view, 0);
    view_end(view, 0);
    assert_string_equal(written(arena, file),
                        "{\"event\":\"progress\",\"message\":\"a\\nb\",\"step\":\"18.0/fix/one\"}\n"
                        "{\"event\":\"warning\",\"message\":\"ä\",\"sequence\":7}\n");
    fclose(file);
}

/* A terminal of 30 rows that knows what the console uses: line feed, carriage return, cursor up,
 * clear to the end of the line and of the screen; colours are left out. Nothing scrolls away here.
 */
#define SCREEN_ROWS 30
#define SCREEN_COLUMNS 200

struct screen {
    char cells[SCREEN_ROWS][SCREEN_COLUMNS + 1];
    size_t row;
    size_t column;
};

static size_t screen_sequence(struct screen *screen, const char *text)
{
    char *end = NULL;
    unsigned long number = strtoul(text + 2, &end, 10);
    if (*end == 'A')
        screen->row -= number;
    else if (*end == 'K')
        screen->cells[screen->row][screen->column] = '\0';
    else if (*end == 'J')
        for (size_t row = screen->row; row < SCREEN_ROWS; row++)
            screen->cells[row][row == screen->row ? screen->column : 0] = '\0';
    else
        assert_int_equal(*end, 'm');
    return (size_t)(end - text) + 1;
}

static const char *screen_text(struct arena *arena, const char *written_text)
{
    struct screen *screen = arena_allocate(arena, sizeof *screen);
    for (const char *text = written_text; *text;) {
        if (*text == '\033') {
            text += screen_sequence(screen, text);
            continue;
        }
        if (*text == '\r') {
            screen->column = 0;
        } else if (*text == '\n') {
            screen->row++;
            screen->column = 0;
        } else {
            assert_true(screen->column < SCREEN_COLUMNS);
            char *cell = &screen->cells[screen->row][screen->column++];
            bool was_end = *cell == '\0';
            *cell = *text;
            if (was_end)
                cell[1] = '\0';
        }
        assert_true(screen->row < SCREEN_ROWS);
        text++;
    }
    const char *result = "";
    for (size_t row = 0; row < SCREEN_ROWS && screen->cells[row][0]; row++)
        result = arena_format(arena, "%s%s\n", result, screen->cells[row]);
    return result;
}

static struct terminal narrow(int width)
{
    char columns[16];
    snprintf(columns, sizeof columns, "%d", width);
    setenv("COLUMNS", columns, 1);
    return (struct terminal){.interactive = true, .width = width, .height = 24};
}

static void test_console(void **state)
{
    struct arena *arena = *state;
    FILE *file = tmpfile();
    assert_non_null(file);
    struct timeline *timeline = timeline_create(arena, &plan);
    timeline_expect(timeline, parse(arena, record));
    struct view *view = view_create_console(arena, timeline, fileno(file), narrow(120));
    show(arena, view, STARTED, "2026-11-23T08:00:00.000Z");
    show(arena, view, STEP_STARTED("00", "prepare/copy-database"), "2026-11-23T08:00:00.000Z");
    view_tick(view, time_of("2026-11-23T08:00:00.000Z"));
    show(arena, view, PROGRESS("prepare/copy-database", "res_\\u001b[2Jpartner"),
         "2026-11-23T08:00:05.000Z");
    view_tick(view, time_of("2026-11-23T08:00:10.000Z"));
    assert_string_equal(
        screen_text(arena, written(arena, file)),
        "Acme, tidied up\n"
        "acme-test (test), run r1, plan 8c1f00000000\n"
        " > prepare/copy-database     0:10 of about 1:00  res_ [2Jpartner\n"
        " ------------------------ 0 of 4 steps  0:10  at least 52 s left, until 08:01 or later\n");

    show(arena, view,
         STEP_ENDED("50", "prepare/copy-database", "done", "50000",
                    ",\"effects\":{\"method\":\"template\"}"),
         "2026-11-23T08:00:50.000Z");
    show(arena, view,
         STEP_ENDED("50", "18.0/check/rows", "skipped", "0", ",\"reason\":\"only in production\""),
         "2026-11-23T08:00:50.000Z");
    show(arena, view, STEP_STARTED("50", "18.0/fix/one"), "2026-11-23T08:00:50.000Z");
    view_tick(view, time_of("2026-11-23T08:00:50.100Z"));
    assert_string_equal(screen_text(arena, written(arena, file)),
                        "Acme, tidied up\n"
                        "acme-test (test), run r1, plan 8c1f00000000\n"
                        " + prepare/copy-database         50 s  by template\n"
                        " - 18.0/check/rows                     skipped: only in production\n"
                        " > 18.0/fix/one              0:00 of about 0:02\n"
                        " ============------------ 2 of 4 steps  0:50  at least 2.0 s left, until "
                        "08:00 or later\n");

    show(arena, view, "{\"event\":\"warning\",\"message\":\"slow\"}", "2026-11-23T08:00:51.000Z");
    show(arena, view,
         STEP_ENDED("51", "18.0/fix/one", "failed", "700", ",\"error\":{\"message\":\"no\\nway\"}"),
         "2026-11-23T08:00:51.000Z");
    show(arena, view, ENDED("51", "failed", ""), "2026-11-23T08:00:51.000Z");
    view_end(view, time_of("2026-11-23T08:00:51.000Z"));
    assert_string_equal(screen_text(arena, written(arena, file)),
                        "Acme, tidied up\n"
                        "acme-test (test), run r1, plan 8c1f00000000\n"
                        " + prepare/copy-database         50 s  by template\n"
                        " - 18.0/check/rows                     skipped: only in production\n"
                        " warning: slow\n"
                        " ! 18.0/fix/one                 0.7 s  no way\n");
    fclose(file);
}

/* No line is wider than the terminal, whatever its width, and what was drawn for a wide one is
 * removed whole when a narrow one has wrapped it. */
static void test_console_width(void **state)
{
    struct arena *arena = *state;
    FILE *file = tmpfile();
    assert_non_null(file);
    struct view *view =
        view_create_console(arena, timeline_create(arena, &plan), fileno(file), narrow(40));
    show(arena, view, STARTED, "2026-11-23T08:00:00.000Z");
    show(arena, view, STEP_STARTED("00", "prepare/copy-database"), "2026-11-23T08:00:00.000Z");
    show(arena, view, PROGRESS("prepare/copy-database", "a long text that will not fit"),
         "2026-11-23T08:00:00.000Z");
    view_tick(view, time_of("2026-11-23T08:00:00.000Z"));
    assert_string_equal(screen_text(arena, written(arena, file)),
                        "Acme, tidied up\n"
                        "acme-test (test), run r1, plan 8c1f0000\n"
                        " > prepare/copy-database     0:00  a lo\n"
                        " ------------------------ 0 of 4 steps \n");
    narrow(20);
    view_tick(view, time_of("2026-11-23T08:00:01.000Z"));
    const char *frames = written(arena, file);
    assert_non_null(strstr(frames, "\r\033[4A > prepare/copy-dat\033[K\n"));
    view_end(view, time_of("2026-11-23T08:00:02.000Z"));
    fclose(file);
}

static void test_phrases(void **state)
{
    struct arena *arena = *state;
    static const struct {
        int64_t milliseconds;
        const char *duration;
        const char *clock;
    } durations[] = {
        {0, "0.0 s", "0:00"},
        {949, "0.9 s", "0:00"},
        {950, "1.0 s", "0:00"},
        {9949, "9.9 s", "0:09"},
        {9950, "10 s", "0:09"},
        {59499, "59 s", "0:59"},
        {59500, "1 min 00 s", "0:59"},
        {3599499, "59 min 59 s", "59:59"},
        {3600000, "1 h 00 min", "1:00:00"},
        {7530000, "2 h 06 min", "2:05:30"},
    };
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        assert_string_equal(phrase_duration(arena, durations[i].milliseconds),
                            durations[i].duration);
        assert_string_equal(phrase_clock(arena, durations[i].milliseconds), durations[i].clock);
    }
    static const struct {
        int64_t bytes;
        const char *text;
    } sizes[] = {{1, "1 byte"},
                 {1023, "1023 bytes"},
                 {1024, "1.0 KB"},
                 {1048575, "1.0 MB"},
                 {105906176, "101.0 MB"},
                 {INT64_C(1) << 40, "1.0 TB"},
                 {INT64_C(1) << 52, "4096.0 TB"}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        assert_string_equal(phrase_size(arena, sizes[i].bytes), sizes[i].text);
}

static void test_effects(void **state)
{
    struct arena *arena = *state;
    static const struct {
        const char *effects;
        const char *text;
    } cases[] = {
        {"{}", ""},
        {"{\"rows\":1}", "1 row"},
        {"{\"rows\":0}", "0 rows"},
        {"{\"rows\":3,\"tables\":{\"public.res_partner\":{\"inserted\":0,\"updated\":3,"
         "\"deleted\":1}}}",
         "res_partner: 3 updated, 1 deleted"},
        {"{\"tables\":{\"a\":{\"inserted\":1},\"b\":{\"inserted\":1},\"c\":{\"inserted\":1},"
         "\"d\":{\"inserted\":1},\"e\":{\"inserted\":0}}}",
         "a: 1 inserted; b: 1 inserted; c: 1 inserted; 1 more table"},
        {"{\"parameters\":{\"x\":{\"old\":\"1\",\"new\":\"2\"},\"y\":{\"old\":\"1\",\"new\":\"1\"},"
         "\"z\":{\"old\":null,\"new\":\"1\"}}}",
         "3 parameters set"},
        {"{\"crons\":{\"a.b\":{\"active\":{\"old\":true,\"new\":false}},"
         "\"a.c\":{\"active\":{\"old\":true,\"new\":true}}}}",
         "2 scheduled actions set"},
        {"{\"check\":{\"actual\":\"324\",\"expected\":\"324\",\"passed\":true}}", "found 324"},
        {"{\"http\":{\"status\":200}}", "status 200"},
        {"{\"exit_code\":3}", "exit code 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(phrase_effects(arena, parse(arena, cases[i].effects)), cases[i].text);
}

static int make_arena(void **state)
{
    setenv("TZ", "UTC", 1);
    *state = arena_create();
    return 0;
}

static int drop_arena(void **state)
{
    arena_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_timeline, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_forecast, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_lines, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_events, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_console, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_console_width, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_phrases, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_effects, make_arena, drop_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
