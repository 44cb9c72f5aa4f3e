#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "compiler/compilation.h"

#define DEFAULT_STATUS 200
#define DEFAULT_REDIRECTS 5
#define DEFAULT_HTTP_TIMEOUT 30000 /* milliseconds */

/* A check while it is lowered. */
struct check {
    struct compilation *compilation;
    const struct value *object;
    struct step step;
};

static void check_begin(struct check *check, const char *kind)
{
    check->step.kind = kind;
    check->step.spec = value_object(check->compilation->arena);
}

static void check_set(struct check *check, const char *key, struct value *value)
{
    value_set(check->compilation->arena, check->step.spec, key, value);
}

static void check_set_integer(struct check *check, const char *key, int64_t integer)
{
    check_set(check, key, value_integer(check->compilation->arena, integer));
}

static struct diagnostic *check_report(const struct check *check, const struct value *value,
                                       const char *name, const char *message, const char *help)
{
    struct diagnostic *diagnostic =
        diagnostics_add(check->compilation->diagnostics, name, value->position, "%s", message);
    diagnostic->length = diagnostic_span(value);
    diagnostic->help = help;
    return diagnostic;
}

/* {"source": true} or {"value": ...} */
static struct value *check_lower_equals(const struct check *check, struct value *equals)
{
    struct arena *arena = check->compilation->arena;
    struct value *lowered = value_object(arena);
    const char *text = value_as_string(equals);
    if (text && strcmp(text, "source") == 0) {
        value_set(arena, lowered, "source", value_boolean(arena, true));
        return lowered;
    }
    struct value *value = equals->kind == VALUE_OBJECT ? value_get(equals, "value") : equals;
    bindings_check_value(check->compilation->bindings, value, "the result of the check");
    if (value)
        value_set(arena, lowered, "value", value);
    return lowered;
}

static void check_lower_sql(struct check *check, struct value *sql)
{
    struct value *equals = value_get(check->object, "equals");
    const struct value *range = value_get(check->object, "range");
    check_begin(check, "check.sql");
    check_set(check, "sql", sql);
    if (!equals == !range)
        check_report(check, sql, "check-expectation",
                     equals ? "this check says both `equals` and `range`"
                            : "this check does not say what the query must give",
                     equals ? "keep one of the two" : "add `equals` or `range`");
    if (equals)
        check_set(check, "equals", check_lower_equals(check, equals));
    else if (range)
        check_set(check, "range", lower_range(check->compilation, range));
    const struct passage passage = passage_of_value(sql);
    lower_check_sql(check->compilation, &passage, SQL_OF_CHECK);
}

static void check_lower_rows(struct check *check, const struct value *rows)
{
    struct value *table = value_get(rows, "table");
    const struct value *range = value_get(rows, "range");
    check_begin(check, "check.rows");
    if (table)
        check_set(check, "table", table);
    if (range)
        check_set(check, "range", lower_range(check->compilation, range));
    else
        check_set(check, "source", value_boolean(check->compilation->arena, true));
}

/* No module can be in two states: reports the second. The same one twice in a list is for the
 * schema to report. */
static void check_module_state(const struct check *check, struct map *seen,
                               const struct value *name, struct value *names)
{
    if (!value_as_string(name) || map_add(seen, name->as.string.bytes, names) ||
        map_get(seen, name->as.string.bytes) == names)
        return;
    check_report(check, name, "check-states",
                 arena_format(check->compilation->arena,
                              "the module \"%s\" cannot be in two states", name->as.string.bytes),
                 "name it once");
}

static void check_lower_modules(struct check *check, const struct value *modules)
{
    static const char *const states[] = {"installed", "uninstalled", "absent"};
    struct arena *arena = check->compilation->arena;
    struct map *seen = map_create(arena);
    check_begin(check, "check.modules");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct value *names = value_get(modules, states[i]);
        for (size_t j = 0; names && names->kind == VALUE_ARRAY && j < value_count(names); j++)
            check_module_state(check, seen, value_item(names, j), names);
        check_set(check, states[i], names ? names : value_array(arena));
    }
}

