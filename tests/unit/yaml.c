/* The YAML reader: what plain scalars mean, positions, what is refused and how that is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/yaml.h"

static struct value *read_text(struct arena *arena, struct text text, struct diagnostics *list)
{
    *list = diagnostics_create(arena);
    return yaml_read(arena, source_create(arena, "test.yaml", text), list);
}

static struct value *read_string(struct arena *arena, const char *text, struct diagnostics *list)
{
    return read_text(arena, (struct text){.bytes = text, .length = strlen(text)}, list);
}

static const char *as_json(struct arena *arena, const struct value *value)
{
    struct buffer buffer = {0};
    if (value)
        json_write(&buffer, value, JSON_COMPACT);
    const char *text = arena_copy(arena, buffer_string(&buffer));
    buffer_release(&buffer);
    return text;
}

static const char *describe(struct arena *arena, struct diagnostics *list)
{
    struct buffer text = {0};
    diagnostics_sort(list);
    for (size_t i = 0; i < list->count; i++) {
        const struct diagnostic *item = &list->items[i];
        assert_non_null(item->help);
        buffer_format(&text, "%s%u:%u %s: %s", i > 0 ? "\n" : "", item->position.line,
                      item->position.column, item->name, item->message);
    }
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

static const struct {
    const char *yaml, *json;
} value_cases[] = {
    /* plain scalars by the core schema of YAML 1.2 */
    {"[null, Null, NULL, ~, ]", "[null,null,null,null]"},
    {"a:\nb: ~", "{\"a\":null,\"b\":null}"},
    {"[nULL, none, nil]", "[\"nULL\",\"none\",\"nil\"]"},
    {"[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]"},
    {"[tRUE, yes, no, Yes, NO, on, off, y, n]",
     "[\"tRUE\",\"yes\",\"no\",\"Yes\",\"NO\",\"on\",\"off\",\"y\",\"n\"]"},
    {"[0, 5, -5, +5, 007, 0o17, 0x1F, 0xff]", "[0,5,-5,5,7,15,31,255]"},
    {"[9223372036854775807, -9223372036854775808, 0x7FFFFFFFFFFFFFFF]",
     "[9223372036854775807,-9223372036854775808,9223372036854775807]"},
    {"[1_000, 0b11, 0o8, 0xg, 1:30, --1, +, -, 0x, 0o, -0x1, 12e, 1.2.3, '']",
     "[\"1_000\",\"0b11\",\"0o8\",\"0xg\",\"1:30\",\"--1\",\"+\",\"-\",\"0x\",\"0o\",\"-0x1\","
     "\"12e\",\"1.2.3\",\"\"]"},
    {"[1.5, -0.5, .5, 5., 1e3, 1E-2, +1.e+2, 18.0]", "[1.5,-0.5,0.5,5.0,1000.0,0.01,100.0,18.0]"},
    {"[., .., ..5, 1..5, .e1, e1, 0..500, 2026-11-23, 12:30]",
     "[\".\",\"..\",\"..5\",\"1..5\",\".e1\",\"e1\",\"0..500\",\"2026-11-23\",\"12:30\"]"},
    {"[.INFO, .nano, -.info, inf, nan]", "[\".INFO\",\".nano\",\"-.info\",\"inf\",\"nan\"]"},
    {"['18.0', \"true\", 'null', \"\", '5']", "[\"18.0\",\"true\",\"null\",\"\",\"5\"]"},
    /* tags of the core schema */
    {"[!!str 5, ! 5, !!int 5, !!float 5, !!null ~, !!bool true]", "[\"5\",\"5\",5,5.0,null,true]"},
    {"!!map {a: !!seq [b]}", "{\"a\":[\"b\"]}"},
    /* styles of text */
    {"a: |\n  b\n   c\n\n", "{\"a\":\"b\\n c\\n\"}"},
    {"a: >-\n  b\n  c\n", "{\"a\":\"b c\"}"},
    {"a: \"\\u00e9\\t\\x41\\U0001F600\\\n  b\"", "{\"a\":\"é\\tA😀b\"}"},
    {"a: 'it''s'", "{\"a\":\"it's\"}"},
    {"a: b\n  c\n", "{\"a\":\"b c\"}"},
    {"a: b#c # d\n", "{\"a\":\"b#c\"}"},
    {"|\n 5\n", "\"5\\n\""},
    /* lists and objects */
    {"- a\n- - b\n  - c\n- {d: e}\n", "[\"a\",[\"b\",\"c\"],{\"d\":\"e\"}]"},
    {"a:\n- b\n", "{\"a\":[\"b\"]}"},
    {"{\"a\": 1, 'b': 2, ? c : 3, d}", "{\"a\":1,\"b\":2,\"c\":3,\"d\":null}"},
    {"[a: 1]", "[{\"a\":1}]"},
    {"no: 1\non: 2\n", "{\"no\":1,\"on\":2}"},
    {"[]", "[]"},
    {"{}", "{}"},
    {"a: []\nb: {}\n", "{\"a\":[],\"b\":{}}"},
    /* the document around it */
    {"%YAML 1.2\n---\na: 1\n...\n", "{\"a\":1}"},
    {"# comment\n---\n# another\na: 1 # third\n", "{\"a\":1}"},
    {"\xEF\xBB\xBF"
     "a: ü\r\nb:\r\n- c\r\n",
     "{\"a\":\"ü\",\"b\":[\"c\"]}"},
    {"a: 1\rb: 2\r", "{\"a\":1,\"b\":2}"},
    {"{\"a\":[1,2.5,\"x\\ny\",null,true]}", "{\"a\":[1,2.5,\"x\\ny\",null,true]}"},
    /* aliases */
    {"a: &x {b: [1]}\nc: *x\nd: [*x, *x]\n",
     "{\"a\":{\"b\":[1]},\"c\":{\"b\":[1]},\"d\":[{\"b\":[1]},{\"b\":[1]}]}"},
    {"a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}"},
    {"&k a: &v b\n*v : *k\n", "{\"a\":\"b\",\"b\":\"a\"}"},
    {"'<<': 1\n", "{\"<<\":1}"},
    {"a: <<\n", "{\"a\":\"<<\"}"},
};

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof value_cases / sizeof value_cases[0]; i++) {
        struct arena *arena = arena_create();
        struct diagnostics list;
        const struct value *value = read_string(arena, value_cases[i].yaml, &list);
        if (list.count > 0)
            fail_msg("%s: %s", value_cases[i].yaml, describe(arena, &list));
        if (strcmp(as_json(arena, value), value_cases[i].json) != 0)
            fail_msg("%s: %s", value_cases[i].yaml, as_json(arena, value));
        arena_destroy(arena);
    }
}

