/* The schema validator: what is valid, what it says where something is not, and which schemas it
 * refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "tests/unit/schema_cases.h"

/* JSON written with ' for ", but for \' which is an escaped ". */
static struct value *read_quoted(struct arena *arena, const char *text)
{
    char *json = arena_copy(arena, text);
    for (char *next = json; *next; next++)
        if (*next == '\'')
            *next = '"';
    struct value *value;
    const struct error *error =
        json_read(arena, (struct text){.bytes = json, .length = strlen(json)}, "case", &value);
    if (error)
        fail_msg("%s: %s", text, error->message);
    return value;
}

static struct schema *read_schema(struct arena *arena, const char *text)
{
    struct schema *schema;
    const struct error *error = schema_create(arena, read_quoted(arena, text), &schema);
    if (error)
        fail_msg("%s: %s", text, error->message);
    return schema;
}

static void check_values(struct arena *arena, const struct schema_case *test, const char *values,
                         bool valid)
{
    const struct schema *schema = read_schema(arena, test->schema);
    const struct value *list = read_quoted(arena, values);
    for (size_t i = 0; i < value_count(list); i++) {
        struct diagnostics diagnostics = diagnostics_create(arena);
        bool accepted = schema_accepts(schema, value_item(list, i));
        bool checked = schema_check(schema, value_item(list, i), &diagnostics);
        if (accepted != valid)
            fail_msg("%s (%s): value %zu of %s is taken for %s", test->about, test->schema, i,
                     values, valid ? "invalid" : "valid");
        if (checked != accepted || (diagnostics.error_count == 0) != valid)
            fail_msg("%s (%s): value %zu of %s: %zu errors reported", test->about, test->schema, i,
                     values, diagnostics.error_count);
    }
}

static void test_validity(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof schema_cases / sizeof schema_cases[0]; i++) {
        struct arena *arena = arena_create();
        check_values(arena, &schema_cases[i], schema_cases[i].valid, true);
        check_values(arena, &schema_cases[i], schema_cases[i].invalid, false);
        arena_destroy(arena);
    }
}

struct message_case {
    const char *schema;
    const char *document;
    const char *expected; /* a line for each: line:column+length name: message (help) */
};

#define DECISIONS                                                                                  \
    "{'anyOf':[{'title':'a decision','enum':['keep','install','uninstall']},"                      \
    "{'title':'an object','type':'object','required':['action'],'oneOf':["                         \
    "{'properties':{'action':{'const':'rename'}},'required':['action','to']},"                     \
    "{'properties':{'action':{'const':'merge'}},'required':['action','into']}]}]}"

#define FIX                                                                                        \
    "{'type':'object','required':['id'],'additionalProperties':false,"                             \
    "'properties':{'id':{'type':'string'},'sql':{'type':'string'},'file':{'type':'string'}},"      \
    "'oneOf':[{'required':['sql']},{'required':['file']}]}"

