/* The architecture of a view, as Odoo's lxml writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/view_arch.h"

/* What lxml 4.9 gives for etree.tostring(etree.fromstring(text), encoding="unicode"). */
static void test_what_is_kept(void **state)
{
    static const struct {
        const char *text, *kept;
    } cases[] = {
        {"<a></a>", "<a/>"},
        {"<?xml version=\"1.0\"?>\n<!-- c -->\n<data name='y'>\n <a b='1\"2'></a>\n</data>\n",
         "<data name=\"y\">\n <a b=\"1&quot;2\"/>\n</data>"},
        {"<data priority=\"5\" model=\"m\" type=\"form\"><a type=\"t\"/></data>",
         "<data><a type=\"t\"/></data>"},
        {"<form priority=\"5\"/>", "<form priority=\"5\"/>"},
        {"<a t=\"\xc3\xa4\xf0\x9f\x8e\xac\">\xc3\xa4 &amp; &#10;<![CDATA[<b>]]><?pi x?></a><!-- x "
         "-->",
         "<a t=\"\xc3\xa4\xf0\x9f\x8e\xac\">\xc3\xa4 &amp; \n&lt;b&gt;<?pi x?></a>"},
        {"<a xmlns:t=\"u\"><t:b/></a>", "<a xmlns:t=\"u\"><t:b/></a>"},
        {"<a>\r\n</a>", "<a>\n</a>"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct view_fault fault;
        const char *kept = view_arch_normalize(arena, cases[i].text, &fault);
        assert_non_null(kept);
        assert_string_equal(kept, cases[i].kept);
        assert_string_equal(view_arch_normalize(arena, kept, &fault), kept);
        arena_destroy(arena);
    }
}

static void test_what_is_no_xml(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
    } cases[] = {
        {"", 1},
        {"text", 1},
        {"<a>\n<b></a>", 2},
        {"<a/>\n<b/>", 2},
        {"<a>&nope;</a>", 1},
        {"<t:a/>", 1},
        {"<!DOCTYPE a [<!ENTITY e SYSTEM \"/etc/passwd\">]>\n<a>&e;</a>", 1},
        {"\n<!DOCTYPE a>\n<a/>", 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct view_fault fault;
        assert_null(view_arch_normalize(arena, cases[i].text, &fault));
        assert_non_null(fault.message);
        assert_int_equal(fault.line, cases[i].line);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_kept),
        cmocka_unit_test(test_what_is_no_xml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
