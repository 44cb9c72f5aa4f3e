/* Compiled plans are believed only as they were written: whatever byte of one is changed, added or
 * taken away, it is refused, by an error that says where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "compiler/compile.h"
#include "compiler/compiled.h"

/* As small as may be: each byte of what comes out is tried several times. */
static const char plan_text[] = "version: 1\n"
                                "customer: a\n"
                                "title: b\n"
                                "upgrade: {from: \"18.0\", to: \"18.0\", with: none}\n"
                                "neutralize: false\n"
                                "reset: {assets: false}\n"
                                "bindings: {n: {type: text}}\n"
                                "modules: {m: keep}\n"
                                "fixes:\n"
                                "  \"18.0\":\n"
                                "    - {id: one, sql: \"SELECT ${n}\", only: test, timeout: 5m}\n"
                                "checks:\n"
                                "  - {id: sum, sql: SELECT 1, equals: 1}\n"
                                "acceptance:\n"
                                "  - {area: a, title: b, steps: [c]}\n";

/* What all tests start from. */
struct made {
    struct arena *arena;
    struct value *document;
    struct text text;
};

static struct text write_document(struct arena *arena, const struct value *document)
{
    struct buffer buffer = {0};
    json_write(&buffer, document, JSON_INDENTED);
    struct text text = {.bytes = arena_copy_bytes(arena, buffer_string(&buffer), buffer.length),
                        .length = buffer.length};
    buffer_release(&buffer);
    return text;
}

static int set_up(void **state)
{
    static struct made made;
    made.arena = arena_create();
    struct text text = {.bytes = plan_text, .length = sizeof plan_text - 1};
    const struct source *source = source_create(made.arena, "plan.yaml", text);
    struct diagnostics diagnostics = diagnostics_create(made.arena);
    struct compilation *compilation;
    if (compile_source(made.arena, source, &diagnostics, &compilation) || !compilation)
        return -1;
    made.document = compile_document(compilation);
    made.text = write_document(made.arena, made.document);
    *state = &made;
    return 0;
}

static int tear_down(void **state)
{
    const struct made *made = *state;
    arena_destroy(made->arena);
    return 0;
}

/* What of a message tells where to look. */
static bool names_place(const char *message)
{
    return strncmp(message, "c.json", 6) == 0 &&
           (strchr(message, '"') || strstr(message, "line ") ||
            strncmp(message, "c.json:", 7) == 0);
}

static void expect_refusal(const char *bytes, size_t length, const char *how, size_t offset)
{
    struct arena *arena = arena_create();
    /* Of exactly that size, so that a byte read too many is noticed. */
    char *exact = malloc(length ? length : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, length);
    struct text text = {.bytes = exact, .length = length};
    struct compiled_plan *plan = NULL;
    const struct error *error = compiled_parse(arena, text, "c.json", &plan);
    if (!error) {
        fail_msg("believed with a byte %s at %zu", how, offset);
        return;
    }
    if (error->outcome != OUTCOME_INVALID && error->outcome != OUTCOME_REFUSED)
        fail_msg("outcome %d with a byte %s at %zu", (int)error->outcome, how, offset);
    if (!names_place(error->message) || !error->help)
        fail_msg("a byte %s at %zu: \"%s\" names no place", how, offset, error->message);
    arena_destroy(arena);
    free(exact);
}

/* The same with the first `old` in the text written as `new`. */
static void expect_replacement_refused(const struct made *made, const char *old, const char *new)
{
    const char *place = strstr(made->text.bytes, old);
    assert_non_null(place);
    size_t offset = (size_t)(place - made->text.bytes);
    const char *text = arena_format(made->arena, "%.*s%s%s", (int)offset, made->text.bytes, new,
                                    place + strlen(old));
    expect_refusal(text, strlen(text), "written otherwise", offset);
}

/* From place to place: 1, or what tests/run says, under valgrind, where every place would take an
 * hour. */
static size_t stride(void)
{
    const char *text = getenv("TEST_STRIDE");
    long number = text ? strtol(text, NULL, 10) : 1;
    return number > 0 ? (size_t)number : 1;
}

static void test_every_byte_flipped(void **state)
{
    const struct made *made = *state;
    char *bytes = arena_copy_bytes(made->arena, made->text.bytes, made->text.length);
    for (size_t i = 0; i < made->text.length; i += stride()) {
        bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
        expect_refusal(bytes, made->text.length, "flipped", i);
        bytes[i] = made->text.bytes[i];
    }
}

