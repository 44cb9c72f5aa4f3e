/* What a journal says of its steps, and which checkpoint fits a plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "runtime/checkpoint/choose.h"
#include "runtime/circumstances.h"
#include "runtime/past.h"

static const size_t on_first[] = {0};
static const size_t on_second[] = {1};
static const struct compiled_step steps[] = {
    {.id = "prepare/copy", .kind = "database.copy", .phase = "prepare", .digest = "a"},
    {.id = "18.0/fix",
     .kind = "sql",
     .phase = "18.0",
     .digest = "b",
     .needs = on_first,
     .need_count = 1},
    {.id = "18.0/check",
     .kind = "check.sql",
     .phase = "18.0",
     .digest = "c",
     .needs = on_second,
     .need_count = 1},
    {.id = "19.0/last",
     .kind = "sql",
     .phase = "19.0",
     .digest = "d",
     .needs = on_second,
     .need_count = 1},
    {.id = "publish/rename", .kind = "database.rename", .phase = "publish", .digest = "e"},
};
static const struct compiled_plan plan = {.steps = steps,
                                          .step_count = sizeof steps / sizeof steps[0]};

static struct value *read(struct arena *arena, const char *text)
{
    struct value *entries = NULL;
    assert_null(
        json_read(arena, (struct text){.bytes = text, .length = strlen(text)}, "test", &entries));
    return entries;
}

static void test_states(void **state)
{
    struct arena *arena = arena_create();
    (void)state;
    const enum past_state *past = past_read(
        arena, &plan,
        read(arena, "[{\"event\":\"run-started\"},"
                    "{\"event\":\"step-ended\",\"step\":\"prepare/copy\",\"result\":\"done\"},"
                    "{\"event\":\"step-ended\",\"step\":\"18.0/fix\",\"result\":\"taken-over\"},"
                    "{\"event\":\"step-ended\",\"step\":\"18.0/check\",\"result\":\"failed\"},"
                    "{\"event\":\"step-ended\",\"step\":\"19.0/last\",\"result\":\"skipped\"},"
                    "{\"event\":\"step-started\",\"step\":\"publish/rename\"},"
                    "{\"event\":\"move\",\"step\":\"publish/rename\"}]"));
    static const enum past_state wanted[] = {PAST_DONE, PAST_TAKEN_OVER, PAST_FAILED, PAST_SKIPPED,
                                             PAST_BEGUN};
    for (size_t i = 0; i < plan.step_count; i++)
        assert_int_equal(past[i], wanted[i]);
    arena_destroy(arena);
}

static void test_taken_back(void **state)
{
    static const struct {
        const char *entries;
        enum past_rollback rollback;
        enum past_state rename;
    } cases[] = {
        {"", ROLLBACK_NONE, PAST_DONE},
        {",{\"event\":\"rollback-started\",\"reason\":\"failed\"}", ROLLBACK_PUTTING_BACK,
         PAST_DONE},
        {",{\"event\":\"rollback-started\",\"reason\":\"failed\"},{\"event\":\"step-not-undone\","
         "\"step\":\"publish/rename\"}",
         ROLLBACK_PUTTING_BACK, PAST_DONE},
        {",{\"event\":\"rollback-started\",\"reason\":\"failed\"},{\"event\":\"step-undone\","
         "\"step\":\"publish/rename\"}",
         ROLLBACK_PUTTING_BACK, PAST_NONE},
        {",{\"event\":\"rollback-started\",\"reason\":\"failed\"},{\"event\":\"rollback-ended\"}",
         ROLLBACK_PUT_BACK, PAST_NONE},
        {",{\"event\":\"rollback-started\",\"reason\":\"asked\"}", ROLLBACK_GIVING_UP, PAST_DONE},
        {",{\"event\":\"rollback-started\",\"reason\":\"asked\"},{\"event\":\"rollback-ended\"}",
         ROLLBACK_GIVEN_UP, PAST_NONE},
        /* Put back by itself, but not all: somebody goes on with it. */
        {",{\"event\":\"rollback-started\",\"reason\":\"failed\"},{\"event\":\"rollback-started\","
         "\"reason\":\"asked\"},"
         "{\"event\":\"rollback-ended\"}",
         ROLLBACK_GIVEN_UP, PAST_NONE},
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct value *entries = read(
            arena,
            arena_format(
                arena,
                "[{\"event\":\"step-ended\",\"step\":\"publish/rename\",\"result\":\"done\"}%s]",
                cases[i].entries));
        assert_int_equal(past_rollback(entries), cases[i].rollback);
        assert_int_equal(past_read(arena, &plan, entries)[4], cases[i].rename);
    }
    arena_destroy(arena);
}

