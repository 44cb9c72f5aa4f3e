/* The catalogue of diagnostics: its form, and that every example has the diagnostic it is for, no
 * other one, and none once it is mended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "base/yaml.h"
#include "compiler/compile.h"
#include "runtime/environment.h"
#include "schemas/embedded.h"

static const struct value *read_catalogue(struct arena *arena)
{
    size_t length = embedded_length(diagnostic_catalogue, diagnostic_catalogue_end);
    struct text text = {.bytes = arena_copy_bytes(arena, diagnostic_catalogue, length),
                        .length = length};
    struct diagnostics diagnostics = diagnostics_create(arena);
    const struct value *catalogue =
        yaml_read(arena, source_create(arena, "diagnostics.yaml", text), &diagnostics);
    for (size_t i = 0; i < diagnostics.count; i++)
        print_error("diagnostics.yaml:%u: %s\n", diagnostics.items[i].position.line,
                    diagnostics.items[i].message);
    assert_int_equal(diagnostics.count, 0);
    assert_true(value_count(catalogue) > 50);
    return catalogue;
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

static bool is_described(const struct value *entry)
{
    return value_get(entry, "example") != NULL;
}

/* What is wrong with the form of an entry, or NULL. */
static const char *find_fault(const struct value *entry)
{
    static const char *const texts[] = {"summary", "explanation", "document", "bad", "cure", NULL};
    static const char *const others[] = {"severity",   "files",   "good",
                                         "good_files", "example", NULL};
    static const char *const documents[] = {"plan", "environment", NULL};
    for (const char *const *key = texts; *key; key++)
        if (!value_get_string(entry, *key))
            return *key;
    for (size_t i = 0; i < value_count(entry); i++) {
        const char *key = entry->as.object.members[i].key;
        if (!is_one_of(key, texts) && !is_one_of(key, others))
            return key;
    }
    if (!is_one_of(value_get_string(entry, "document"), documents))
        return "document";
    const char *severity = value_get_string(entry, "severity");
    if (severity && strcmp(severity, "warning") != 0)
        return "severity";
    const char *summary = value_get_string(entry, "summary");
    if (strchr(summary, '\n') || summary[strlen(summary) - 1] == '.')
        return "summary";
    const char *cure = value_get_string(entry, "cure");
    if (!strchr(".?!", cure[strlen(cure) - 1]))
        return "cure";
    return is_described(entry) || value_get_string(entry, "good") ? NULL : "good";
}

static void test_form(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct value *catalogue = read_catalogue(arena);
    size_t faults = 0;
    for (size_t i = 0; i < value_count(catalogue); i++) {
        const struct value_member *entry = &catalogue->as.object.members[i];
        const char *fault = find_fault(entry->value);
        if (fault)
            print_error("%s: look at \"%s\"\n", entry->key, fault);
        bool unsorted = i > 0 && strcmp(entry[-1].key, entry->key) >= 0;
        if (unsorted)
            print_error("%s stands behind %s\n", entry->key, entry[-1].key);
        faults += fault != NULL || unsorted;
    }
    assert_int_equal(faults, 0);
    arena_destroy(arena);
}

static void write_file(struct arena *arena, const char *folder, const char *name, const char *text)
{
    const char *path = file_join(arena, folder, name);
    assert_null(file_make_folder(arena, file_folder(arena, path), 0700));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct compilation *compile(struct arena *arena, const char *folder,
                                   struct diagnostics *diagnostics)
{
    struct compilation *compilation;
    assert_null(compile_file(arena, file_join(arena, folder, "plan.yaml"), NULL, diagnostics,
                             &compilation));
    return compilation;
}

/* The plan of an environment's example, or NULL where it has none. */
static struct compiled_plan *load_plan(struct arena *arena, const char *folder)
{
    if (!file_exists(file_join(arena, folder, "plan.yaml")))
        return NULL;
    struct diagnostics diagnostics = diagnostics_create(arena);
    struct compilation *compilation = compile(arena, folder, &diagnostics);
    assert_int_equal(diagnostics.count, 0);
    struct buffer text = {0};
    json_write(&text, compile_document(compilation), JSON_INDENTED);
    struct compiled_plan *plan;
    const struct text compiled = {.bytes = arena_copy(arena, buffer_string(&text)),
                                  .length = text.length};
    assert_null(compiled_parse(arena, compiled, "plan", &plan));
    buffer_release(&text);
    return plan;
}

/* What is found in the document with its files, in a folder of their own. */
static struct diagnostics find_diagnostics(struct arena *arena, const struct value *entry,
                                           const char *text, const struct value *files)
{
    char folder[] = "/tmp/catalogue-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct diagnostics diagnostics = diagnostics_create(arena);
    bool is_plan = strcmp(value_get_string(entry, "document"), "plan") == 0;
    for (size_t i = 0; i < value_count(files); i++)
        write_file(arena, folder, files->as.object.members[i].key,
                   value_as_string(files->as.object.members[i].value));
    write_file(arena, folder, is_plan ? "plan.yaml" : "environment.yaml", text);
    struct environment *environment;
    if (is_plan)
        compile(arena, folder, &diagnostics);
    else
        environment_load(arena, file_join(arena, folder, "environment.yaml"),
                         load_plan(arena, folder), &diagnostics, &environment);
    assert_null(file_remove_tree(arena, folder));
    return diagnostics;
}

static bool check_bad(struct arena *arena, const char *name, const struct value *entry)
{
    struct diagnostics found =
        find_diagnostics(arena, entry, value_get_string(entry, "bad"), value_get(entry, "files"));
    enum severity severity = value_get(entry, "severity") ? SEVERITY_WARNING : SEVERITY_ERROR;
    bool good = found.count > 0;
    if (!good)
        print_error("%s: nothing is found in its example\n", name);
    for (size_t i = 0; i < found.count; i++) {
        const struct diagnostic *item = &found.items[i];
        if (strcmp(item->name, name) == 0 && item->severity == severity)
            continue;
        print_error("%s: its example is given %s: %s\n", name, item->name, item->message);
        good = false;
    }
    return good;
}

static bool check_good(struct arena *arena, const char *name, const struct value *entry)
{
    const struct value *files = value_get(entry, "good_files");
    struct diagnostics found = find_diagnostics(arena, entry, value_get_string(entry, "good"),
                                                files ? files : value_get(entry, "files"));
    for (size_t i = 0; i < found.count; i++)
        print_error("%s: its mended example is given %s: %s\n", name, found.items[i].name,
                    found.items[i].message);
    return found.count == 0;
}

static void test_examples(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct value *catalogue = read_catalogue(arena);
    size_t faults = 0;
    for (size_t i = 0; i < value_count(catalogue); i++) {
        const struct value_member *entry = &catalogue->as.object.members[i];
        if (is_described(entry->value))
            continue;
        faults += !check_bad(arena, entry->key, entry->value);
        faults += !check_good(arena, entry->key, entry->value);
    }
    assert_int_equal(faults, 0);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
