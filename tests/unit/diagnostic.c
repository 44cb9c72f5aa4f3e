/* Diagnostics: collected, limited, sorted, and written for people and programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "base/json.h"

static struct source *create(struct arena *arena, const char *path, const char *text)
{
    return source_create(arena, path, (struct text){.bytes = text, .length = strlen(text)});
}

static struct position at(const struct source *source, uint32_t line, uint32_t column)
{
    return (struct position){.source = source, .line = line, .column = column};
}

static const char *write_text(struct arena *arena, const struct diagnostics *list, bool colour)
{
    struct buffer buffer = {0};
    diagnostics_write_text(list, &buffer, colour);
    const char *text = arena_copy(arena, buffer_string(&buffer));
    buffer_release(&buffer);
    return text;
}

static void test_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line, column, length;
        const char *message, *help, *expected;
    } cases[] = {
        {"a: 1\nuninstal: x\n", 2, 1, 8, "unknown key \"uninstal\"", "did you mean \"uninstall\"?",
         "p.yaml:2:1: error: unknown key \"uninstal\" [some-name]\n"
         "     2 | uninstal: x\n"
         "       | ^^^^^^^^\n"
         "         help: did you mean \"uninstall\"?\n"},
        {"abc\n", 1, 3, 0, "m", NULL,
         "p.yaml:1:3: error: m [some-name]\n"
         "     1 | abc\n"
         "       |   ^\n"},
        {"abc\n", 1, 4, 5, "m", NULL, /* behind the end */
         "p.yaml:1:4: error: m [some-name]\n"
         "     1 | abc\n"
         "       |    ^\n"},
        {"abc\n", 0, 0, 0, "m", "h",
         "p.yaml: error: m [some-name]\n"
         "         help: h\n"},
        {"\ta\tb\n", 1, 4, 1, "m", NULL, /* tabs take one column */
         "p.yaml:1:4: error: m [some-name]\n"
         "     1 |  a b\n"
         "       |    ^\n"},
        {"日本: x\n", 1, 3, 1, "m", NULL, /* wide characters take two */
         "p.yaml:1:3: error: m [some-name]\n"
         "     1 | 日本: x\n"
         "       |     ^\n"},
        {"e\xCC\x81: x\n", 1, 4, 2, "m", NULL, /* combining ones none */
         "p.yaml:1:4: error: m [some-name]\n"
         "     1 | e\xCC\x81: x\n"
         "       |   ^^\n"},
        {"a\x1b[2J\xFF\xE2\x80\xAE: x\n", 1, 1, 1, "\x1b[31m\xE2\x80\xAE\n\t\xFF", "\a",
         "p.yaml:1:1: error: \\u001b[31m\\u202e\\n\\t\\xff [some-name]\n"
         "     1 | a?[2J??: x\n"
         "       | ^\n"
         "         help: \\u0007\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        const struct source *source = create(arena, "p.yaml", cases[i].text);
        struct diagnostics list = diagnostics_create(arena);
        struct diagnostic *item = diagnostics_add(
            &list, "some-name", at(source, cases[i].line, cases[i].column), "%s", cases[i].message);
        item->length = cases[i].length;
        item->help = cases[i].help;
        assert_string_equal(write_text(arena, &list, false), cases[i].expected);
        arena_destroy(arena);
    }
}

/* Of a long line, the part around the caret. */
static void test_long_lines(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char text[5000];
    memset(text, '.', sizeof text);
    text[3000] = 'X';
    text[sizeof text - 1] = '\0';
    const struct source *source = create(arena, "p.yaml", text);
    struct diagnostics list = diagnostics_create(arena);
    diagnostics_add(&list, "n", at(source, 1, 3001), "m")->length = 1000;
    const char *written = write_text(arena, &list, false);
    assert_true(strlen(written) < 400);
    const char *line = strstr(written, " | ") + 3;
    const char *caret = strstr(line, " | ") + 3;
    assert_int_equal(strchr(line, 'X') - line, strchr(caret, '^') - caret);
    arena_destroy(arena);
}

static void test_colour(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct diagnostics list = diagnostics_create(arena);
    const struct source *source = create(arena, "p.yaml", "a\n");
    diagnostics_warn(&list, "n", at(source, 1, 1), "m");
    assert_string_equal(write_text(arena, &list, true),
                        "\033[1mp.yaml:1:1: \033[1;33mwarning: \033[0m\033[1mm\033[0m [n]\n"
                        "\033[1;34m     1 | \033[0ma\n"
                        "\033[1;34m       | \033[0m\033[1;33m^\033[0m\n");
    arena_destroy(arena);
}

