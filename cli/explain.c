#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "cli/command.h"
#include "runtime/known_errors.h"
#include "schemas/embedded.h"

/* What is being written, and for which terminal. */
struct page {
    struct buffer text;
    const struct terminal *terminal;
};

/* The catalogue as an object: names, each with its entry. */
static const struct value *explain_read(struct arena *arena)
{
    size_t length = embedded_length(diagnostic_catalogue, diagnostic_catalogue_end);
    struct text text = {.bytes = arena_copy_bytes(arena, diagnostic_catalogue, length),
                        .length = length};
    struct diagnostics diagnostics = diagnostics_create(arena);
    return yaml_read(arena, source_create(arena, "diagnostics.yaml", text), &diagnostics);
}

static const struct error *explain_unknown(struct arena *arena, const struct value *catalogue,
                                           const char *name)
{
    size_t count = value_count(catalogue);
    const char **names = arena_allocate(arena, (count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = catalogue->as.object.members[i].key;
    const char *nearest = diagnostic_nearest(name, names, count);
    return error_create(arena, OUTCOME_USAGE,
                        nearest ? arena_format(arena, "did you mean `%s`?", nearest)
                                : "`drehbuch explain` lists the names",
                        "unknown diagnostic \"%s\"", name);
}

static struct value *explain_describe(struct arena *arena, const struct value_member *entry)
{
    struct value *description = value_copy(arena, entry->value);
    value_set(arena, description, "name", value_string(arena, entry->key));
    if (!value_get(description, "severity"))
        value_set(arena, description, "severity", value_string(arena, "error"));
    return description;
}

static void page_write_heading(struct page *page, const char *heading)
{
    buffer_format(&page->text, "\n%s%s:%s", terminal_paint(page->terminal, TERMINAL_STRONG),
                  heading, terminal_plain(page->terminal, TERMINAL_STRONG));
}

/* Whether `text` has the line. */
static bool has_line(const char *text, const char *line, size_t length)
{
    while (text && *text) {
        size_t own = strcspn(text, "\n");
        if (own == length && memcmp(text, line, length) == 0)
            return true;
        text += own + (text[own] == '\n');
    }
    return false;
}

/* An indented document. Where there are colours, the lines that `other` has not get one. */
static void page_write_document(struct page *page, const char *text, const char *other,
                                enum terminal_tone tone)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        bool marked = other && !has_line(other, text, length);
        enum terminal_tone shown = marked ? tone : TERMINAL_NEUTRAL;
        if (length > 0)
            buffer_format(&page->text, "    %s%.*s%s", terminal_paint(page->terminal, shown),
                          (int)length, text, terminal_plain(page->terminal, shown));
        buffer_append_character(&page->text, '\n');
        text += length + (text[length] == '\n');
    }
}

static void page_write_files(struct page *page, const struct value *files)
{
    for (size_t i = 0; i < value_count(files); i++) {
        const struct value_member *file = &files->as.object.members[i];
        buffer_format(&page->text, "\n  with %s:\n\n", file->key);
        page_write_document(page, value_as_string(file->value), NULL, TERMINAL_NEUTRAL);
    }
}

static void page_write_wrapped(struct page *page, const char *text)
{
    help_write_wrapped(&page->text, text, 0, 0);
}

static void page_write_example(struct page *page, const struct value *entry, const char *key)
{
    bool bad = strcmp(key, "bad") == 0;
    const char *text = value_get_string(entry, key);
    if (!text)
        return;
    page_write_heading(page, bad ? "wrong" : "right");
    buffer_append_string(&page->text, "\n\n");
    if (value_get(entry, "example")) {
        page_write_wrapped(page, text);
        return;
    }
    page_write_document(page, text, value_get_string(entry, bad ? "good" : "bad"),
                        bad ? TERMINAL_BAD : TERMINAL_GOOD);
    page_write_files(page, value_get(entry, bad ? "files" : "good_files"));
}

static void page_write_entry(struct page *page, const char *name, const struct value *entry)
{
    const char *severity = value_get_string(entry, "severity");
    buffer_format(&page->text, "%s%s%s", terminal_paint(page->terminal, TERMINAL_STRONG), name,
                  terminal_plain(page->terminal, TERMINAL_STRONG));
    buffer_format(&page->text, " (%s): %s\n\n", severity ? severity : "error",
                  value_get_string(entry, "summary"));
    page_write_wrapped(page, value_get_string(entry, "explanation"));
    page_write_example(page, entry, "bad");
    page_write_heading(page, "what to do");
    buffer_append_string(&page->text, "\n\n");
    page_write_wrapped(page, value_get_string(entry, "cure"));
    page_write_example(page, entry, "good");
}

static void page_write_list(struct page *page, const struct value *catalogue, const char *line)
{
    size_t widest = 0;
    for (size_t i = 0; i < value_count(catalogue); i++) {
        size_t width = strlen(catalogue->as.object.members[i].key);
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < value_count(catalogue); i++) {
        const struct value_member *entry = &catalogue->as.object.members[i];
        buffer_format(&page->text, "%s%-*s%s  %s\n",
                      terminal_paint(page->terminal, TERMINAL_STRONG), (int)widest, entry->key,
                      terminal_plain(page->terminal, TERMINAL_STRONG),
                      value_get_string(entry->value, line));
    }
}

