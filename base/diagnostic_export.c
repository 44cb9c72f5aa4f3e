#include "base/diagnostic.h"
#include "base/json.h"

static const char *severity_name(enum severity severity)
{
    return severity == SEVERITY_ERROR ? "error" : "warning";
}

static uint32_t diagnostic_length(const struct diagnostic *diagnostic)
{
    return diagnostic->length ? diagnostic->length : 1;
}

static struct value *diagnostic_as_value(struct arena *arena, const struct diagnostic *diagnostic)
{
    struct value *object = value_object(arena);
    struct position position = diagnostic->position;
    value_set(arena, object, "name", value_string(arena, diagnostic->name));
    value_set(arena, object, "severity", value_string(arena, severity_name(diagnostic->severity)));
    value_set(arena, object, "message", value_string(arena, diagnostic->message));
    if (diagnostic->help)
        value_set(arena, object, "help", value_string(arena, diagnostic->help));
    if (position.source)
        value_set(arena, object, "path", value_string(arena, position.source->path));
    if (position.line > 0) {
        value_set(arena, object, "line", value_integer(arena, position.line));
        value_set(arena, object, "column", value_integer(arena, position.column));
        value_set(arena, object, "length", value_integer(arena, diagnostic_length(diagnostic)));
    }
    return object;
}

static void write_and_release(struct arena *arena, const struct value *value, struct buffer *output)
{
    json_write(output, value, JSON_INDENTED);
    arena_destroy(arena);
}

void diagnostics_write_json(const struct diagnostics *list, struct buffer *output)
{
    struct arena *arena = arena_create();
    struct value *items = value_array(arena);
    for (size_t i = 0; i < list->count; i++)
        value_append(arena, items, diagnostic_as_value(arena, &list->items[i]));
    struct value *document = value_object(arena);
    value_set(arena, document, "diagnostics", items);
    write_and_release(arena, document, output);
}

/* The parts of SARIF 2.1.0 (OASIS), named as in its section 3. */

static struct value *sarif_message(struct arena *arena, const char *text)
{
    struct value *message = value_object(arena);
    value_set(arena, message, "text", value_string(arena, text));
    return message;
}

/* A path as a relative or absolute URI reference (RFC 3986): everything but unreserved characters
 * and the slash is percent-encoded. */
static struct value *sarif_uri(struct arena *arena, const char *path)
{
    struct buffer uri = {0};
    for (; *path; path++) {
        unsigned char next = (unsigned char)*path;
        bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
        bool other = (next >= '0' && next <= '9') || next == '-' || next == '.' || next == '_' ||
                     next == '~' || next == '/';
        if (letter || other)
            buffer_append_character(&uri, *path);
        else
            buffer_format(&uri, "%%%02X", next);
    }
    struct value *result = value_string(arena, arena_copy(arena, buffer_string(&uri)));
    buffer_release(&uri);
    return result;
}

static struct value *sarif_region(struct arena *arena, const struct diagnostic *diagnostic)
{
    struct value *region = value_object(arena);
    uint32_t column = diagnostic->position.column;
    value_set(arena, region, "startLine", value_integer(arena, diagnostic->position.line));
    value_set(arena, region, "startColumn", value_integer(arena, column));
    value_set(arena, region, "endColumn",
              value_integer(arena, (int64_t)column + diagnostic_length(diagnostic)));
    return region;
}

static struct value *sarif_location(struct arena *arena, const struct diagnostic *diagnostic)
{
    struct value *artifact = value_object(arena);
    value_set(arena, artifact, "uri", sarif_uri(arena, diagnostic->position.source->path));
    struct value *physical = value_object(arena);
    value_set(arena, physical, "artifactLocation", artifact);
    if (diagnostic->position.line > 0)
        value_set(arena, physical, "region", sarif_region(arena, diagnostic));
    struct value *location = value_object(arena);
    value_set(arena, location, "physicalLocation", physical);
    return location;
}

static struct value *sarif_result(struct arena *arena, const struct diagnostic *diagnostic)
{
    struct value *result = value_object(arena);
    const char *text = diagnostic->help ? arena_format(arena, "%s; help: %s", diagnostic->message,
                                                       diagnostic->help)
                                        : diagnostic->message;
    value_set(arena, result, "ruleId", value_string(arena, diagnostic->name));
    value_set(arena, result, "level", value_string(arena, severity_name(diagnostic->severity)));
    value_set(arena, result, "message", sarif_message(arena, text));
    if (diagnostic->position.source) {
        struct value *locations = value_array(arena);
        value_append(arena, locations, sarif_location(arena, diagnostic));
        value_set(arena, result, "locations", locations);
    }
    return result;
}

/* The rules that the results name, each once, in order of first mention. */
static struct value *sarif_rules(struct arena *arena, const struct diagnostics *list)
{
    struct value *rules = value_array(arena);
    struct value *seen = value_object(arena);
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->items[i].name;
        if (value_get(seen, name))
            continue;
        struct value *rule = value_object(arena);
        value_set(arena, rule, "id", value_string(arena, name));
        value_set(arena, seen, name, rule);
        value_append(arena, rules, rule);
    }
    return rules;
}

static struct value *sarif_tool(struct arena *arena, const struct diagnostics *list)
{
    struct value *driver = value_object(arena);
    value_set(arena, driver, "name", value_string(arena, "drehbuch"));
    value_set(arena, driver, "version", value_string(arena, DREHBUCH_VERSION));
    value_set(arena, driver, "rules", sarif_rules(arena, list));
    struct value *tool = value_object(arena);
    value_set(arena, tool, "driver", driver);
    return tool;
}

static struct value *sarif_run(struct arena *arena, const struct diagnostics *list)
{
    struct value *results = value_array(arena);
    for (size_t i = 0; i < list->count; i++)
        value_append(arena, results, sarif_result(arena, &list->items[i]));
    struct value *run = value_object(arena);
    value_set(arena, run, "tool", sarif_tool(arena, list));
    value_set(arena, run, "columnKind", value_string(arena, "unicodeCodePoints"));
    value_set(arena, run, "results", results);
    return run;
}

void diagnostics_write_sarif(const struct diagnostics *list, struct buffer *output)
{
    struct arena *arena = arena_create();
    struct value *runs = value_array(arena);
    value_append(arena, runs, sarif_run(arena, list));
    struct value *document = value_object(arena);
    value_set(arena, document, "$schema",
              value_string(arena, "https://json.schemastore.org/sarif-2.1.0.json"));
    value_set(arena, document, "version", value_string(arena, "2.1.0"));
    value_set(arena, document, "runs", runs);
    write_and_release(arena, document, output);
}