/* The length of the `${name}` that the text begins with, 0 where that is no binding of type url. */
static size_t url_binding_length(const struct bindings *bindings, struct arena *arena,
                                 const char *url)
{
    size_t length = strncmp(url, "${", 2) == 0 ? strcspn(url, "}") : 0;
    if (length < 2 || url[length] != '}')
        return 0;
    const char *name = arena_copy_bytes(arena, url + 2, length - 2);
    const struct binding *binding = bindings_find(bindings, name);
    /* One that is not declared is reported as such. */
    return !binding || binding->type == BINDING_URL ? length + 1 : 0;
}

static bool url_has_form(const struct check *check, const char *url)
{
    size_t start = url_binding_length(check->compilation->bindings, check->compilation->arena, url);
    if (start == 0 && strncmp(url, "http://", 7) == 0)
        start = 7;
    else if (start == 0 && strncmp(url, "https://", 8) == 0)
        start = 8;
    if (start == 0 || (url[start - 1] == '/' && strchr("/?#", url[start])))
        return false; /* neither scheme nor binding; or no host behind the scheme */
    for (const char *next = url; *next; next++)
        if ((unsigned char)*next <= ' ' || *next == 0x7F)
            return false;
    return true;
}

static void check_regex(const struct check *check, const struct value *pattern)
{
    if (!pattern || !value_as_string(pattern))
        return;
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern->as.string.bytes, pattern->as.string.length,
                      PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &offset, NULL);
    if (compiled) {
        pcre2_code_free(compiled);
        return;
    }
    char problem[128] = "";
    pcre2_get_error_message(code, (PCRE2_UCHAR *)problem, sizeof problem);
    struct compilation *compilation = check->compilation;
    const struct passage passage = passage_of_value(pattern);
    struct position position = passage_position(&passage, offset, compilation->diagnostics);
    diagnostics_add(compilation->diagnostics, "regex", position,
                    "this regular expression is wrong at character %zu: %s", (size_t)offset + 1,
                    problem)
        ->help = "see pcre2pattern(3) for what is possible";
}

static void check_lower_http(struct check *check, const struct value *http)
{
    struct value *url = value_get(http, "url");
    struct value *match = value_get(http, "match");
    int64_t timeout = lower_duration(value_get(http, "timeout"));
    int64_t within = lower_duration(value_get(http, "within"));
    check_begin(check, "check.http");
    check_set_integer(check, "status", value_get_integer(http, "status", DEFAULT_STATUS));
    check_set_integer(check, "redirects", value_get_integer(http, "redirects", DEFAULT_REDIRECTS));
    check_set_integer(check, "timeout", timeout ? timeout : DEFAULT_HTTP_TIMEOUT);
    if (within)
        check_set_integer(check, "within", within);
    if (match)
        check_set(check, "match", match);
    bindings_check_value(check->compilation->bindings, match, "the result of the check");
    check_regex(check, match);
    if (!value_as_string(url))
        return;
    check_set(check, "url", url);
    bindings_check_value(check->compilation->bindings, url, "logs");
    if (!url_has_form(check, url->as.string.bytes))
        check_report(check, url, "url", "this is not a web address",
                     "write http:// or https:// and a host, or begin with a binding of type url");
}

static void check_lower_log(struct check *check, const struct value *log)
{
    struct value *forbid = value_get(log, "forbid");
    struct value *except = value_get(log, "except");
    check_begin(check, "check.log");
    if (forbid)
        check_set(check, "forbid", forbid);
    check_set(check, "except", except ? except : value_array(check->compilation->arena));
    bindings_check_value(check->compilation->bindings, log, "the result of the check");
    check_regex(check, forbid);
    for (size_t i = 0; except && except->kind == VALUE_ARRAY && i < value_count(except); i++) {
        const struct value *excuse = value_item(except, i);
        check_regex(check, value_as_string(excuse) ? excuse : value_get(excuse, "match"));
    }
}