/* ---- known errors ---- */

static void page_write_known_part(struct page *page, const char *heading, const char *text)
{
    if (!text)
        return;
    page_write_heading(page, heading);
    buffer_append_string(&page->text, "\n\n");
    page_write_document(page, text, NULL, TERMINAL_NEUTRAL);
}

static void page_write_known(struct page *page, const char *id, const struct value *entry)
{
    const char *severity = value_get_string(entry, "severity");
    const char *name = severity ? severity : "warns";
    buffer_format(&page->text, "%s%s%s", terminal_paint(page->terminal, TERMINAL_STRONG), id,
                  terminal_plain(page->terminal, TERMINAL_STRONG));
    buffer_format(&page->text, " (known error; %s): %s\n",
                  strcmp(name, "fails") == 0   ? "a step fails with it"
                  : strcmp(name, "warns") == 0 ? "counted, and told with a failure"
                                               : "harmless",
                  value_get_string(entry, "meaning"));
    page_write_known_part(page, "seen as", value_get_string(entry, "pattern"));
    page_write_known_part(page, "for example", value_get_string(entry, "example"));
    page_write_heading(page, "what to do");
    buffer_append_string(&page->text, "\n\n");
    page_write_wrapped(page, value_get_string(entry, "remedy"));
}

static struct value *explain_describe_known(struct arena *arena, const struct value_member *entry)
{
    struct value *description = value_copy(arena, entry->value);
    value_set(arena, description, "id", value_string(arena, entry->key));
    if (!value_get(description, "severity"))
        value_set(arena, description, "severity", value_string(arena, "warns"));
    return description;
}

static void explain_known(struct invocation *invocation, const struct value_member *entry)
{
    if (invocation->json) {
        print_json(explain_describe_known(invocation->arena, entry), JSON_INDENTED);
        return;
    }
    struct page page = {.terminal = &invocation->output};
    page_write_known(&page, entry->key, entry->value);
    print_buffer(&page.text);
}

static void explain_all_known(struct invocation *invocation, const struct value *entries)
{
    struct arena *arena = invocation->arena;
    if (!invocation->json) {
        struct page page = {.terminal = &invocation->output};
        page_write_list(&page, entries, "meaning");
        print_buffer(&page.text);
        return;
    }
    struct value *list = value_array(arena), *document = value_object(arena);
    for (size_t i = 0; i < value_count(entries); i++)
        value_append(arena, list, explain_describe_known(arena, &entries->as.object.members[i]));
    value_set(arena, document, "known_errors", list);
    print_json(document, JSON_INDENTED);
}

/* ---- the command ---- */

static const struct error *explain_one(struct invocation *invocation, const struct value *catalogue,
                                       const struct value *known, const char *name)
{
    const struct value_member *entry = value_member(catalogue, name);
    const struct value_member *error = value_member(known, name);
    if (!entry && error) {
        explain_known(invocation, error);
        return NULL;
    }
    if (!entry)
        return explain_unknown(invocation->arena, catalogue, name);
    if (invocation->json) {
        print_json(explain_describe(invocation->arena, entry), JSON_INDENTED);
        return NULL;
    }
    struct page page = {.terminal = &invocation->output};
    page_write_entry(&page, name, entry->value);
    print_buffer(&page.text);
    return NULL;
}

static void explain_all(struct invocation *invocation, const struct value *catalogue)
{
    struct arena *arena = invocation->arena;
    if (!invocation->json) {
        struct page page = {.terminal = &invocation->output};
        page_write_list(&page, catalogue, "summary");
        print_buffer(&page.text);
        return;
    }
    struct value *list = value_array(arena);
    for (size_t i = 0; i < value_count(catalogue); i++)
        value_append(arena, list, explain_describe(arena, &catalogue->as.object.members[i]));
    struct value *document = value_object(arena);
    value_set(arena, document, "diagnostics", list);
    print_json(document, JSON_INDENTED);
}

static const struct error *explain_run(struct invocation *invocation)
{
    const struct value *catalogue = explain_read(invocation->arena);
    const char *name = invocation_operand(invocation, 0);
    struct known_errors *known;
    const struct error *error = known_errors_create(invocation->arena, &known);
    if (error)
        return error;
    if (name)
        return explain_one(invocation, catalogue, known_errors_entries(known), name);
    if (invocation_flag(invocation, "known-errors"))
        explain_all_known(invocation, known_errors_entries(known));
    else
        explain_all(invocation, catalogue);
    return NULL;
}

static const struct option explain_options[] = {
    {.name = "known-errors", .help = "list what logs show when something well known goes wrong"},
    {.name = "json", .help = "as JSON; without a name, everything about all of them"},
    {.name = NULL},
};

const struct command command_explain = {
    .name = "explain",
    .operands = "[NAME]",
    .maximum = 1,
    .summary = "say more about an error or warning",
    .description =
        "Says of a diagnostic, by the name that stands in brackets behind its message, why it is "
        "wrong and what to do, with a small document that has the mistake and the same one "
        "without it. Of a known error, by the id that stands in a step's effects, it says what the "
        "log shows, what that means and what helps. Without a name all diagnostics are listed.",
    .example = "drehbuch explain module-undecided",
    .options = explain_options,
    .run = explain_run,
};
