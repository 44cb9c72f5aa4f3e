/* The reader of Python literals: what it takes is what ast.literal_eval takes, and how it says what
 * is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "runtime/odoo/python_literal.h"
#include "runtime/odoo/python_text.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        .bytes = (literal), .length = sizeof(literal) - 1                                          \
    }

static const char *as_json(struct arena *arena, const struct value *value)
{
    struct buffer buffer = {0};
    json_write(&buffer, value, JSON_COMPACT);
    const char *text = arena_copy(arena, buffer_string(&buffer));
    buffer_release(&buffer);
    return text;
}

static const struct {
    struct text python;
    const char *json;
} value_cases[] = {
    /* texts */
    {TEXT("'a'"), "\"a\""},
    {TEXT("\"it's\""), "\"it's\""},
    {TEXT("'''a\n'b' \"\"c'''"), "\"a\\n'b' \\\"\\\"c\""},
    {TEXT("\"\"\"a\\\"\"\"\"\"\""), "\"a\\\"\""},
    {TEXT("''''''"), "\"\""},
    {TEXT("''"), "\"\""},
    {TEXT("'a' \"b\" '''c'''"), "\"abc\""},
    {TEXT("'a''b'"), "\"ab\""},
    {TEXT("('a' # first\n 'b'\n)"), "\"ab\""},
    {TEXT("'a' \\\n 'b'"), "\"ab\""},
    {TEXT("[u'a', U\"b\", b'c', B'd', br'\\x', Rb'\\e', r'\\n', R'\\'']"),
     "[\"a\",\"b\",\"c\",\"d\",\"\\\\x\",\"\\\\e\",\"\\\\n\",\"\\\\'\"]"},
    {TEXT("'\\\\\\'\\\"\\a\\b\\f\\n\\r\\t\\v'"), "\"\\\\'\\\"\\u0007\\b\\f\\n\\r\\t\\u000b\""},
    {TEXT("'\\x41\\101\\1012\\7z\\u00e9\\U0001F600\\777'"),
     "\"AAA2\\u0007z\xC3\xA9\xF0\x9F\x98\x80\xC7\xBF\""},
    {TEXT("'a\\\nb'"), "\"ab\""},
    {TEXT("'\\d\\q\\\xC3\xA9'"), "\"\\\\d\\\\q\\\\\xC3\xA9\""},
    {TEXT("b'\\u0041\\N{x}\\501'"), "\"\\\\u0041\\\\N{x}A\""},
    {TEXT("'# no comment'"), "\"# no comment\""},
    {TEXT("'''a\r\nb\rc'''"), "\"a\\nb\\nc\""},
    /* numbers */
    {TEXT("[0, 00, 7, 1_000, 0x_fF, 0o17, 0b1_01, 0XF, 9223372036854775807]"),
     "[0,0,7,1000,255,15,5,15,9223372036854775807]"},
    {TEXT("[-1, + 2, -(3), -((4)), -9223372036854775808, -0x10]"),
     "[-1,2,-3,-4,-9223372036854775808,-16]"},
    {TEXT("[1., .5, 1.5e3, 1E-2, 1e+2, 1_0.0_1e1_0, 09.5, 0e0, -2.5]"),
     "[1.0,0.5,1500.0,0.01,100.0,100100000000.0,9.5,0.0,-2.5]"},
    /* words */
    {TEXT("[True, False, None, set(), set ( )]"), "[true,false,null,[],[]]"},
    /* lists, tuples, sets, dictionaries */
    {TEXT("[]"), "[]"},
    {TEXT("[1, [2, (3,), ()], (4), (5, 6),]"), "[1,[2,[3],[]],4,[5,6]]"},
    {TEXT("1, 'a',"), "[1,\"a\"]"},
    {TEXT("{2, 1, 2, (1, 2), (1, 2), '1'}"), "[2,1,[1,2],\"1\"]"},
    {TEXT("{}"), "{}"},
    {TEXT("{'a': 1, \"b\": {'c': []},}"), "{\"a\":1,\"b\":{\"c\":[]}}"},
    {TEXT("{'a' 'b': 1, ('c'): 2, 'ab': 3}"), "{\"ab\":3,\"c\":2}"},
    {TEXT("{1: 2, -1.5: 3, None: 4, True: 5}"), "{\"-1.5\":3,\"1\":2,\"null\":4,\"true\":5}"},
    /* the file around it */
    {TEXT("# a\n\n  # b\n{ # c\n 'd' # e\n : # f\n 1 # g\n , # h\n} # i\n\n# j"), "{\"d\":1}"},
    {TEXT("  {}"), "{}"},
    {TEXT("\t\f{}\n  # end"), "{}"},
    {TEXT("# a\r\n{\r\n'b': 1}\r\n"), "{\"b\":1}"},
    {TEXT("\\\n{}"), "{}"},
    {TEXT("# a\n\\\n{}\\\n\n"), "{}"},
    {TEXT("{}\n \n\t\n"), "{}"},
    {TEXT("[\\\n1]"), "[1]"},
    /* encodings: what is UTF-8 is read as that, whatever it is said to be */
    {TEXT("\xEF\xBB\xBF{'a': '\xC3\xA9'}"), "{\"a\":\"\xC3\xA9\"}"},
    {TEXT("# coding: latin-1\n'\xC3\xA9'"), "\"\xC3\xA9\""},
    {TEXT("# coding: klingon\n'\xC3\xA9'"), "\"\xC3\xA9\""},
    {TEXT("# -*- coding: latin-1 -*-\n'\xE9'"), "\"\xC3\xA9\""},
    {TEXT("#!/usr/bin/python\n# vim: set fileencoding=ISO_8859-1 :\n'\xE9'"), "\"\xC3\xA9\""},
    {TEXT("\r\n#coding=iso-8859-15\r\n'\xA4'"), "\"\xE2\x82\xAC\""},
    {TEXT("# coding: cp1252\n'\x80 \x96 \xE9'"), "\"\xE2\x82\xAC \xE2\x80\x93 \xC3\xA9\""},
};

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof value_cases / sizeof value_cases[0]; i++) {
        struct arena *arena = arena_create();
        struct value *value = NULL;
        const struct error *error =
            python_literal_read(arena, value_cases[i].python, "test.py", &value);
        if (error)
            fail_msg("%s: %s", value_cases[i].python.bytes, error->message);
        if (strcmp(as_json(arena, value), value_cases[i].json) != 0)
            fail_msg("%s: %s", value_cases[i].python.bytes, as_json(arena, value));
        arena_destroy(arena);
    }
}

