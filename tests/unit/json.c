/* JSON: what is read, what is refused, and the one way it is written. */
#include <ftw.h>
#include <locale.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"

static const struct error *read_text(struct arena *arena, const char *text, struct value **value)
{
    return json_read(arena, (struct text){.bytes = text, .length = strlen(text)}, "a.json", value);
}

static const char *write_value(struct arena *arena, const struct value *value,
                               enum json_style style)
{
    struct buffer buffer = {0};
    json_write(&buffer, value, style);
    const char *text = arena_copy(arena, buffer_string(&buffer));
    buffer_release(&buffer);
    return text;
}

static const struct {
    const char *text, *canonical;
} round_trips[] = {
    {"null", "null"},
    {"true", "true"},
    {"false", "false"},
    {"0", "0"},
    {"-0", "0"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"1.0", "1.0"},
    {"-0.0", "-0.0"},
    {"0.1", "0.1"},
    {"1.50", "1.5"},
    {"1e2", "100.0"},
    {"1E+20", "1e+20"},
    {"1e-7", "1e-07"},
    {"123456789.123456789", "123456789.12345679"},
    {"0.30000000000000004", "0.30000000000000004"},
    {"1.7976931348623157e308", "1.7976931348623157e+308"},
    {"5e-324", "4.94065645841247e-324"},
    {"9007199254740993.0", "9007199254740992.0"},
    {"\"\"", "\"\""},
    {"\"a\\u00e9\\ud83d\\ude00\"", "\"aé😀\""},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\""},
    {"\"\\u007f\\u2028\"", "\"\x7f\xE2\x80\xA8\""},
    {" [ ] ", "[]"},
    {"{ }", "{}"},
    {"[1,[2,{}],\"x\"]", "[1,[2,{}],\"x\"]"},
    {"{\"b\":1,\"a\":{\"d\":2,\"c\":3},\"B\":4}", "{\"B\":4,\"a\":{\"c\":3,\"d\":2},\"b\":1}"},
    {"{\"é\":1,\"z\":2,\"\":3,\"zz\":4}", "{\"\":3,\"z\":2,\"zz\":4,\"é\":1}"},
};

static void check_round_trips(void)
{
    for (size_t i = 0; i < sizeof round_trips / sizeof round_trips[0]; i++) {
        struct arena *arena = arena_create();
        struct value *value, *again;
        assert_null(read_text(arena, round_trips[i].text, &value));
        const char *written = write_value(arena, value, JSON_COMPACT);
        assert_string_equal(written, round_trips[i].canonical);
        assert_null(read_text(arena, written, &again));
        assert_true(value_equal(value, again));
        assert_string_equal(write_value(arena, again, JSON_COMPACT), written);
        assert_string_equal(json_digest(value).hex, digest_bytes(written, strlen(written)).hex);
        arena_destroy(arena);
    }
}

static void test_round_trips(void **state)
{
    (void)state;
    check_round_trips();
}

/* Makes the locale in the folder, so that it need not be installed; false where the data of locales
 * is not there. */
static bool make_locale(const char *folder, const char *language)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s.UTF-8", folder, language);
    char *arguments[] = {"localedef", "-f", "UTF-8", "-i", (char *)language, path, NULL};
    char *environment[] = {NULL};
    pid_t child;
    int status = -1;
    if (posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environment) != 0)
        return false;
    assert_int_equal(waitpid(child, &status, 0), child);
    return setenv("LOCPATH", folder, 1) == 0 && status == 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

/* The same bytes where the decimal point is a comma, or two bytes long. */
static void test_locales(void **state)
{
    (void)state;
    static const struct {
        const char *language, *locale, *point;
    } cases[] = {{"de_DE", "de_DE.UTF-8", ","}, {"ps_AF", "ps_AF.UTF-8", "\xD9\xAB"}};
    char folder[] = "/tmp/drehbuch-locale-XXXXXX";
    assert_non_null(mkdtemp(folder));
    size_t tried = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (!make_locale(folder, cases[i].language))
            continue;
        assert_non_null(setlocale(LC_ALL, cases[i].locale));
        assert_string_equal(localeconv()->decimal_point, cases[i].point);
        check_round_trips();
        tried++;
    }
    setlocale(LC_ALL, "C");
    assert_int_equal(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
    if (tried == 0)
        skip();
}

