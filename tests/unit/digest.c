/* SHA-256 by the examples of FIPS 180-4, and the form of a digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"

static void test_examples(void **state)
{
    (void)state;
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(digest_bytes(cases[i].text, strlen(cases[i].text)).hex,
                            cases[i].digest);
}

static void test_form(void **state)
{
    (void)state;
    char text[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855x";
    assert_false(digest_is_valid(text));
    text[64] = '\0';
    assert_true(digest_is_valid(text));
    static const char wrong[] = "gABCDEF /";
    for (size_t i = 0; i < 64; i += 21) {
        for (const char *next = wrong; *next; next++) {
            char right = text[i];
            text[i] = *next;
            assert_false(digest_is_valid(text));
            text[i] = right;
        }
    }
    text[63] = '\0';
    assert_false(digest_is_valid(text));
    assert_false(digest_is_valid(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