static const struct message_case message_cases[] = {
    {"{'type':'string'}", "18.0\n",
     "1:1+4 wrong-type: the document must be text, this is a number (put it in quotes: \"18.0\")"},
    {"{'properties':{'from':{'type':'string'}}}", "from: 018\n",
     "1:7+3 wrong-type: \"from\" must be text, this is a number (put it in quotes: \"018\")"},
    {"{'properties':{'from':{'type':'string'}}}", "from: true\n",
     "1:7+4 wrong-type: \"from\" must be text, this is true (put it in quotes: \"true\")"},
    {"{'properties':{'from':{'type':'string'}}}", "from:\n",
     "1:6+1 wrong-type: \"from\" must be text, there is nothing"},
    {"{'properties':{'a':{'type':'boolean'}}}", "a: no\n",
     "1:4+2 wrong-type: \"a\" must be true or false, this is text (write false)"},
    {"{'properties':{'a':{'type':'boolean'}}}", "a: On\n",
     "1:4+2 wrong-type: \"a\" must be true or false, this is text (write true)"},
    {"{'properties':{'a':{'type':'boolean'}}}", "a: \"true\"\n",
     "1:4+6 wrong-type: \"a\" must be true or false, this is text (write true, without quotes)"},
    {"{'properties':{'a':{'type':'integer'}}}", "a: '5'\n",
     "1:4+3 wrong-type: \"a\" must be a whole number, this is text (remove the quotes: 5)"},
    {"{'properties':{'a':{'type':'integer'}}}", "a: 1.5\n",
     "1:4+3 wrong-type: \"a\" must be a whole number, this has a fraction"},
    {"{'properties':{'a':{'type':'array'}}}", "a: x\n",
     "1:4+1 wrong-type: \"a\" must be a list, this is text (put it in brackets: [\"x\"])"},
    {"{'properties':{'a':{'type':'object'}}}", "a: [x]\n",
     "1:4+1 wrong-type: \"a\" must be an object, this is a list "
     "(write `key: value` lines, indented below it)"},
    {"{'properties':{'a':{'items':{'type':['string','null']}}}}", "a: [x, 2]\n",
     "1:8+1 wrong-type: item 2 of \"a\" must be text or null, this is a number "
     "(put it in quotes: \"2\")"},
    {"{'items':{'items':{'type':'string'}}}", "- [1]\n",
     "1:4+1 wrong-type: item 1 must be text, this is a number (put it in quotes: \"1\")"},
    {"{'additionalProperties':false,'properties':{'uninstall':{},'install':{}}}", "uninstal: 1\n",
     "1:1+8 unknown-key: unknown key \"uninstal\" (did you mean \"uninstall\"?)"},
    {"{'additionalProperties':false,'properties':{'one':{},'two':{},'three':{}}}", "zzzz: 1\n",
     "1:1+4 unknown-key: unknown key \"zzzz\" (possible are \"one\", \"two\" and \"three\")"},
    {"{'additionalProperties':false}", "ä: 1\n",
     "1:1+1 unknown-key: unknown key \"ä\" (remove it)"},
    {"{'required':['a','b']}", "c: 1\n",
     "1:1+1 missing-key: missing key \"a\" in the document (add `a: ...`)\n"
     "1:1+1 missing-key: missing key \"b\" in the document (add `b: ...`)"},
    {"{'properties':{'upgrade':{'required':['from']}}}", "upgrade: {to: x}\n",
     "1:10+1 missing-key: missing key \"from\" in \"upgrade\" (add `from: ...`)"},
    {"{'dependentRequired':{'a':['b']}}", "a: 1\n",
     "1:1+1 missing-key: missing key \"b\" in the document, which \"a\" asks for (add `b: ...`, or "
     "remove `a`)"},
    {"{'dependentRequired':{'a':['b','c'],'c':['a','b']}}", "a: 1\nc: 2\n",
     "1:1+1 missing-key: missing key \"b\" in the document, which \"a\" asks for (add `b: ...`, or "
     "remove `a`)"},
    {"{'dependentRequired':{'c':['b'],'a':['b']}}", "a: 1\n",
     "1:1+1 missing-key: missing key \"b\" in the document, which \"a\" asks for (add `b: ...`, or "
     "remove `a`)"},
    {"{'properties':{'a':{'enum':['openupgrade','none']}}}", "a: openupgrad\n",
     "1:4+10 not-allowed: \"a\" must be \"openupgrade\" or \"none\" "
     "(did you mean \"openupgrade\"?)"},
    {"{'properties':{'a':{'enum':['18.0','19.0']}}}", "a: 18.0\n",
     "1:4+4 not-allowed: \"a\" must be \"18.0\" or \"19.0\" (put it in quotes: \"18.0\")"},
    {"{'properties':{'a':{'const':1}}}", "a: 2\n", "1:4+1 not-allowed: \"a\" must be 1"},
    {"{'properties':{'a':false}}", "a: 2\n",
     "1:4+1 not-allowed: \"a\" is not possible here (remove it)"},
    {"{'properties':{'a':{'not':{'type':'string'}}}}", "a: b\n",
     "1:4+1 not-allowed: \"a\" is not possible here (remove it)"},
    {"{'properties':{'a':{'pattern':'^[a-z]+$'}}}", "a: 'X y'\n",
     "1:4+5 bad-form: \"a\" does not have the form that is asked for (it must match ^[a-z]+$)"},
    {"{'properties':{'a':{'pattern':'^[a-z]+$','x-help':'use lower-case letters'}}}", "a: X\n",
     "1:4+1 bad-form: \"a\" does not have the form that is asked for (use lower-case letters)"},
    {"{'properties':{'a':{'minLength':1}}}", "a: ''\n", "1:4+1 bad-form: \"a\" must not be empty"},
    {"{'properties':{'a':{'minLength':3}}}", "a: xy\n",
     "1:4+2 bad-form: \"a\" must have at least 3 characters"},
    {"{'properties':{'a':{'maxLength':1}}}", "a: xy\n",
     "1:4+2 bad-form: \"a\" must have at most 1 character"},
    {"{'properties':{'a':{'format':'date'}}}", "a: 2026-13-01\n",
     "1:4+10 bad-form: \"a\" is not a date (write it like 2026-11-23)"},
    {"{'properties':{'a':{'minimum':1}}}", "a: 0\n",
     "1:4+1 out-of-range: \"a\" must be at least 1"},
    {"{'properties':{'a':{'maximum':1.5}}}", "a: 2\n",
     "1:4+1 out-of-range: \"a\" must be at most 1.5"},
    {"{'properties':{'a':{'exclusiveMinimum':0,'multipleOf':2}}}", "a: -1\n",
     "1:4+2 out-of-range: \"a\" must be more than 0\n"
     "1:4+2 out-of-range: \"a\" must be a multiple of 2"},
    {"{'properties':{'a':{'minItems':1}}}", "a: []\n", "1:4+1 too-few: \"a\" must not be empty"},
    {"{'properties':{'a':{'minProperties':2}}}", "a: {b: 1}\n",
     "1:4+1 too-few: \"a\" must have at least 2 keys"},
    {"{'properties':{'a':{'maxItems':1}}}", "a: [1, 2]\n",
     "1:4+1 too-many: \"a\" must have at most 1 item"},
    {"{'properties':{'a':{'maxProperties':0}}}", "a: {b: 1}\n",
     "1:4+1 too-many: \"a\" must be empty"},
    {"{'properties':{'a':{'contains':{'const':1}}}}", "a: [2]\n",
     "1:4+1 too-few: \"a\" lacks an item of the kind asked for (add one)"},
    {"{'properties':{'a':{'uniqueItems':true}}}", "a: [x, y, x]\n",
     "1:11+1 duplicate-item: items 1 and 3 of \"a\" are the same (remove one)"},
    {"{'propertyNames':{'pattern':'^[a-z]+$'}}", "Aa: 1\n",
     "1:1+2 bad-form: the key \"Aa\" does not have the form that is asked for (it must match "
     "^[a-z]+$)"},
    /* x-diagnostic, and texts beside a reference */
    {"{'properties':{'a':{'type':'string','x-diagnostic':'own-name'}}}", "a: 1\n",
     "1:4+1 own-name: \"a\" must be text, this is a number (put it in quotes: \"1\")"},
    {"{'$defs':{'n':{'pattern':'x','x-help':'inner','x-diagnostic':'inner-name'}},"
     "'properties':{'a':{'$ref':'#/$defs/n','x-help':'outer'},'b':{'$ref':'#/$defs/n'}}}",
     "a: y\nb: y\n",
     "1:4+1 inner-name: \"a\" does not have the form that is asked for (outer)\n"
     "2:4+1 inner-name: \"b\" does not have the form that is asked for (inner)"},
    /* a correction goes before x-help, other help does not */
    {"{'properties':{'a':{'type':'string','x-help':'h'}}}", "a: 5\n",
     "1:4+1 wrong-type: \"a\" must be text, this is a number (put it in quotes: \"5\")"},
    {"{'properties':{'a':{'enum':['keep','drop'],'x-help':'h'}}}", "a: kep\n",
     "1:4+3 not-allowed: \"a\" must be \"keep\" or \"drop\" (did you mean \"keep\"?)"},
    {"{'properties':{'a':{'enum':['keep','drop'],'x-help':'h'}}}", "a: zzz\n",
     "1:4+3 not-allowed: \"a\" must be \"keep\" or \"drop\" (h)"},
    {"{'properties':{'a':{'type':'object','x-help':'h'}}}", "a: 5\n",
     "1:4+1 wrong-type: \"a\" must be an object, this is a number (h)"},
    {"{'x-help':'h','additionalProperties':false,'properties':{'one':{}}}", "on: 5\nzzz: 1\n",
     "1:1+2 unknown-key: unknown key \"on\" (did you mean \"one\"?)\n"
     "2:1+3 unknown-key: unknown key \"zzz\" (h)"},
    /* quotes are offered only where they would help */
    {"{'anyOf':[{'title':'a word','enum':['keep']},{'title':'a list','type':'array'}]}", "5\n",
     "1:1+1 no-alternative: the document must be a word or a list, this is a number "
     "(put it in brackets: [5])"},
    {"{'anyOf':[{'title':'a word','enum':['5']},{'title':'a list','type':'array'}]}", "5\n",
     "1:1+1 no-alternative: the document must be a word or a list, this is a number "
     "(put it in quotes: \"5\")"},
    /* each name once */
    {"{'anyOf':[{'title':'t','type':'string','pattern':'a'},{'title':'t','type':'string'},"
     "{'title':'n','type':'null'}]}",
     "[]\n", "1:1+1 no-alternative: the document must be t or n, this is a list"},
    /* the branch that fits best */
    {DECISIONS, "keep\n", ""},
    {DECISIONS, "{action: rename, to: x}\n", ""},
    {DECISIONS, "unistall\n",
     "1:1+8 not-allowed: the document must be \"keep\", \"install\" or \"uninstall\" "
     "(did you mean \"uninstall\"?)"},
    {DECISIONS, "[]\n",
     "1:1+1 no-alternative: the document must be a decision or an object, this is a list"},
    {DECISIONS, "{action: renam, to: x}\n",
     "1:10+5 not-allowed: \"action\" must be \"rename\" or \"merge\" (did you mean \"rename\"?)"},
    {DECISIONS, "{action: merge, to: x}\n",
     "1:1+1 missing-key: missing key \"into\" in the document (add `into: ...`)"},
    {DECISIONS, "{to: x}\n",
     "1:1+1 missing-key: missing key \"action\" in the document (add `action: ...`)"},
    {"{'items':" FIX "}", "- id: a\n  sql: SELECT 1\n", ""},
    {"{'items':" FIX "}", "- id: a\n",
     "1:3+1 no-alternative: item 1 must have one of the keys \"sql\" or \"file\" (add one of "
     "them)"},
    {"{'items':" FIX "}", "- id: a\n  sql: x\n  file: y\n",
     "1:3+1 no-alternative: item 1 can have only one of the keys \"sql\" and \"file\" "
     "(keep one of them)"},
    {"{'items':" FIX "}", "- id: a\n  sql: 5\n",
     "2:8+1 wrong-type: \"sql\" must be text, this is a number (put it in quotes: \"5\")"},
    {"{'anyOf':[{'type':'string'},{'type':'null'}]}", "5\n",
     "1:1+1 wrong-type: the document must be text or null, this is a number "
     "(put it in quotes: \"5\")"},
    {"{'anyOf':[{'type':'integer','minimum':5},{'type':'string'}]}", "3\n",
     "1:1+1 out-of-range: the document must be at least 5"},
    {"{'anyOf':[{'required':['a','b']},{'required':['c']}]}", "a: 1\n",
     "1:1+1 missing-key: missing key \"b\" in the document (add `b: ...`)"},
    {"{'anyOf':[{'properties':{'a':{'type':'string'},'b':{'type':'string'}}},"
     "{'properties':{'a':{'type':'string'}},'maxProperties':1}]}",
     "a: x\nb: 1\n", "1:1+1 no-alternative: the document has none of the forms that are possible"},
    {"{'oneOf':[{'minimum':1},{'maximum':5}]}", "3\n",
     "1:1+1 no-alternative: the document has more than one of the forms that are possible"},
    {"{'oneOf':[{'title':'small','maximum':5},{'title':'whole','multipleOf':1}]}", "3\n",
     "1:1+1 no-alternative: the document can only be one of small and whole "
     "(keep one of them)"},
};