static void test_counting(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct diagnostics list = diagnostics_create(arena);
    diagnostics_warn(&list, "w", (struct position){0}, "warning");
    assert_int_equal(list.error_count, 0);
    for (uint32_t i = 1; i <= 1500; i++) {
        assert_int_equal(diagnostics_full(&list), i > DIAGNOSTIC_LIMIT);
        struct diagnostic *item =
            diagnostics_add(&list, "e", (struct position){.line = i}, "error %u", i);
        assert_non_null(item);
        item->help = "help";
        item->length = 5;
    }
    assert_int_equal(list.error_count, 1500);
    assert_int_equal(list.count, DIAGNOSTIC_LIMIT + 1);
    assert_string_equal(list.items[DIAGNOSTIC_LIMIT - 1].message, "error 999");
    assert_string_equal(list.items[DIAGNOSTIC_LIMIT].name, "too-many-errors");
    arena_destroy(arena);
}

static void test_long_messages_are_cut(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct diagnostics list = diagnostics_create(arena);
    struct buffer text = {0};
    for (size_t i = 0; i < 100000; i++)
        buffer_append_string(&text, "é");
    diagnostics_add(&list, "e", (struct position){0}, "x%s", buffer_string(&text));
    size_t length = strlen(list.items[0].message);
    assert_true(length > 900 && length < 1100);
    assert_string_equal(list.items[0].message + length - 5, "é…");
    buffer_release(&text);
    arena_destroy(arena);
}

static void test_order(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct source *b = create(arena, "b", "");
    const struct source *a = create(arena, "a", "");
    struct diagnostics list = diagnostics_create(arena);
    diagnostics_add(&list, "n", at(b, 5, 1), "b5");
    diagnostics_add(&list, "n", at(a, 9, 2), "a9.2");
    diagnostics_add(&list, "n", at(a, 9, 1), "second of a9.1");
    diagnostics_add(&list, "n", at(b, 2, 1), "b2");
    diagnostics_add(&list, "n", at(a, 9, 1), "another");
    diagnostics_add(&list, "n", at(NULL, 0, 0), "nowhere");
    diagnostics_add(&list, "n", at(a, 9, 1), "second of a9.1");  /* a repetition */
    diagnostics_warn(&list, "n", at(a, 9, 1), "second of a9.1"); /* also one */
    diagnostics_add(&list, "m", at(a, 9, 1), "second of a9.1");  /* by another name: none */
    static const char *const expected[] = {
        "b2", "b5", "second of a9.1", "another", "second of a9.1", "a9.2", "nowhere"};
    assert_int_equal(list.error_count, 8);
    for (int round = 0; round < 2; round++) {
        diagnostics_sort(&list);
        assert_int_equal(list.count, sizeof expected / sizeof expected[0]);
        for (size_t i = 0; i < list.count; i++)
            assert_string_equal(list.items[i].message, expected[i]);
        assert_int_equal(list.error_count, 7);
    }
    arena_destroy(arena);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const candidates[] = {"keep", "install", "uninstall", "rename", "base_url",
                                             "at",   "to",      "SMTP",      "only"};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"uninstal", "uninstall"},
        {"unistall", "uninstall"},
        {"instal", "install"},
        {"rneame", "rename"},
        {"Rename", "rename"},
        {"base-url", "base_url"},
        {"kep", "keep"},
        {"smtp", "SMTP"},
        {"onyl", "only"},
        {"ta", "at"},
        {"zzzz", NULL},
        {"x", NULL},
        {"", NULL},
        {"acme_sale", NULL},
        {"xy", NULL},
        {"a very long word that is longer than all the words that are compared by spelling", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *nearest =
            diagnostic_nearest(cases[i].word, candidates, sizeof candidates / sizeof candidates[0]);
        const char *expected = cases[i].nearest;
        if (!nearest != !expected || (nearest && strcmp(nearest, expected) != 0))
            fail_msg("%s: %s", cases[i].word, nearest ? nearest : "none");
    }
    assert_null(diagnostic_nearest("a", candidates, 0));
}