static void test_indented(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct value *value;
    assert_null(read_text(arena, "{\"b\":[1,{\"c\":null}],\"a\":[],\"d\":{}}", &value));
    assert_string_equal(write_value(arena, value, JSON_INDENTED), "{\n"
                                                                  "  \"a\": [],\n"
                                                                  "  \"b\": [\n"
                                                                  "    1,\n"
                                                                  "    {\n"
                                                                  "      \"c\": null\n"
                                                                  "    }\n"
                                                                  "  ],\n"
                                                                  "  \"d\": {}\n"
                                                                  "}\n");
    arena_destroy(arena);
}

static void test_unwritable(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    double zero = 0;
    assert_string_equal(write_value(arena, value_real(arena, 1 / zero), JSON_COMPACT), "null");
    assert_string_equal(write_value(arena, value_real(arena, zero / zero), JSON_COMPACT), "null");
    static const struct {
        const char *bytes, *written;
    } cases[] = {
        {"a\xFF"
         "b",
         "\"a\xEF\xBF\xBD"
         "b\""},
        {"\xC3", "\"\xEF\xBF\xBD\""},
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xC0\x80\n", "\"\xEF\xBF\xBD\xEF\xBF\xBD\\n\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(write_value(arena, value_string(arena, cases[i].bytes), JSON_COMPACT),
                            cases[i].written);
    arena_destroy(arena);
}

static void test_many_members(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct value *object = value_object(arena);
    for (int i = 999; i >= 100; i--)
        value_set(arena, object, arena_format(arena, "%d", i), value_integer(arena, i));
    const char *written = write_value(arena, object, JSON_COMPACT);
    assert_memory_equal(written, "{\"100\":100,\"101\":101,", 21);
    assert_string_equal(written + strlen(written) - 11, ",\"999\":999}");
    arena_destroy(arena);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "a.json:1:"},
        {"{\"a\":1,\"a\":2}", "duplicate object key"},
        {"{\"a\":1}\n\nx", "a.json:3:1: "},
        {"[1,]", "a.json:1:4: "},
        {"[1\n,\n}", "a.json:3:1: "},
        {"\"\\u0000\"", "\\u0000"},
        {"{\"\\u0000\":1}", "\\u0000"},
        {"\"\xFF\"", "unable to decode byte 0xff"},
        {"\"\\ud800\"", "invalid Unicode"},
        {"9223372036854775808", "too big"},
        {"1e999", "overflow"},
        {"'a'", "invalid token"},
        {"nul", "invalid token"},
        {"01", "a.json:1:"},
        {"NaN", "invalid token"},
        {"\"a\nb\"", "unexpected newline"},
        {"// x\n1", "invalid token"},
        {"\xEF\xBB\xBF"
         "1",
         "a.json:1:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct value *value;
        const struct error *error = read_text(arena, cases[i].text, &value);
        if (!error || !strstr(error->message, cases[i].message))
            fail_msg("%s: %s", cases[i].text, error ? error->message : "is taken");
        else
            assert_int_equal(error->outcome, OUTCOME_INVALID);
        arena_destroy(arena);
    }
}

static void test_bytes_behind_nul(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct value *value;
    assert_non_null(json_read(arena, (struct text){.bytes = "1\0002", .length = 3}, "a", &value));
    arena_destroy(arena);
}

static void test_depth(void **state)
{
    (void)state;
    static const struct {
        size_t depth;
        bool good;
    } cases[] = {{1, true},     {100, true},   {101, false},
                 {2000, false}, {3000, false}, {1000000, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct buffer text = {0};
        for (size_t j = 0; j < cases[i].depth; j++)
            buffer_append_character(&text, '[');
        for (size_t j = 0; j < cases[i].depth; j++)
            buffer_append_character(&text, ']');
        struct value *value;
        const struct error *error = read_text(arena, buffer_string(&text), &value);
        assert_int_equal(error == NULL, cases[i].good);
        if (error)
            assert_non_null(strstr(error->message, "more than 100 levels"));
        buffer_release(&text);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),      cmocka_unit_test(test_locales),
        cmocka_unit_test(test_indented),         cmocka_unit_test(test_unwritable),
        cmocka_unit_test(test_many_members),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bytes_behind_nul), cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