static const char *describe(struct arena *arena, struct diagnostics *diagnostics)
{
    struct buffer text = {0};
    diagnostics_sort(diagnostics);
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        buffer_format(&text, "%s%u:%u+%u %s: %s", i > 0 ? "\n" : "", item->position.line,
                      item->position.column, item->length, item->name, item->message);
        if (item->help)
            buffer_format(&text, " (%s)", item->help);
    }
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

static void test_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof message_cases / sizeof message_cases[0]; i++) {
        const struct message_case *test = &message_cases[i];
        struct arena *arena = arena_create();
        const struct schema *schema = read_schema(arena, test->schema);
        struct diagnostics diagnostics = diagnostics_create(arena);
        struct text text = {.bytes = test->document, .length = strlen(test->document)};
        const struct value *value =
            yaml_read(arena, source_create(arena, "test.yaml", text), &diagnostics);
        assert_non_null(value);
        bool valid = schema_check(schema, value, &diagnostics);
        assert_int_equal(valid, test->expected[0] == '\0');
        assert_string_equal(describe(arena, &diagnostics), test->expected);
        arena_destroy(arena);
    }
}

/* Values that no text holds are named by their JSON Pointer. */
static void test_pointers(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct schema *schema = read_schema(
        arena, "{'properties':{'steps':{'items':{'additionalProperties':false,'required':['id'],"
               "'properties':{'id':{'type':'string'},'a/b~c':{'type':'null'}}}}}}");
    const struct value *value =
        read_quoted(arena, "{'steps':[{'id':'x'},{'id':5,'a/b~c':1,'ix':0},{}]}");
    struct diagnostics diagnostics = diagnostics_create(arena);
    assert_false(schema_check(schema, value, &diagnostics));
    assert_string_equal(describe(arena, &diagnostics),
                        "0:0+1 wrong-type: /steps/1/id must be text, this is a number\n"
                        "0:0+1 wrong-type: /steps/1/a~1b~0c must be null, this is a number\n"
                        "0:0+2 unknown-key: unknown key \"ix\" in /steps/1 (did you mean \"id\"?)\n"
                        "0:0+1 missing-key: missing key \"id\" in /steps/2 (add `id: ...`)");
    arena_destroy(arena);
}