/* A list with everything that can be written. */
static struct diagnostics everything(struct arena *arena)
{
    struct diagnostics list = diagnostics_create(arena);
    const struct source *source = create(arena, "my plan/p\xC3\xA9.yaml", "abc\ndef\n");
    struct diagnostic *item = diagnostics_add(&list, "one", at(source, 2, 1), "first \"x\"");
    item->length = 3;
    item->help = "do it";
    diagnostics_warn(&list, "two", at(source, 0, 0), "second");
    diagnostics_add(&list, "one", at(NULL, 0, 0), "third");
    return list;
}

static struct value *read_json(struct arena *arena, const struct buffer *buffer)
{
    struct value *value;
    struct text text = {.bytes = buffer->bytes, .length = buffer->length};
    assert_null(json_read(arena, text, "output", &value));
    return value;
}

static void test_json(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct diagnostics list = everything(arena);
    struct buffer buffer = {0};
    diagnostics_write_json(&list, &buffer);
    struct value *document = read_json(arena, &buffer);
    buffer_clear(&buffer);
    json_write(&buffer, document, JSON_COMPACT);
    assert_string_equal(
        buffer_string(&buffer),
        "{\"diagnostics\":["
        "{\"column\":1,\"help\":\"do it\",\"length\":3,\"line\":2,\"message\":\"first \\\"x\\\"\","
        "\"name\":\"one\",\"path\":\"my plan/pé.yaml\",\"severity\":\"error\"},"
        "{\"message\":\"second\",\"name\":\"two\",\"path\":\"my plan/pé.yaml\","
        "\"severity\":\"warning\"},"
        "{\"message\":\"third\",\"name\":\"one\",\"severity\":\"error\"}]}");
    buffer_release(&buffer);
    arena_destroy(arena);
}

static void test_sarif(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct diagnostics list = everything(arena);
    struct buffer buffer = {0};
    diagnostics_write_sarif(&list, &buffer);
    struct value *document = read_json(arena, &buffer);
    assert_string_equal(value_get_string(document, "version"), "2.1.0");
    struct value *run = value_item(value_get(document, "runs"), 0);
    struct value *driver = value_get(value_get(run, "tool"), "driver");
    assert_string_equal(value_get_string(driver, "name"), "drehbuch");
    assert_int_equal(value_count(value_get(driver, "rules")), 2);
    struct value *results = value_get(run, "results");
    buffer_clear(&buffer);
    json_write(&buffer, results, JSON_COMPACT);
    assert_string_equal(
        buffer_string(&buffer),
        "[{\"level\":\"error\",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":"
        "{\"uri\":\"my%20plan/p%C3%A9.yaml\"},\"region\":{\"endColumn\":4,\"startColumn\":1,"
        "\"startLine\":2}}}],\"message\":{\"text\":\"first \\\"x\\\"; help: do it\"},"
        "\"ruleId\":\"one\"},"
        "{\"level\":\"warning\",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":"
        "{\"uri\":\"my%20plan/p%C3%A9.yaml\"}}}],\"message\":{\"text\":\"second\"},"
        "\"ruleId\":\"two\"},"
        "{\"level\":\"error\",\"message\":{\"text\":\"third\"},\"ruleId\":\"one\"}]");
    buffer_release(&buffer);
    arena_destroy(arena);
}

static void test_span(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct source *source = create(arena, "p", "é: 18.0\nb: \"x\\ty\"\nc: 'xy'\nd: xyz\n");
    const struct {
        struct value value;
        uint32_t span;
    } cases[] = {
        {{.kind = VALUE_REAL, .plain = "18.0", .position = at(source, 1, 4)}, 4},
        {{.kind = VALUE_STRING,
          .quoted = true,
          .as.string = {"x\ty", 3},
          .position = at(source, 2, 4)},
         1},
        {{.kind = VALUE_STRING,
          .quoted = true,
          .as.string = {"xy", 2},
          .position = at(source, 3, 4)},
         4},
        {{.kind = VALUE_STRING, .as.string = {"xyz", 3}, .position = at(source, 4, 4)}, 3},
        {{.kind = VALUE_STRING, .as.string = {"xyz more", 8}, .position = at(source, 4, 4)}, 1},
        {{.kind = VALUE_OBJECT, .position = at(source, 1, 1)}, 1},
        {{.kind = VALUE_STRING, .as.string = {"x", 1}}, 1},
        {{.kind = VALUE_STRING, .as.string = {"x", 1}, .position = at(source, 99, 99)}, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(diagnostic_span(&cases[i].value), cases[i].span);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_counting),
        cmocka_unit_test(test_long_messages_are_cut),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_sarif),
        cmocka_unit_test(test_span),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