static void check_lower_body(struct check *check)
{
    struct value *sql = value_get(check->object, "sql");
    const struct value *rows = value_get(check->object, "rows");
    const struct value *modules = value_get(check->object, "modules");
    const struct value *http = value_get(check->object, "http");
    const struct value *log = value_get(check->object, "log");
    if (value_as_string(sql))
        check_lower_sql(check, sql);
    else if (rows)
        check_lower_rows(check, rows);
    else if (modules)
        check_lower_modules(check, modules);
    else if (http)
        check_lower_http(check, http);
    else if (log)
        check_lower_log(check, log);
}

/* Where a check goes that says neither a place nor what it comes after or before. */
static size_t check_default_section(const struct check *check)
{
    bool smoke = value_get(check->object, "http") != NULL;
    return smoke ? lower_publish_section(check->compilation)
                 : lower_target_section(check->compilation);
}

static size_t check_section(const struct check *check)
{
    struct compilation *compilation = check->compilation;
    const struct value *at = value_get(check->object, "at");
    const char *place = value_as_string(at);
    if (!place)
        return check_default_section(check);
    if (strcmp(place, "publish") == 0)
        return lower_publish_section(compilation);
    size_t index =
        route_find_or_report(&compilation->route, place, at->position, compilation->diagnostics);
    return index < ROUTE_LIMIT ? index + 1 : 0;
}

static void lower_check(struct compilation *compilation, const struct value *object)
{
    struct check check = {.compilation = compilation,
                          .object = object,
                          .step = {.family = "check", .reads_only = true}};
    bool named = lower_head(compilation, object, &check.step);
    check.step.section = check_section(&check);
    check.step.placed = value_get(object, "at") != NULL;
    check_lower_body(&check);
    if (named)
        graph_add(compilation->graph, check.step);
}

/* The first step that a check names, where that is what its place depends on; else NULL. */
static struct step *check_anchor(const struct graph *graph, const struct step *check)
{
    const struct value *names = check->after ? check->after : check->before;
    const char *name = value_as_string(names);
    if (!name)
        name = value_as_string(value_item(names, 0));
    return check->placed || !name ? NULL : graph_find(graph, name);
}

/* A check without a place of its own goes to the section of what it names, which may be a check
 * that goes by another one. */
static void checks_find_sections(struct graph *graph)
{
    struct step **chain = arena_allocate(graph->arena, (graph->checks.count + 1) * sizeof *chain);
    for (size_t i = 0; i < graph->checks.count; i++) {
        size_t length = 0;
        struct step *step = graph->checks.items[i];
        for (struct step *anchor; (anchor = check_anchor(graph, step)); step = anchor) {
            step->placed = true; /* ends the walk where the names go round in a circle */
            chain[length++] = step;
        }
        while (length > 0)
            chain[--length]->section = step->section;
    }
}

/* Those that look into the database must know in which shape it is. */
static void checks_set_versions(struct compilation *compilation)
{
    const struct route *route = &compilation->route;
    for (size_t i = 0; route->count > 0 && i < compilation->graph->checks.count; i++) {
        const struct step *step = compilation->graph->checks.items[i];
        bool versioned = step->kind && (strcmp(step->kind, "check.sql") == 0 ||
                                        strcmp(step->kind, "check.modules") == 0);
        bool on_route = step->section > 0 && step->section <= route->count;
        if (versioned)
            lower_set(compilation, step->spec, "version",
                      route->versions[on_route ? step->section - 1 : route->count - 1]);
    }
}

void lower_checks(struct compilation *compilation)
{
    const struct value *checks = compilation->plan->checks;
    for (size_t i = 0; i < value_count(checks); i++)
        lower_check(compilation, value_item(checks, i));
    checks_find_sections(compilation->graph);
    checks_set_versions(compilation);
}