static void test_refused_schemas(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *message;
    } cases[] = {
        {"5", "at #: a schema is an object, true or false"},
        {"{'properties':{'a':1}}", "at #/properties/a: a schema is"},
        {"{'minimun':1}", "at #/minimun: this keyword is not known here"},
        {"{'unevaluatedProperties':false}", "not known here"},
        {"{'dependentSchemas':{}}", "not known here"},
        {"{'minContains':1}", "not known here"},
        {"{'$dynamicRef':'#a'}", "not known here"},
        {"{'properties':{'a':{'$id':'https://a.example'}}}", "can only stand at the top"},
        {"{'type':'text'}", "at #/type: there is no such type"},
        {"{'type':[]}", "at least one type"},
        {"{'type':5}", "array of strings"},
        {"{'enum':1}", "must be an array"},
        {"{'minimum':'1'}", "must be a number"},
        {"{'multipleOf':0}", "must be more than 0"},
        {"{'minLength':-1}", "0 or more"},
        {"{'minLength':1.5}", "0 or more"},
        {"{'pattern':'('}", "at #/pattern: the regular expression is wrong at character 2"},
        {"{'patternProperties':{'[':{}}}", "the regular expression is wrong"},
        {"{'pattern':5}", "must be a string"},
        {"{'format':'postcode'}", "there is no such format"},
        {"{'uniqueItems':1}", "must be true or false"},
        {"{'required':['a',1]}", "array of strings"},
        {"{'required':'a'}", "array of strings"},
        {"{'properties':[]}", "must be an object"},
        {"{'dependentRequired':{'a':'b'}}", "array of strings"},
        {"{'allOf':[]}", "at least one schema"},
        {"{'allOf':{}}", "at least one schema"},
        {"{'title':5}", "must be a string"},
        {"{'$ref':'#/$defs/no'}", "at #/$ref: this refers to nothing"},
        {"{'$ref':'other.json'}", "refers to nothing"},
        {"{'$ref':5}", "refers to nothing"},
        {"{'$defs':{'a':{'type':'no'}}}", "at #/$defs/a/type: there is no such type"},
        {"{'$ref':'#'}", "refers to itself"},
        {"{'$defs':{'a':{'allOf':[{'$ref':'#/$defs/b'}]},'b':{'anyOf':[{'$ref':'#/$defs/a'}]}}}",
         "refers to itself"},
        {"{'not':{'$ref':'#'}}", "refers to itself"},
        {"{'if':{'$ref':'#'}}", "refers to itself"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_create();
        struct schema *schema;
        const struct error *error =
            schema_create(arena, read_quoted(arena, cases[i].schema), &schema);
        if (!error)
            fail_msg("%s is taken", cases[i].schema);
        else if (!strstr(error->message, cases[i].message))
            fail_msg("%s: %s", cases[i].schema, error->message);
        else
            assert_int_equal(error->outcome, OUTCOME_INVALID);
        assert_null(schema);
        arena_destroy(arena);
    }
}

/* Far more violations than are reported: the rest is counted, in bounded memory. */
static void test_many_violations(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct schema *schema = read_schema(
        arena, "{'items':{'anyOf':[{'enum':['a','b']},{'type':'object','required':['x']}]}}");
    struct value *list = value_array(arena);
    for (size_t i = 0; i < 200000; i++)
        value_append(arena, list, value_string(arena, "c"));
    struct diagnostics diagnostics = diagnostics_create(arena);
    assert_false(schema_check(schema, list, &diagnostics));
    assert_int_equal(diagnostics.error_count, 200000);
    assert_int_equal(diagnostics.count, DIAGNOSTIC_LIMIT + 1);
    assert_string_equal(diagnostics.items[DIAGNOSTIC_LIMIT].name, "too-many-errors");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity),        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_pointers),        cmocka_unit_test(test_refused_schemas),
        cmocka_unit_test(test_many_violations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