static const struct {
    const char *yaml;
    const char *problems; /* a line for each: line:column name: message */
    const char *json;     /* what is read all the same; "" nothing */
} problem_cases[] = {
    /* syntax */
    {"a:\n\tb: 1\n", "2:1 yaml-tab: a tab cannot indent", ""},
    {"a:\n  \t- b\n", "2:3 yaml-tab: a tab cannot indent", ""},
    {"a: |\n\tb\n", "2:1 yaml-tab: a tab cannot indent", ""},
    {"a:\n  b: c\n\td\n", "3:1 yaml-tab: a tab cannot indent", ""},
    {"a: b: c\n", "1:5 yaml-syntax: a \":\" is not possible here", ""},
    {"a: 1\n b: 2\n", "2:3 yaml-syntax: a \":\" is not possible here", ""},
    {"a: \"x\nb: 2\n", "1:4 yaml-syntax: this quote is not closed", ""},
    {"a: 'x\n", "1:4 yaml-syntax: this quote is not closed", ""},
    {"a: \"x\n---\n", "1:4 yaml-syntax: this quote is not closed", ""},
    {"a: 1\nb\nc: 2\n", "2:1 yaml-syntax: there is no \":\" after this key", ""},
    {"a: [1, 2\nb: 3\n",
     "2:2 yaml-syntax: the list that begins with \"[\" on line 1 is not closed, or lacks a "
     "comma before this",
     ""},
    {"a: {x: 1\n",
     "2:1 yaml-syntax: the object that begins with \"{\" on line 1 is not closed, or lacks a "
     "comma before this",
     ""},
    {"  a: 1\nb: 2\n", "2:1 yaml-syntax: this does not belong to the document above it", ""},
    {"a: @x\n", "1:4 yaml-syntax: a value cannot begin with \"@\"", ""},
    {"é: `x`\n", "1:4 yaml-syntax: a value cannot begin with \"`\"", ""},
    {"a: %x\n", "1:4 yaml-syntax: a value cannot begin with \"%\"", ""},
    {"a: \"\\q\"\n", "1:5 yaml-syntax: this is no escape that YAML knows", ""},
    {"a: \"\\xZZ\"\n", "1:7 yaml-syntax: this escape lacks hexadecimal digits", ""},
    {"a: \"\\uD800\"\n", "1:7 yaml-syntax: this escape stands for no character", ""},
    {"a: - b\n", "1:4 yaml-syntax: a list cannot begin here", ""},
    {"a: ? b\n", "1:4 yaml-syntax: a key cannot begin here", ""},
    {"- a\nb: 1\n", "2:1 yaml-syntax: this does not fit the list that begins on line 1", ""},
    {"a: \"x\" y\n", "1:8 yaml-syntax: this does not fit the object that begins on line 1", ""},
    {"a: |x\n  b\n", "1:5 yaml-syntax: only a comment can follow here", ""},
    {"a: |0\n  b\n", "1:5 yaml-syntax: the indentation of a block cannot be 0", ""},
    {"a: &\n", "1:4 yaml-syntax: a name must follow \"&\" and \"*\"", ""},
    {"a: *\n", "1:4 yaml-syntax: a name must follow \"&\" and \"*\"", ""},
    {"a: [b,,c]\n", "1:7 yaml-syntax: a value is missing here", ""},
    {"a: ]\n", "1:4 yaml-syntax: a value is missing here", ""},
    {"a: !<x\n", "1:4 yaml-tag: this tag is not complete", ""},
    {"a: !x!y z\n", "1:4 yaml-tag: this tag is not known", ""},
    {"%YAML 3.0\n---\na\n", "1:1 yaml-syntax: this version of YAML cannot be read", ""},
    {"%FOO\n---\na\n", "1:1 yaml-syntax: this directive cannot be used", ""},
    {"%YAML 1.2\n%YAML 1.2\n---\na\n", "2:1 yaml-syntax: this directive cannot be used", ""},
    {"%TAG ! x\n%TAG ! x\n---\na\n", "2:1 yaml-syntax: this directive cannot be used", ""},
    /* encoding */
    {"a: \xFF\n",
     "1:4 yaml-encoding: this is not UTF-8: byte FF (byte 4 of the file) cannot stand here", ""},
    {"\xEF\xBB\xBF"
     "a: ü\nb: \xC3\n",
     "2:4 yaml-encoding: this is not UTF-8: byte C3 (byte 13 of the file) cannot stand here", ""},
    {"é: \x01\n", "1:4 yaml-encoding: the control character U+0001 cannot stand in YAML", ""},
    {"a: 1\nb: \x7F\n", "2:4 yaml-encoding: the control character U+007F cannot stand in YAML", ""},
    {"a: \"\\0\"\n", "1:4 yaml-encoding: a text cannot hold a NUL character", ""},
    {"\"a\\x00\": 1\n", "1:1 yaml-encoding: a text cannot hold a NUL character", ""},
    {"\xFF\xFE"
     "a",
     "1:1 yaml-encoding: this file is encoded as UTF-16 or UTF-32", ""},
    {"\xFE\xFF", "1:1 yaml-encoding: this file is encoded as UTF-16 or UTF-32", ""},
    /* keys */
    {"a: 1\nb: 2\na: 3\n", "3:1 yaml-duplicate-key: the key \"a\" stands here twice",
     "{\"a\":1,\"b\":2}"},
    {"{a: 1, \"a\": {b: [c]}, d: 2}", "1:8 yaml-duplicate-key: the key \"a\" stands here twice",
     "{\"a\":1,\"d\":2}"},
    {"18.0: a\n", "1:1 yaml-key: a key must be text, 18.0 is not", "{\"18.0\":\"a\"}"},
    {"true: a\nnull: b\n",
     "1:1 yaml-key: a key must be text, true is not\n"
     "2:1 yaml-key: a key must be text, null is not",
     "{\"null\":\"b\",\"true\":\"a\"}"},
    {"? [a, {b: c}]\n: d\ne: f\n", "1:3 yaml-key: a key must be text", "{\"e\":\"f\"}"},
    {"? {a: b}\n", "1:3 yaml-key: a key must be text", "{}"},
    {"?\n: a\nb: c\n", "1:2 yaml-key: a key must be text", "{\"b\":\"c\"}"},
    {"a: &x [b]\n*x : c\n", "2:1 yaml-key: a key must be text", "{\"a\":[\"b\"]}"},
    {"a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", "3:3 yaml-merge-key: merge keys (`<<`) cannot be used",
     "{\"a\":{\"b\":1},\"c\":{\"d\":2}}"},
    /* aliases */
    {"a: *b\n", "1:4 yaml-alias: no anchor of this name stands before", ""},
    {"a: &b [*b]\n", "1:8 yaml-alias: this alias stands inside of what it repeats", ""},
    {"a: &b {c: {d: *b}}\n", "1:15 yaml-alias: this alias stands inside of what it repeats", ""},
    /* numbers */
    {"[9223372036854775808]", "1:2 yaml-number: this number is too big", "[9223372036854775807]"},
    {"[-9223372036854775809]", "1:2 yaml-number: this number is too big", "[-9223372036854775808]"},
    {"[0xFFFFFFFFFFFFFFFF]", "1:2 yaml-number: this number is too big", "[9223372036854775807]"},
    {"[1e999]", "1:2 yaml-number: this number is too big", "[0.0]"},
    {"[.inf, -.Inf, .NaN]",
     "1:2 yaml-number: infinity and not-a-number cannot be used\n"
     "1:8 yaml-number: infinity and not-a-number cannot be used\n"
     "1:15 yaml-number: infinity and not-a-number cannot be used",
     "[\".inf\",\"-.Inf\",\".NaN\"]"},
    /* tags */
    {"[!foo x, !!binary eA==, !!set {a}, !<tag:x> y]",
     "1:2 yaml-tag: this tag is not known\n1:10 yaml-tag: this tag is not known\n"
     "1:25 yaml-tag: this tag is not known\n1:36 yaml-tag: this tag is not known",
     "[\"x\",\"eA==\",{\"a\":null},\"y\"]"},
    {"[!!int x, !!bool 1, !!null a]",
     "1:2 yaml-tag: the value is not of the kind that its tag says\n"
     "1:11 yaml-tag: the value is not of the kind that its tag says\n"
     "1:21 yaml-tag: the value is not of the kind that its tag says",
     "[\"x\",1,\"a\"]"},
    {"%TAG !e! tag:x,2000:\n---\na: 1\n", "1:1 yaml-tag: tags cannot be declared here",
     "{\"a\":1}"},
    /* documents */
    {"", "1:1 yaml-empty: this document is empty", ""},
    {"# only\n\n", "1:1 yaml-empty: this document is empty", ""},
    {"---\n...\n", "1:1 yaml-empty: this document is empty", ""},
    {"a: 1\n---\nb: 2\n", "2:1 yaml-documents: a second document begins here", "{\"a\":1}"},
    {"a: 1\n...\n---\n", "3:1 yaml-documents: a second document begins here", "{\"a\":1}"},
};