static const struct {
    struct text python;
    const char *message;
} error_cases[] = {
    /* nothing is computed */
    {TEXT("['a' + 'b']"), "test.py:1:6: here a comma or \"]\" should stand, not \"+\""},
    {TEXT("'a' + 'b'"),
     "test.py:1:5: behind the literal nothing more may stand, but here is \"+\""},
    {TEXT("{'a': b}"), "test.py:1:7: \"b\" is no literal"},
    {TEXT("{'a': _('b')}"), "test.py:1:7: \"_\" is no literal"},
    {TEXT("[set([1])]"), "test.py:1:2: \"set\" is no literal"},
    {TEXT("[x for x in y]"), "test.py:1:2: \"x\" is no literal"},
    {TEXT("[not True]"), "test.py:1:2: \"not\" is no literal"},
    {TEXT("[1 if 2 else 3]"), "test.py:1:4: here a comma or \"]\" should stand, not \"if\""},
    {TEXT("['a'.upper()]"), "test.py:1:5: here a comma or \"]\" should stand, not \".\""},
    {TEXT("['a' % 1]"), "test.py:1:6: here a comma or \"]\" should stand, not \"%\""},
    {TEXT("{**{}}"), "test.py:1:2: here a value should stand, not \"*\""},
    {TEXT("[*[1]]"), "test.py:1:2: here a value should stand, not \"*\""},
    {TEXT("f'a'"), "test.py:1:1: a text that is computed (f'…') is no literal"},
    {TEXT("[rf'{a}']"), "test.py:1:2: a text that is computed (f'…') is no literal"},
    {TEXT("import os\n{}"), "test.py:1:1: \"import\" is no literal"},
    {TEXT("'''About.'''\n{}"),
     "test.py:2:1: behind the literal nothing more may stand, but here is \"{\""},
    {TEXT("{}\n{}"), "test.py:2:1: behind the literal nothing more may stand, but here is \"{\""},
    {TEXT("{};"), "test.py:1:3: behind the literal nothing more may stand, but here is \";\""},
    {TEXT("[...]"), "test.py:1:2: here a value should stand, not \".\""},
    /* numbers */
    {TEXT("[012]"), "test.py:1:2: Python refuses whole numbers with zeros in front"},
    {TEXT("[1__0]"), "test.py:1:2: this is no number that Python knows"},
    {TEXT("[1_]"), "test.py:1:2: this is no number that Python knows"},
    {TEXT("[0x]"), "test.py:1:2: this is no number that Python knows"},
    {TEXT("[0o8]"), "test.py:1:2: this is no number that Python knows"},
    {TEXT("[1e]"), "test.py:1:2: this is no number that Python knows"},
    {TEXT("[1.5.2]"), "test.py:1:2: this is no number that Python knows"},
    {TEXT("[19.0.1.0.0]"), "test.py:1:2: this is no number that Python knows"},
    {TEXT("[1a]"), "test.py:1:2: this is no number that Python knows"},
    {TEXT("[2j]"), "test.py:1:2: complex numbers have no place in a manifest"},
    {TEXT("[--1]"), "test.py:1:2: behind a sign only a number may stand"},
    {TEXT("[-True]"), "test.py:1:2: behind a sign only a number may stand"},
    {TEXT("[-(1]"), "test.py:1:5: here \")\" should stand"},
    {TEXT("[9223372036854775808]"), "test.py:1:2: this whole number does not fit into 64 bits"},
    {TEXT("[1e999]"), "test.py:1:2: this number is too large"},
    /* texts */
    {TEXT("['a]"), "test.py:1:2: this text does not end"},
    {TEXT("['a\n']"), "test.py:1:2: this text does not end on its line"},
    {TEXT("'''a''"), "test.py:1:1: this text does not end"},
    {TEXT("'a\\"), "test.py:1:1: this text does not end"},
    {TEXT("'\\x4'"), "test.py:1:2: \\x needs 2 hexadecimal digits"},
    {TEXT("'\\u12'"), "test.py:1:2: \\u needs 4 hexadecimal digits"},
    {TEXT("'\\U00110000'"), "test.py:1:2: this is no character of Unicode"},
    {TEXT("'\\ud800'"), "test.py:1:2: this is no character of Unicode"},
    {TEXT("'\\0'"), "test.py:1:2: a text with NUL cannot be used"},
    {TEXT("'\\N{EN DASH}'"),
     "test.py:1:2: a character given by its name (\\N{…}) is not known here"},
    {TEXT("b'\xC3\xA9'"), "test.py:1:3: bytes can hold ASCII only"},
    {TEXT("b'\\xe9'"), "test.py:1:3: bytes that are not ASCII cannot be used"},
    {TEXT("['a' b'b']"), "test.py:1:6: texts and bytes cannot stand side by side"},
    {TEXT("ur'a'"), "test.py:1:1: \"ur\" is no literal"},
    /* brackets */
    {TEXT("{'a': 1"), "test.py:1:8: here a comma or \"}\" should stand, not the end of the file"},
    {TEXT("{'a': 1\n'b': 2}"), "test.py:2:1: here a comma or \"}\" should stand, not \"'\""},
    {TEXT("{'a'\n1}"), "test.py:2:1: here a comma or \"}\" should stand, not \"1\""},
    {TEXT("{'a': 1, 'b'}"), "test.py:1:13: here \":\" should stand, not \"}\""},
    {TEXT("{'a', 'b': 1}"), "test.py:1:10: here a comma or \"}\" should stand, not \":\""},
    {TEXT("{'a':}"), "test.py:1:6: here a value should stand, not \"}\""},
    {TEXT("[1)"), "test.py:1:3: here a comma or \"]\" should stand, not \")\""},
    {TEXT("[,]"), "test.py:1:2: here a value should stand, not \",\""},
    {TEXT("(,)"), "test.py:1:2: here a value should stand, not \",\""},
    {TEXT("[1,,2]"), "test.py:1:4: here a value should stand, not \",\""},
    {TEXT("[1 2]"), "test.py:1:4: here a comma or \"]\" should stand, not \"2\""},
    {TEXT("{{1}}"), "test.py:1:2: a set can hold no lists, sets or dictionaries"},
    {TEXT("{1, ([],)}"), "test.py:1:5: a set can hold no lists, sets or dictionaries"},
    {TEXT("{[]: 1}"), "test.py:1:2: a list cannot be a key here"},
    {TEXT("{{}: 1}"), "test.py:1:2: a dictionary cannot be a key here"},
    {TEXT("{(1, 2): 1}"), "test.py:1:2: a tuple cannot be a key here"},
    /* the file around it */
    {TEXT(""), "test.py:1:1: here a value should stand, not the end of the file"},
    {TEXT("# only\n"), "test.py:2:1: here a value should stand, not the end of the file"},
    {TEXT("# a\n  {}"), "test.py:2:3: Python refuses a literal that is indented"},
    {TEXT("{}\n  "), "test.py:2:1: Python refuses a last line that holds nothing but blanks"},
    {TEXT("{}\\\n"), "test.py:1:3: behind the literal nothing more may stand, but here is \"\\\""},
    {TEXT("[\x01]"), "test.py:1:2: here a value should stand, not the control character 01"},
    {TEXT("\xC2\xA0{}"), "test.py:1:1: \"\xC2\xA0\" is no literal"},
    {TEXT("'\xC3\xA9' x"),
     "test.py:1:5: behind the literal nothing more may stand, but here is \"x\""},
    /* encodings */
    {TEXT("{\n'\xE9'}"), "test.py:2: byte E9 (byte 4 of the file) is not UTF-8, and the file "
                         "declares no other encoding"},
    {TEXT("{}\n\n# coding: latin-1\n# \xE9"),
     "test.py:4: byte E9 (byte 25 of the file) is not UTF-8, and the file declares no other "
     "encoding"},
    {TEXT("{} # a\n# coding: latin-1\n# \xE9"),
     "test.py:3: byte E9 (byte 28 of the file) is not UTF-8, and the file declares no other "
     "encoding"},
    {TEXT("# coding: utf-8\n'\xE9'"),
     "test.py:2: byte E9 (byte 18 of the file) is not UTF-8, which the file is said to be"},
    {TEXT("# coding: ascii\n'\xE9'"),
     "test.py:2: byte E9 (byte 18 of the file) is not ASCII, which the file is said to be"},
    {TEXT("# coding: cp1252\n'\x81'"), "test.py:2: byte 81 (byte 19 of the file) is not cp1252"},
    {TEXT("# coding: koi8-r\n'\xE9'"),
     "test.py: the file declares an encoding that is not known here: koi8-r"},
    {TEXT("\xFF\xFE{\0}\0"), "test.py: the file is UTF-16"},
    {TEXT("{'a': '\0'}"), "test.py:1: byte 00 (byte 8 of the file) is not text"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_cases / sizeof error_cases[0]; i++) {
        struct arena *arena = arena_create();
        struct value *value = NULL;
        const struct error *error =
            python_literal_read(arena, error_cases[i].python, "test.py", &value);
        const char *message = error ? error->message : as_json(arena, value);
        if (strcmp(message, error_cases[i].message) != 0)
            fail_msg("%s: %s", error_cases[i].python.bytes, message);
        assert_true(error && error->outcome == OUTCOME_INVALID && error->help);
        arena_destroy(arena);
    }
}