static void test_every_byte_removed(void **state)
{
    const struct made *made = *state;
    size_t length = made->text.length;
    char *bytes = arena_allocate(made->arena, length);
    for (size_t i = 0; i < length; i += stride()) {
        memcpy(bytes, made->text.bytes, i);
        memcpy(bytes + i, made->text.bytes + i + 1, length - i - 1);
        expect_refusal(bytes, length - 1, "removed", i);
    }
}

/* A byte that may stand anywhere in JSON, one that may stand in texts, one that may stand nowhere.
 */
static void test_bytes_added_everywhere(void **state)
{
    static const char added[] = " 0";
    const struct made *made = *state;
    size_t length = made->text.length;
    char *bytes = arena_allocate(made->arena, length + 1);
    for (size_t i = 0; i <= length; i += stride()) {
        memcpy(bytes, made->text.bytes, i);
        bytes[i] = added[i % sizeof added];
        memcpy(bytes + i + 1, made->text.bytes + i, length - i);
        expect_refusal(bytes, length + 1, "added", i);
    }
}

static void test_cut_off_anywhere(void **state)
{
    const struct made *made = *state;
    for (size_t i = 0; i < made->text.length; i += stride())
        expect_refusal(made->text.bytes, i, "cut off", i);
}

static void test_believed_as_it_is(void **state)
{
    const struct made *made = *state;
    struct compiled_plan *plan;
    assert_null(compiled_parse(made->arena, made->text, "c.json", &plan));
    assert_int_equal(plan->step_count, value_count(value_get(made->document, "steps")));
    assert_string_equal(plan->customer, "a");
    assert_string_equal(plan->title, "b");
    assert_string_equal(plan->from, "18.0");
    assert_string_equal(plan->to, "18.0");
    assert_string_equal(plan->with, "none");
    assert_string_equal(plan->digest, value_get_string(made->document, "digest"));
    assert_string_equal(plan->checksum, value_get_string(made->document, "checksum"));
    assert_int_equal(value_count(plan->bindings), 1);
    assert_int_equal(value_count(plan->modules), 1);
    assert_int_equal(value_count(plan->acceptance), 1);
    assert_string_equal(plan->steps[0].id, "prepare/restore");
    assert_int_equal(plan->steps[0].need_count, 0);
    const struct compiled_step *fix = &plan->steps[9];
    assert_string_equal(fix->id, "18.0/fix/one");
    assert_string_equal(fix->kind, "sql");
    assert_string_equal(fix->phase, "18.0");
    assert_string_equal(fix->only, "test");
    assert_string_equal(fix->origin, "plan.yaml:11:7");
    assert_int_equal(fix->timeout, 300000);
    assert_int_equal(fix->need_count, 1);
    assert_int_equal(fix->needs[0], 8);
    const struct compiled_step *merge = &plan->steps[7];
    assert_string_equal(merge->id, "prepare/merge-filestore");
    assert_int_equal(merge->need_count, 2);
    assert_int_equal(merge->needs[0], 5);
    assert_int_equal(merge->needs[1], 6);
    assert_null(plan->steps[0].only);
    assert_string_equal(plan->steps[0].origin, "drehbuch");
}

/* Parses the document as it is now. */
static const struct error *parse_document(const struct made *made, struct compiled_plan **plan)
{
    return compiled_parse(made->arena, write_document(made->arena, made->document), "c.json", plan);
}

static void expect_error(const struct made *made, enum outcome outcome, const char *message)
{
    struct compiled_plan *plan;
    const struct error *error = parse_document(made, &plan);
    assert_non_null(error);
    assert_string_equal(error->message, message);
    assert_int_equal(error->outcome, outcome);
}

/* Gives the document the digests that it would have, had the compiler written it like this. */
static void seal(const struct made *made)
{
    struct value *document = made->document;
    struct digest digest = compiled_plan_digest(document);
    value_set(made->arena, document, "digest",
              value_string(made->arena, arena_copy(made->arena, digest.hex)));
    digest = compiled_checksum(document);
    value_set(made->arena, document, "checksum",
              value_string(made->arena, arena_copy(made->arena, digest.hex)));
}

static struct value **step_items(const struct made *made)
{
    return value_get(made->document, "steps")->as.array.items;
}

static void swap_steps(const struct made *made, size_t left, size_t right)
{
    struct value **items = step_items(made);
    struct value *kept = items[left];
    items[left] = items[right];
    items[right] = kept;
}