static void test_moves(void **state)
{
    static const struct {
        const char *entries;
        bool rename, files, any;
    } cases[] = {
        {"[]", false, false, false},
        {"[{\"event\":\"step-started\",\"step\":\"rename\"}]", false, false, false},
        {"[{\"event\":\"move\",\"step\":\"rename\"}]", true, false, true},
        {"[{\"event\":\"move\",\"step\":\"rename\"},{\"event\":\"rollback-ended\"}]", false, false,
         false},
        {"[{\"event\":\"move\",\"step\":\"rename\"},{\"event\":\"rollback-ended\"},"
         "{\"event\":\"move\",\"step\":\"files\"}]",
         false, true, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        const struct value *entries = read(arena, cases[i].entries);
        assert_int_equal(past_has_moved(entries, "rename"), cases[i].rename);
        assert_int_equal(past_has_moved(entries, "files"), cases[i].files);
        assert_int_equal(past_has_moved(entries, NULL), cases[i].any);
        arena_destroy(arena);
    }
}

/* ---- choosing a checkpoint ---- */

struct choosing {
    struct arena *arena;
    struct environment environment;
    struct run run;
    struct checkpoint items[5];
    struct checkpoints list;
};

static struct checkpoint at(struct choosing *choosing, size_t index, const char *mode,
                            const char *snapshot, const char *run)
{
    return (struct checkpoint){.digest = steps[index].digest,
                               .mode = mode,
                               .snapshot = snapshot,
                               .run = run,
                               .circumstances =
                                   circumstances_mark(choosing->arena, &choosing->run, index)};
}

static void see_addons(struct choosing *choosing, const char *text)
{
    choosing->run.addons = read(choosing->arena, text);
}

static void choosing_begin(struct choosing *choosing)
{
    struct arena *arena = arena_create();
    *choosing = (struct choosing){
        .arena = arena, .environment = {.mode = MODE_TEST, .bindings = map_create(arena)}};
    choosing->run = (struct run){.plan = &plan, .environment = &choosing->environment};
    see_addons(choosing, "{\"18.0\": {\"shop\": \"old\"}, \"19.0\": {\"shop\": \"old\"}}");
    const struct checkpoint items[] = {at(choosing, 1, "test", "now", "first"),
                                       at(choosing, 3, "test", "then", "stale"),
                                       at(choosing, 3, "production", "now", "other"),
                                       {0},
                                       at(choosing, 1, "test", "now", "second")};
    memcpy(choosing->items, items, sizeof items);
    choosing->items[3] = items[0];
    choosing->items[3].digest = "x";
    choosing->items[3].run = "unknown";
    choosing->list = (struct checkpoints){.items = choosing->items, .count = 5};
}

/* The run that kept the one that is chosen, or "none". */
static const char *chosen(const struct choosing *choosing, const char *snapshot)
{
    const struct checkpoint *found = checkpoint_choose(&choosing->list, &choosing->run, snapshot);
    return found ? found->run : "none";
}

static void test_choice(void **state)
{
    struct choosing choosing;
    (void)state;
    choosing_begin(&choosing);
    assert_string_equal(chosen(&choosing, "now"), "second");
    assert_string_equal(chosen(&choosing, NULL), "stale");
    assert_string_equal(chosen(&choosing, "later"), "none");
    /* One without files where files are used. */
    choosing.environment.work_filestore = "/work";
    choosing.environment.source_filestore = "/source";
    assert_string_equal(chosen(&choosing, "now"), "none");
    arena_destroy(choosing.arena);
}

static void test_choice_in_other_circumstances(void **state)
{
    struct choosing choosing;
    (void)state;
    choosing_begin(&choosing);
    /* Code of a later version than the checkpoint's. */
    see_addons(&choosing, "{\"18.0\": {\"shop\": \"old\"}, \"19.0\": {\"shop\": \"new\"}}");
    assert_string_equal(chosen(&choosing, "now"), "second");
    assert_string_equal(chosen(&choosing, NULL), "second");
    see_addons(&choosing, "{\"18.0\": {\"shop\": \"new\"}, \"19.0\": {\"shop\": \"old\"}}");
    assert_string_equal(chosen(&choosing, NULL), "none");
    see_addons(&choosing, "{\"18.0\": {\"shop\": \"old\"}, \"19.0\": {\"shop\": \"old\"}}");
    map_set(choosing.environment.bindings, "mark", (void *)"one");
    assert_string_equal(chosen(&choosing, NULL), "none");
    arena_destroy(choosing.arena);
}

static void test_steps_of_a_checkpoint(void **state)
{
    struct arena *arena = arena_create();
    (void)state;
    static const bool wanted[] = {false, true, false, true, false};
    const bool *found = checkpoint_steps(arena, &plan, "19.0/last");
    for (size_t i = 0; i < plan.step_count; i++)
        assert_int_equal(found[i], wanted[i]);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_choice_in_other_circumstances),
        cmocka_unit_test(test_steps_of_a_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
