#include <string.h>

#include "base/template.h"
#include "compiler/compilation.h"

/* A fix while it is lowered. */
struct fix {
    struct compilation *compilation;
    const struct value *object;
    struct value *version; /* the same for all fixes of a version */
    struct step step;
};

static void fix_report(const struct fix *fix, const char *key, const char *name,
                       const char *message, const char *help)
{
    const struct value_member *member = value_member(fix->object, key);
    struct diagnostic *diagnostic =
        diagnostics_add(fix->compilation->diagnostics, name, member->key_position, "%s", message);
    diagnostic->length = (uint32_t)strlen(key);
    diagnostic->help = help;
}

static void fix_begin(struct fix *fix, const char *kind)
{
    fix->step.kind = kind;
    fix->step.spec = value_object(fix->compilation->arena);
}

static void fix_set(struct fix *fix, const char *key, struct value *value)
{
    value_set(fix->compilation->arena, fix->step.spec, key, value);
}

static void fix_set_text(struct fix *fix, const char *key, const char *text)
{
    lower_set(fix->compilation, fix->step.spec, key, text);
}

/* `transaction` and `expect` belong to SQL. */
static void fix_check_sql_members(const struct fix *fix, bool sql)
{
    static const char *const keys[] = {"transaction", "expect"};
    for (size_t i = 0; !sql && i < sizeof keys / sizeof keys[0]; i++)
        if (value_get(fix->object, keys[i]))
            fix_report(fix, keys[i], "fix-member",
                       arena_format(fix->compilation->arena, "\"%s\" is only for SQL", keys[i]),
                       "remove it");
}

/* `text`: the SQL itself. */
static void fix_lower_sql(struct fix *fix, const struct passage *passage, struct value *text)
{
    fix_begin(fix, "sql");
    bool alone = !value_get_boolean(fix->object, "transaction", true);
    fix_set(fix, "sql", text);
    fix_set(fix, "version", fix->version);
    if (alone)
        fix_set(fix, "transaction", value_boolean(fix->compilation->arena, false));
    const struct value *expected = value_get(value_get(fix->object, "expect"), "rows");
    struct value *rows = lower_range(fix->compilation, expected);
    if (rows)
        fix_set(fix, "expect_rows", rows);
    lower_check_sql(fix->compilation, passage, alone ? SQL_OF_FIX_ALONE : SQL_OF_FIX);
}

static void fix_lower_python(struct fix *fix, const struct passage *passage, struct value *text)
{
    fix_begin(fix, "python");
    fix_set(fix, "python", text);
    fix_set(fix, "version", fix->version);
    bindings_check(fix->compilation->bindings, passage, NULL);
}

static void fix_lower_file(struct fix *fix, const struct value *name)
{
    struct arena *arena = fix->compilation->arena;
    const char *path = value_as_string(name);
    const char *suffix = path ? strrchr(path, '.') : NULL;
    bool sql = suffix && strcmp(suffix, ".sql") == 0;
    bool python = suffix && strcmp(suffix, ".py") == 0;
    if (path && !sql && !python) {
        struct diagnostic *diagnostic =
            diagnostics_add(fix->compilation->diagnostics, "fix-file-kind", name->position,
                            "a fix is a file whose name ends in .sql or .py");
        diagnostic->length = diagnostic_span(name);
        diagnostic->help = "rename it, or run it by `command`";
        return;
    }
    fix_check_sql_members(fix, sql);
    const struct included *file = path ? lower_include(fix->compilation, name) : NULL;
    if (!file)
        return;
    const struct passage passage = passage_of_file(file->source);
    struct value *text = value_string(arena, passage.text);
    if (sql)
        fix_lower_sql(fix, &passage, text);
    else
        fix_lower_python(fix, &passage, text);
    fix_set_text(fix, "path", file->origin);
}

/* In a shell's text `${name}` is the shell's own, so it cannot be a binding. */
static void fix_check_shell(const struct fix *fix, const struct passage *passage)
{
    struct compilation *compilation = fix->compilation;
    const struct value *environment = value_get(fix->object, "environment");
    for (const char *mark = passage->text; (mark = strstr(mark, "${")); mark += 2) {
        size_t length = strspn(mark + 2, "abcdefghijklmnopqrstuvwxyz0123456789_");
        const char *name = arena_copy_bytes(compilation->arena, mark + 2, length);
        if (mark[2 + length] != '}' || value_get(environment, name) ||
            !bindings_find(compilation->bindings, name))
            continue;
        bindings_use(compilation->bindings, passage, (size_t)(mark - passage->text), name, length);
        struct diagnostic *diagnostic = diagnostics_add(
            compilation->diagnostics, "binding-in-shell",
            passage_position(passage, (size_t)(mark - passage->text), compilation->diagnostics),
            "in a shell's text ${%s} is a variable of the shell, not the binding", name);
        diagnostic->length = (uint32_t)length + 3;
        diagnostic->help = arena_format(
            compilation->arena, "hand it over: `environment: { %s: \"${%s}\" }`", name, name);
    }
}