static void test_steps_reordered(void **state)
{
    const struct made *made = *state;
    size_t count = value_count(value_get(made->document, "steps"));
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j += stride()) {
            struct compiled_plan *plan;
            swap_steps(made, i, j);
            const struct error *error = parse_document(made, &plan);
            assert_non_null(error);
            assert_int_equal(error->outcome, OUTCOME_REFUSED);
            assert_true(names_place(error->message));
            swap_steps(made, i, j);
        }
}

/* What no digest shows, because its writer made them anew, the graph itself does. */
static void test_sealed_forgeries(void **state)
{
    const struct made *made = *state;
    struct value *first = step_items(made)[0], *needs = value_get(step_items(made)[5], "needs");

    swap_steps(made, 4, 5);
    seal(made);
    expect_error(made, OUTCOME_REFUSED,
                 "c.json: step \"prepare/copy-database\" needs \"prepare/drop\", which is not "
                 "before it");
    swap_steps(made, 4, 5);

    value_append(made->arena, needs, value_string(made->arena, "prepare/backup"));
    seal(made);
    expect_error(made, OUTCOME_REFUSED,
                 "c.json: step \"prepare/copy-database\": its needs are not in order");
    needs->as.array.count--;

    struct value *id = value_get(step_items(made)[1], "id");
    value_set(made->arena, step_items(made)[1], "id", value_get(first, "id"));
    seal(made);
    expect_error(made, OUTCOME_REFUSED, "c.json: two steps are called \"prepare/restore\"");
    value_set(made->arena, step_items(made)[1], "id", id);

    seal(made);
    struct compiled_plan *plan;
    assert_null(parse_document(made, &plan));
}

static void test_each_digest_guards_its_own(void **state)
{
    const struct made *made = *state;
    struct value *fix = step_items(made)[9];
    struct value *kept = value_get(value_get(fix, "spec"), "sql");
    struct value *other = value_string(made->arena, "SELECT 2");

    value_set(made->arena, value_get(fix, "spec"), "sql", other);
    expect_error(made, OUTCOME_REFUSED,
                 "c.json: step \"18.0/fix/one\" does not fit its digest: one of them was changed");
    value_set(made->arena, value_get(fix, "spec"), "sql", kept);

    kept = value_get(fix, "timeout");
    value_set(made->arena, fix, "timeout", value_integer(made->arena, 1));
    expect_error(
        made, OUTCOME_REFUSED,
        "c.json: the member \"digest\" does not fit the plan: it was changed, or something "
        "beside what the steps do was");
    value_set(made->arena, fix, "timeout", kept);

    kept = value_get(fix, "origin");
    value_set(made->arena, fix, "origin", value_string(made->arena, "plan.yaml:1:1"));
    expect_error(made, OUTCOME_REFUSED,
                 "c.json: the member \"checksum\" does not fit the file: it was changed, or the "
                 "origin of a step was");
    value_set(made->arena, fix, "origin", kept);
}

static void test_other_formats(void **state)
{
    const struct made *made = *state;
    struct value *kept = value_get(made->document, "format");
    value_set(made->arena, made->document, "format", value_string(made->arena, "drehbuch/2"));
    expect_error(made, OUTCOME_INVALID,
                 "c.json: the format is \"drehbuch/2\", this program reads \"drehbuch/1\"");
    value_set(made->arena, made->document, "format", value_string(made->arena, "x"));
    expect_error(made, OUTCOME_INVALID, "c.json: this is not a compiled plan");
    value_set(made->arena, made->document, "format", kept);
}

/* The same values, written in another way. */
static void test_other_forms(void **state)
{
    const struct made *made = *state;
    struct buffer compact = {0};
    json_write(&compact, made->document, JSON_COMPACT);
    expect_refusal(buffer_string(&compact), compact.length, "written compactly", 0);
    buffer_release(&compact);
    expect_replacement_refused(made, "300000", "3.0e+5");
    expect_replacement_refused(made, "300000", "300000.0");
    expect_replacement_refused(made, "\"b\"", "\"\\u0062\"");
    expect_replacement_refused(made, "\n  ", "\r\n  ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_believed_as_it_is),
        cmocka_unit_test(test_every_byte_flipped),
        cmocka_unit_test(test_every_byte_removed),
        cmocka_unit_test(test_bytes_added_everywhere),
        cmocka_unit_test(test_cut_off_anywhere),
        cmocka_unit_test(test_steps_reordered),
        cmocka_unit_test(test_sealed_forgeries),
        cmocka_unit_test(test_each_digest_guards_its_own),
        cmocka_unit_test(test_other_formats),
        cmocka_unit_test(test_other_forms),
    };
    return cmocka_run_group_tests_name("compiled", tests, set_up, tear_down);
}
