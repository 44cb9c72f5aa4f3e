/* Reading the catalogue. */
#include <string.h>

#include "base/yaml.h"
#include "runtime/known_errors_private.h"
#include "schemas/embedded.h"

static const struct {
    const char *name;
    enum known_origin origin;
} origins[] = {{"odoo", KNOWN_IN_ODOO},
               {"pg_dump", KNOWN_IN_PG_DUMP},
               {"pg_restore", KNOWN_IN_PG_RESTORE},
               {"psql", KNOWN_IN_PSQL},
               {"rsync", KNOWN_IN_RSYNC}};

unsigned known_origin_of(const char *program)
{
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++)
        if (strcmp(origins[i].name, program) == 0)
            return origins[i].origin;
    return 0;
}

static void known_release_code(void *code)
{
    pcre2_code_free(code);
}

static pcre2_code *known_compile(struct arena *arena, const struct value *pattern,
                                 struct diagnostics *diagnostics)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled = pcre2_compile(
        (PCRE2_SPTR)pattern->as.string.bytes, pattern->as.string.length,
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &code,
        &offset, NULL);
    if (!compiled) {
        char problem[128] = "";
        pcre2_get_error_message(code, (PCRE2_UCHAR *)problem, sizeof problem);
        diagnostics_add(diagnostics, "regex", pattern->position,
                        "this regular expression is wrong at character %zu: %s", offset + 1,
                        problem)
            ->help = "see pcre2pattern(3) for what is possible";
        return NULL;
    }
    arena_on_destroy(arena, known_release_code, compiled);
    /* Where the machine has no JIT, the interpreter does the same more slowly. */
    (void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    return compiled;
}

/* The number of the group called `name` (a name, or a number), 0 where there is none. */
static uint32_t known_group(const pcre2_code *code, const char *name)
{
    uint32_t count = 0, number = 0;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &count);
    if (name[0] < '0' || name[0] > '9') {
        int found = pcre2_substring_number_from_name(code, (PCRE2_SPTR)name);
        return found > 0 ? (uint32_t)found : 0;
    }
    for (; *name >= '0' && *name <= '9' && number <= count; name++)
        number = 10 * number + (uint32_t)(*name - '0');
    return *name == '\0' && number <= count ? number : 0;
}

static void known_check_text(struct arena *arena, const pcre2_code *code, const struct value *text,
                             struct diagnostics *diagnostics)
{
    for (const char *start = text->as.string.bytes; (start = strchr(start, '{')); start++) {
        size_t length = strcspn(start, "}");
        const char *name = arena_copy_bytes(arena, start + 1, length - 1);
        if (start[length] != '}' || known_group(code, name) == 0)
            diagnostics_add(diagnostics, "known-error-group", text->position,
                            "the pattern has no group \"%s\"", name)
                ->help = "name a group of the pattern, like {1} or {name} for (?<name>...)";
    }
}

static enum known_severity known_read_severity(const struct value *entry)
{
    const char *severity = value_get_string(entry, "severity");
    if (!severity || strcmp(severity, "warns") == 0)
        return KNOWN_WARNS;
    return strcmp(severity, "fails") == 0 ? KNOWN_FAILS : KNOWN_HARMLESS;
}

static unsigned known_read_origins(const struct value *entry)
{
    const struct value *list = value_get(entry, "in");
    unsigned result = list ? 0 : KNOWN_IN_ODOO;
    for (size_t i = 0; i < value_count(list); i++)
        result |= known_origin_of(value_as_string(value_item(list, i)));
    return result;
}

static void known_add(struct known_errors *known, const struct value_member *member,
                      struct diagnostics *diagnostics)
{
    const struct value *entry = member->value;
    const char *level = value_get_string(entry, "level");
    if (!map_add(known->by_id, member->key, member->value)) {
        diagnostics_add(diagnostics, "known-error-twice", member->key_position,
                        "there is a known error \"%s\" already", member->key)
            ->help = "give it an id of its own; `drehbuch explain --known-errors` lists those that "
                     "are built in";
        return;
    }
    struct known_error error = {
        .id = member->key,
        .severity = known_read_severity(entry),
        .origins = known_read_origins(entry),
        .own = known->reading_own,
        .quiet_too = level && strcmp(level, "info") == 0,
        .meaning = value_get_string(entry, "meaning"),
        .remedy = value_get_string(entry, "remedy"),
        .code = known_compile(known->arena, value_get(entry, "pattern"), diagnostics)};
    if (!error.code)
        return;
    known_check_text(known->arena, error.code, value_get(entry, "meaning"), diagnostics);
    known_check_text(known->arena, error.code, value_get(entry, "remedy"), diagnostics);
    const struct value *concerns = value_get(entry, "concerns");
    error.modules = concerns ? known_group(error.code, "modules") : 0;
    if (concerns && error.modules == 0)
        diagnostics_add(diagnostics, "known-error-group", concerns->position,
                        "the pattern has no group \"modules\"")
            ->help = "have (?<modules>...) match the names";
    known->items = arena_extend(known->arena, known->items, known->count, sizeof *known->items);
    known->items[known->count++] = error;
    value_set(known->arena, known->entries, member->key, member->value);
}

static void known_read(struct known_errors *known, const char *path, struct text text,
                       struct diagnostics *diagnostics)
{
    size_t before = diagnostics->error_count;
    const struct value *document =
        yaml_read(known->arena, source_create(known->arena, path, text), diagnostics);
    if (!document || diagnostics->error_count > before ||
        !schema_check(known->schema, document, diagnostics))
        return;
    for (size_t i = 0; i < value_count(document); i++)
        known_add(known, &document->as.object.members[i], diagnostics);
}

const struct error *known_errors_create(struct arena *arena, struct known_errors **created)
{
    struct known_errors *known = arena_allocate(arena, sizeof *known);
    *known = (struct known_errors){
        .arena = arena, .entries = value_object(arena), .by_id = map_create(arena)};
    const struct error *error = schema_read(arena, schema_known_errors, schema_known_errors_end,
                                            "known-errors.schema.json", &known->schema);
    if (error)
        return error;
    size_t length = embedded_length(known_error_catalogue, known_error_catalogue_end);
    struct text text = {.bytes = arena_copy_bytes(arena, known_error_catalogue, length),
                        .length = length};
    struct diagnostics diagnostics = diagnostics_create(arena);
    known_read(known, "known-errors.yaml", text, &diagnostics);
    known->reading_own = true;
    *created = known;
    return diagnostics.count == 0
               ? NULL
               : error_create(arena, OUTCOME_INVALID, NULL, "known-errors.yaml:%u: %s",
                              diagnostics.items[0].position.line, diagnostics.items[0].message);
}

const struct error *known_errors_add_file(struct known_errors *known, const char *path,
                                          struct diagnostics *diagnostics)
{
    struct text text;
    const struct error *error = file_read(known->arena, path, YAML_SIZE_LIMIT, &text);
    if (!error)
        known_read(known, path, text, diagnostics);
    return error;
}

const struct value *known_errors_entries(const struct known_errors *known)
{
    return known->entries;
}