/* `count` opening brackets and as many closing ones. */
static const struct error *read_nested(struct arena *arena, size_t count, const char *brackets)
{
    char *text = arena_allocate(arena, 2 * count + 1);
    memset(text, brackets[0], count);
    memset(text + count, brackets[1], count);
    struct value *value;
    return python_literal_read(arena, (struct text){.bytes = text, .length = 2 * count}, "test.py",
                               &value);
}

static void test_limits(void **state)
{
    (void)state;
    static const char *const brackets[] = {"[]", "()"};
    for (size_t i = 0; i < 2; i++) {
        struct arena *arena = arena_create();
        assert_null(read_nested(arena, PYTHON_LITERAL_DEPTH_LIMIT, brackets[i]));
        const struct error *error = read_nested(arena, 100000, brackets[i]);
        assert_string_equal(error->message,
                            "test.py:1:101: brackets are nested more than 100 levels deep");
        error = read_nested(arena, PYTHON_LITERAL_SIZE_LIMIT, brackets[i]);
        assert_string_equal(error->message, "test.py: the file has 8388608 bytes, more than the "
                                            "4194304 that are read");
        arena_destroy(arena);
    }
}

static void test_positions(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct text text = TEXT("# \xC3\xA9\n{'\xC3\xA9': [\n  (1),\n 2]}");
    struct value *value = NULL;
    assert_null(python_literal_read(arena, text, "test.py", &value));
    const struct value *list = value_get(value, "\xC3\xA9");
    assert_int_equal(value->position.line, 2);
    assert_int_equal(value->position.column, 1);
    assert_int_equal(list->position.line, 2);
    assert_int_equal(list->position.column, 7);
    assert_int_equal(value_item(list, 0)->position.line, 3);
    assert_int_equal(value_item(list, 1)->position.column, 2);
    arena_destroy(arena);
}

static void test_encoding(void **state)
{
    (void)state;
    static const struct {
        struct text bytes;
        const char *encoding;
    } cases[] = {
        {TEXT("# coding: latin-1\n'\xC3\xA9'"), NULL},
        {TEXT("{}"), NULL},
        {TEXT("# coding: latin-1\n'\xE9'"), "latin-1"},
        {TEXT("# coding: windows-1252\n'\xE9'"), "cp1252"},
        {TEXT("\xEF\xBB\xBF{}"), "UTF-8 with a byte order mark"},
    };
    struct arena *arena = arena_create();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text;
        const char *encoding;
        assert_null(python_text_read(arena, cases[i].bytes, "test.py", &text, &encoding));
        if (cases[i].encoding)
            assert_string_equal(encoding, cases[i].encoding);
        else
            assert_null(encoding);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),   cmocka_unit_test(test_errors),
        cmocka_unit_test(test_limits),   cmocka_unit_test(test_positions),
        cmocka_unit_test(test_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