static void fix_lower_shell(struct fix *fix, const struct value *command)
{
    const struct passage passage = passage_of_value(command);
    fix_check_shell(fix, &passage);
    fix_set_text(fix, "shell", template_escape(fix->compilation->arena, passage.text));
}

static void fix_lower_command(struct fix *fix, struct value *command)
{
    bool shell = value_get_boolean(fix->object, "shell", false);
    const char *nature = value_get_string(fix->object, "nature");
    struct value *environment = value_get(fix->object, "environment");
    fix_begin(fix, "command");
    if (command->kind == VALUE_STRING && shell) {
        fix_lower_shell(fix, command);
    } else if (command->kind == VALUE_STRING) {
        fix_report(fix, "command", "command-form", "a command is a list of arguments",
                   "write [program, argument], or say `shell: true`");
    } else if (shell) {
        fix_report(fix, "shell", "command-form", "a shell takes a text, this command is a list",
                   "write a text, or remove `shell`");
    } else {
        bindings_check_value(fix->compilation->bindings, command, "the process list");
        fix_set(fix, "command", command);
    }
    bindings_check_value(fix->compilation->bindings, environment, NULL);
    if (environment)
        fix_set(fix, "environment", environment);
    fix_set_text(fix, "nature", nature ? nature : "once");
}

static void fix_lower_manual(struct fix *fix, struct value *instruction)
{
    fix_begin(fix, "manual");
    fix_set(fix, "instruction", instruction);
    bindings_check_value(fix->compilation->bindings, instruction, "the instruction");
}

static void fix_lower_wait(struct fix *fix, const struct value *duration)
{
    fix_begin(fix, "wait");
    fix_set(fix, "milliseconds", value_integer(fix->compilation->arena, lower_duration(duration)));
}

/* Fills in kind and specification; leaves them empty where the schema has said what is wrong. */
static void fix_lower_body(struct fix *fix)
{
    struct value *sql = value_get(fix->object, "sql");
    struct value *python = value_get(fix->object, "python");
    struct value *command = value_get(fix->object, "command");
    struct value *manual = value_get(fix->object, "manual");
    const struct value *file = value_get(fix->object, "file");
    const struct value *wait = value_get(fix->object, "wait");
    if (!file)
        fix_check_sql_members(fix, sql || !(python || command || manual || wait));
    if (value_as_string(sql)) {
        const struct passage passage = passage_of_value(sql);
        fix_lower_sql(fix, &passage, sql);
    } else if (file) {
        fix_lower_file(fix, file);
    } else if (value_as_string(python)) {
        const struct passage passage = passage_of_value(python);
        fix_lower_python(fix, &passage, python);
    } else if (command) {
        fix_lower_command(fix, command);
    } else if (value_as_string(manual)) {
        fix_lower_manual(fix, manual);
    } else if (value_as_string(wait)) {
        fix_lower_wait(fix, wait);
    }
}

static enum slot fix_slot(const struct value *object)
{
    const char *phase = value_get_string(object, "phase");
    return phase && strcmp(phase, "last") == 0 ? SLOT_FIX_LAST : SLOT_FIX_FIRST;
}

static void lower_fix(struct compilation *compilation, const struct value *object,
                      struct value *version, size_t section)
{
    struct fix fix = {.compilation = compilation,
                      .object = object,
                      .version = version,
                      .step = {.family = "fix"}};
    bool named = lower_head(compilation, object, &fix.step);
    fix.step.section = section;
    fix.step.slot = fix_slot(object);
    fix_lower_body(&fix);
    if (named)
        graph_add(compilation->graph, fix.step);
}

void lower_fixes(struct compilation *compilation)
{
    const struct value *fixes = compilation->plan->fixes;
    for (size_t i = 0; i < value_count(fixes); i++) {
        const struct value_member *member = &fixes->as.object.members[i];
        size_t index = route_find_or_report(&compilation->route, member->key, member->key_position,
                                            compilation->diagnostics);
        size_t section = index < ROUTE_LIMIT ? index + 1 : 0;
        struct value *version = value_string(compilation->arena, member->key);
        for (size_t j = 0; j < value_count(member->value); j++)
            lower_fix(compilation, value_item(member->value, j), version, section);
    }
}