static void test_problems(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof problem_cases / sizeof problem_cases[0]; i++) {
        struct arena *arena = arena_create();
        struct diagnostics list;
        const struct value *value = read_string(arena, problem_cases[i].yaml, &list);
        if (strcmp(describe(arena, &list), problem_cases[i].problems) != 0)
            fail_msg("%s\n%s", problem_cases[i].yaml, describe(arena, &list));
        if (strcmp(as_json(arena, value), problem_cases[i].json) != 0)
            fail_msg("%s\n%s", problem_cases[i].yaml, as_json(arena, value));
        assert_true(list.error_count > 0);
        arena_destroy(arena);
    }
}

static void test_nul_bytes(void **state)
{
    (void)state;
    static const struct {
        struct text text;
        const char *problem;
    } cases[] = {
        {{"a: b\n\0", 6}, "2:1 yaml-encoding: there is a NUL byte here (byte 6 of the file)"},
        {{"\0", 1}, "1:1 yaml-encoding: there is a NUL byte here (byte 1 of the file)"},
        {{"a\0:\0", 4}, "1:1 yaml-encoding: this file is encoded as UTF-16 or UTF-32"},
        {{"\0a\0:", 4}, "1:1 yaml-encoding: this file is encoded as UTF-16 or UTF-32"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct diagnostics list;
        assert_null(read_text(arena, cases[i].text, &list));
        assert_string_equal(describe(arena, &list), cases[i].problem);
        arena_destroy(arena);
    }
}

static void check_position(const struct value *value, uint32_t line, uint32_t column)
{
    assert_non_null(value);
    assert_string_equal(value->position.source->path, "test.yaml");
    assert_int_equal(value->position.line, line);
    assert_int_equal(value->position.column, column);
}

static void test_positions(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct diagnostics list;
    const struct value *root = read_string(arena,
                                           "\xEF\xBB\xBF"
                                           "é: ü\r\n"
                                           "list:\r\n"
                                           "- {日本: x, b: [1, 2.50]}\r\n"
                                           "- |\r\n"
                                           "  text\r\n"
                                           "none:\r\n",
                                           &list);
    assert_int_equal(list.count, 0);
    check_position(root, 1, 1);
    check_position(value_get(root, "é"), 1, 4);
    const struct value *items = value_get(root, "list");
    check_position(items, 3, 1);
    const struct value *object = value_item(items, 0);
    check_position(object, 3, 3);
    check_position(value_get(object, "日本"), 3, 8);
    assert_int_equal(value_member(object, "b")->key_position.line, 3);
    assert_int_equal(value_member(object, "b")->key_position.column, 11);
    const struct value *real = value_item(value_get(object, "b"), 1);
    check_position(real, 3, 18);
    assert_string_equal(real->plain, "2.50");
    assert_false(real->quoted);
    const struct value *block = value_item(items, 1);
    check_position(block, 4, 3);
    assert_true(block->quoted);
    assert_string_equal(value_as_string(block), "text\n");
    assert_string_equal(value_get(root, "none")->plain, "");
    arena_destroy(arena);
}

static void test_aliases_share(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct diagnostics list;
    const struct value *root = read_string(arena, "a: &x {b: 1}\nc: *x\n", &list);
    assert_ptr_equal(value_get(root, "a"), value_get(root, "c"));
    assert_int_equal(value_member(root, "c")->key_position.line, 2);
    arena_destroy(arena);
}

static void repeat(struct buffer *text, const char *part, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_append_string(text, part);
}

/* Reads the buffer, empties it, and compares the first problem, "" for none. */
static void check_hostile(struct buffer *buffer, const char *problem)
{
    struct arena *arena = arena_create();
    struct diagnostics list;
    struct text text = {.bytes = buffer_string(buffer), .length = buffer->length};
    const struct value *value = read_text(arena, text, &list);
    diagnostics_sort(&list);
    if (list.count > 1)
        list.count = 1;
    assert_string_equal(describe(arena, &list), problem);
    if (problem[0] == '\0')
        assert_non_null(value);
    arena_destroy(arena);
    buffer_clear(buffer);
}

#define TOO_DEEP " yaml-depth: lists and objects are nested more than 100 levels deep"

static void test_depth(void **state)
{
    (void)state;
    struct buffer text = {0};
    repeat(&text, "[", 100);
    repeat(&text, "]", 100);
    check_hostile(&text, "");
    repeat(&text, "[", 101);
    repeat(&text, "]", 101);
    check_hostile(&text, "1:101" TOO_DEEP);
    repeat(&text, "[", 1000000);
    check_hostile(&text, "1:101" TOO_DEEP);
    repeat(&text, "{a: ", 10000);
    check_hostile(&text, "1:401" TOO_DEEP);
    repeat(&text, "- ", 10000);
    check_hostile(&text, "1:201" TOO_DEEP);
    for (size_t i = 0; i < 2000; i++) {
        repeat(&text, " ", i);
        buffer_append_string(&text, "a:\n");
    }
    check_hostile(&text, "101:101" TOO_DEEP);
    buffer_release(&text);
}

/* Each alias adds little depth to what it repeats. */
static void test_depth_by_aliases(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_append_string(&text, "- &a0 [x]\n");
    for (int i = 1; i < 10; i++) {
        buffer_format(&text, "- &a%d ", i);
        repeat(&text, "[", 12);
        buffer_format(&text, "*a%d", i - 1);
        repeat(&text, "]", 12);
        buffer_append_string(&text, "\n");
    }
    check_hostile(&text,
                  "10:19 yaml-depth: the value that this alias repeats is nested too deeply");
    buffer_release(&text);
}

static void test_alias_bomb(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_append_string(&text, "- &a0 [x, x, x, x, x, x, x, x, x]\n"); /* 10 values */
    for (int i = 1; i < 30; i++)
        buffer_format(&text, "- &a%d [*a%d, *a%d, *a%d]\n", i, i - 1, i - 1, i - 1);
    check_hostile(&text, "9:18 yaml-alias: the aliases of this document repeat too many values");
    buffer_append_string(&text, "- &a x\n");
    repeat(&text, "- *a\n", YAML_ALIAS_LIMIT);
    check_hostile(&text, "");
    buffer_append_string(&text, "- &a x\n");
    repeat(&text, "- *a\n", YAML_ALIAS_LIMIT + 1);
    check_hostile(&text,
                  "100002:3 yaml-alias: the aliases of this document repeat too many values");
    buffer_release(&text);
}

/* Much of the same: linear time and memory. */
static void test_bulk(void **state)
{
    (void)state;
    struct buffer text = {0};
    repeat(&text, " ", 8000000);
    check_hostile(&text, "1:1 yaml-empty: this document is empty");
    repeat(&text, "\n", 8000000);
    check_hostile(&text, "1:1 yaml-empty: this document is empty");
    repeat(&text, "a: 1\n", 200000);
    check_hostile(&text, "2:1 yaml-duplicate-key: the key \"a\" stands here twice");
    for (int i = 0; i < 200000; i++)
        buffer_format(&text, "k%d: 1\n", i);
    check_hostile(&text, "");
    for (int i = 0; i < 50000; i++)
        buffer_format(&text, "- &a%d x\n- *a%d\n", i, i);
    check_hostile(&text, "");
    for (int i = 0; i < 50000; i++)
        buffer_format(&text, "%%TAG !t%d! x\n", i);
    check_hostile(&text, "1:1 yaml-tag: tags cannot be declared here");
    buffer_append_string(&text, "a: ");
    repeat(&text, "9", 4000000);
    check_hostile(&text, "1:4 yaml-number: this number is too big");
    buffer_append_string(&text, "a: \"");
    repeat(&text, "x", 8000000);
    check_hostile(&text, "1:4 yaml-syntax: this quote is not closed");
    buffer_append_string(&text, "- !");
    repeat(&text, "x", 1000000);
    check_hostile(&text, "1:3 yaml-tag: this tag is not known");
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_aliases_share),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_depth_by_aliases),
        cmocka_unit_test(test_alias_bomb),
        cmocka_unit_test(test_bulk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
