/* The dry run's document, for people. */
#include <string.h>

#include "base/json.h"
#include "base/table.h"
#include "base/text_diff.h"
#include "base/text_line.h"
#include "runtime/diff/diff.h"
#include "runtime/diff/write_private.h"
#include "runtime/report/phrase.h"

void write_toned(struct writing *writing, enum terminal_tone tone, const char *text)
{
    buffer_format(writing->output, "%s%s%s", terminal_paint(writing->terminal, tone), text,
                  terminal_plain(writing->terminal, tone));
}

static void write_title(struct writing *writing, const char *title)
{
    buffer_append_character(writing->output, '\n');
    write_toned(writing, TERMINAL_STRONG, title);
    buffer_append_character(writing->output, '\n');
}

/* ---- values ---- */

const char *write_value(struct writing *writing, const struct value *value)
{
    if (!value || value->kind == VALUE_NULL)
        return "null";
    if (value->kind == VALUE_STRING)
        return value->as.string.bytes[0] ? text_line(writing->arena, value->as.string.bytes)
                                         : "\"\"";
    struct buffer text = {0};
    json_write(&text, value, JSON_COMPACT);
    const char *result = arena_copy(writing->arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

/* ---- the beginning ---- */

static void write_place(struct writing *writing, const struct value *document)
{
    const struct value *place = value_get(document, "place");
    const char *kind = value_get_string(place, "kind");
    const char *database = value_get_string(place, "database");
    const char *series = value_get_string(place, "series");
    const char *size = phrase_size(writing->arena, value_get_integer(place, "bytes", 0));
    if (strcmp(kind, "scratch") == 0)
        buffer_format(writing->output,
                      "tried on a scratch copy of \"%s\" (Odoo %s, %s), which is dropped again\n",
                      value_get_string(place, "source"), series, size);
    else if (strcmp(kind, "run") == 0)
        buffer_format(writing->output,
                      "tried in \"%s\" (Odoo %s, %s), the working database of the run %s, and "
                      "rolled back\n",
                      database, series, size, value_get_string(place, "run"));
    else
        buffer_format(writing->output,
                      "tried inside of the live source \"%s\" (Odoo %s, %s), and rolled back; the "
                      "price: dead rows until the next vacuum, and sequences stay advanced\n",
                      database, series, size);
}

static void write_counts(struct writing *writing, const struct value *summary)
{
    static const struct {
        const char *member, *words;
        enum terminal_tone tone;
    } parts[] = {{"tried", "tried", TERMINAL_GOOD},
                 {"read", "read", TERMINAL_GOOD},
                 {"failed", "failed", TERMINAL_BAD},
                 {"given-up", "given up", TERMINAL_BAD},
                 {"not-run", "not run", TERMINAL_WARNING},
                 {"unforeseen", "not predictable", TERMINAL_NEUTRAL},
                 {"skipped", "skipped in this mode", TERMINAL_NEUTRAL}};
    const char *before = "steps: ";
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int64_t count = value_get_integer(summary, parts[i].member, 0);
        if (count == 0)
            continue;
        buffer_append_string(writing->output, before);
        write_toned(writing, parts[i].tone,
                    arena_format(writing->arena, "%lld %s", (long long)count, parts[i].words));
        before = ", ";
    }
    buffer_format(writing->output, "\nrows: %lld inserted, %lld updated, %lld deleted\n",
                  (long long)value_get_integer(summary, "inserted", 0),
                  (long long)value_get_integer(summary, "updated", 0),
                  (long long)value_get_integer(summary, "deleted", 0));
}

/* ---- modules ---- */

static const char *module_version(const struct value *module)
{
    const char *new = value_get_string(value_get(module, "version"), "new");
    if (new)
        return new;
    return value_get(module, "version_unknown") ? "as its code says" : "";
}

static void write_modules(struct writing *writing, const struct value *document)
{
    static const struct table_column columns[] = {
        {"module", TABLE_LEFT, 12},     {"decision", TABLE_LEFT, 0},
        {"state now", TABLE_LEFT, 0},   {"state after", TABLE_LEFT, 0},
        {"version now", TABLE_LEFT, 0}, {"version after", TABLE_LEFT, 0}};
    const struct value *modules = value_get(document, "modules");
    if (value_count(modules) == 0)
        return;
    struct table *table = table_create(writing->arena, columns, 6);
    for (size_t i = 0; i < value_count(modules); i++) {
        const struct value *module = value_item(modules, i);
        const char *becomes = value_get_string(module, "becomes");
        const char *action = value_get_string(module, "action");
        const struct value *state = value_get(module, "state");
        const char *cells[] = {value_get_string(module, "name"),
                               becomes ? arena_format(writing->arena, "%s to %s", action, becomes)
                                       : action,
                               value_get_string(state, "old"),
                               value_get_string(state, "new"),
                               value_get_string(value_get(module, "version"), "old"),
                               module_version(module)};
        table_add(table, cells);
        if (strcmp(action, "keep") != 0)
            table_mean(table, 1, TERMINAL_WARNING);
    }
    write_title(writing, "Modules");
    table_write(writing->output, table, writing->terminal);
    const struct value *dragged = value_get(document, "dragged");
    for (size_t i = 0; i < value_count(dragged); i++)
        buffer_format(writing->output, "uninstalling %s takes along: %s\n",
                      dragged->as.object.members[i].key,
                      write_value(writing, dragged->as.object.members[i].value));
}

/* ---- settings and records ---- */

static void write_change(struct writing *writing, const char *name, const struct value *change)
{
    buffer_format(writing->output, "    %s: ", name);
    if (value_get(change, "old")) {
        write_toned(writing, TERMINAL_BAD, write_value(writing, value_get(change, "old")));
        buffer_append_string(writing->output, " -> ");
    }
    write_toned(writing, TERMINAL_GOOD, write_value(writing, value_get(change, "new")));
    buffer_append_string(writing->output, value_get_boolean(change, "computed", false)
                                              ? " (computed by Odoo)\n"
                                              : "\n");
}

static void write_settings(struct writing *writing, const struct value *effects)
{
    static const char *const flat[] = {"parameters", "config", "modules"};
    static const char *const nested[] = {"crons", "mail_servers", "records"};
    for (size_t i = 0; i < sizeof flat / sizeof flat[0]; i++) {
        const struct value *all = value_get(effects, flat[i]);
        for (size_t j = 0; j < value_count(all); j++)
            write_change(writing, all->as.object.members[j].key, all->as.object.members[j].value);
    }
    for (size_t i = 0; i < sizeof nested / sizeof nested[0]; i++) {
        const struct value *all = value_get(effects, nested[i]);
        for (size_t j = 0; j < value_count(all); j++) {
            const struct value_member *record = &all->as.object.members[j];
            for (size_t k = 0; k < value_count(record->value); k++)
                write_change(writing,
                             arena_format(writing->arena, "%s %s", record->key,
                                          record->value->as.object.members[k].key),
                             record->value->as.object.members[k].value);
        }
    }
}

static const char *view_arch(const struct value *state)
{
    const char *arch = value_get_string(state, "arch");
    return arch ? arch : "";
}

static void write_views(struct writing *writing, const struct value *views)
{
    for (size_t i = 0; i < value_count(views); i++) {
        const struct value_member *view = &views->as.object.members[i];
        const struct value *old = value_get(view->value, "old");
        const struct value *new = value_get(view->value, "new");
        bool was = value_get_boolean(old, "active", false);
        bool is = value_get_boolean(new, "active", false);
        buffer_format(writing->output, "    %s: %s%s\n", view->key,
                      value_get_string(view->value, "action"),
                      was == is ? ""
                      : is      ? ", becomes active"
                                : ", becomes inactive");
        text_diff_write(writing->output, view_arch(old), view_arch(new), 3, "      ",
                        writing->terminal);
    }
}

/* ---- one step ---- */

static void write_objects(struct writing *writing, const struct value *step)
{
    const struct value *catalogue = value_get(step, "catalogue");
    const struct value *locks = value_get(step, "locks");
    const struct value *rewritten = value_get(step, "rewritten");
    const struct value *sequences = value_get(step, "sequences");
    const struct value *notices = value_get(step, "notices");
    for (size_t i = 0; i < value_count(catalogue); i++) {
        const struct value *object = value_item(catalogue, i);
        buffer_format(writing->output, "    %s %s: %s\n", value_get_string(object, "what"),
                      value_get_string(object, "name"), value_get_string(object, "change"));
    }
    for (size_t i = 0; i < value_count(rewritten); i++) {
        const struct value *table = value_item(rewritten, i);
        buffer_format(writing->output, "    rows of %s as a whole: %lld -> %lld\n",
                      value_get_string(table, "table"),
                      (long long)value_get_integer(table, "old", 0),
                      (long long)value_get_integer(table, "new", 0));
    }
    for (size_t i = 0; i < value_count(sequences); i++) {
        const struct value *sequence = value_item(sequences, i);
        buffer_format(writing->output, "    sequence %s: %s -> %s, which no rollback takes back\n",
                      value_get_string(sequence, "name"),
                      write_value(writing, value_get(sequence, "old")),
                      write_value(writing, value_get(sequence, "new")));
    }
    for (size_t i = 0; i < value_count(locks); i++)
        buffer_format(writing->output, "    locks %s (%s): others wait until it has ended\n",
                      value_get_string(value_item(locks, i), "table"),
                      value_get_string(value_item(locks, i), "mode"));
    for (size_t i = 0; i < value_count(notices); i++)
        buffer_format(writing->output, "    notice: %s\n",
                      write_value(writing, value_item(notices, i)));
}

static void write_scripts(struct writing *writing, const struct value *step)
{
    const struct value *scripts = value_get(step, "scripts");
    const char *unknown = value_get_string(step, "scripts_unknown");
    for (size_t i = 0; i < value_count(scripts); i++) {
        const struct value_member *module = &scripts->as.object.members[i];
        buffer_format(writing->output, "    runs %s:", module->key);
        for (size_t k = 0; k < value_count(module->value); k++)
            buffer_format(writing->output, "%s%s", k > 0 ? ", " : " ",
                          text_line(writing->arena, value_as_string(value_item(module->value, k))));
        buffer_append_character(writing->output, '\n');
    }
    if (scripts && value_count(scripts) == 0)
        buffer_append_string(writing->output, "    runs no migration scripts\n");
    if (unknown)
        buffer_format(writing->output, "    which migration scripts run is not known: %s\n",
                      text_line(writing->arena, unknown));
}

static void write_outcome(struct writing *writing, const struct value *step)
{
    const char *outcome = value_get_string(step, "outcome");
    const char *why = value_get_string(step, "why");
    const struct value *error = value_get(step, "error");
    bool bad = strcmp(outcome, "failed") == 0 || strcmp(outcome, "given-up") == 0;
    buffer_format(writing->output, "  %s  ", value_get_string(step, "id"));
    write_toned(writing,
                bad                                                             ? TERMINAL_BAD
                : strcmp(outcome, "tried") == 0 || strcmp(outcome, "read") == 0 ? TERMINAL_GOOD
                                                                                : TERMINAL_WARNING,
                strcmp(outcome, "unforeseen") == 0 ? "not predictable"
                : strcmp(outcome, "not-run") == 0  ? "not run"
                : strcmp(outcome, "given-up") == 0 ? "given up"
                                                   : outcome);
    buffer_append_character(writing->output, '\n');
    if (why)
        buffer_format(writing->output, "    %s\n", why);
    write_scripts(writing, step);
    if (error)
        buffer_format(writing->output, "    %s\n",
                      text_line(writing->arena, value_get_string(error, "message")));
    if (error && value_get_string(step, "sql"))
        buffer_append_string(writing->output,
                             "    it was taken back, and the steps behind it that need what it "
                             "does were tried without\n");
    if (value_get_string(error, "help"))
        buffer_format(writing->output, "    help: %s\n", value_get_string(error, "help"));
}

static void write_indented(struct writing *writing, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        buffer_format(writing->output, "    | %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void write_step(struct writing *writing, const struct value *step)
{
    const struct value *effects = value_get(step, "effects");
    const struct value *tables = value_get(step, "tables");
    bool settings = strncmp(value_get_string(step, "kind"), "settings.", 9) == 0;
    bool shown = strcmp(value_get_string(step, "outcome"), "not-run") == 0;
    write_outcome(writing, step);
    if (shown && value_get_string(step, "sql"))
        write_indented(writing, value_get_string(step, "sql"));
    write_settings(writing, effects);
    if (value_get_integer(step, "unchanged", 0) > 0)
        buffer_format(writing->output, "    %lld as they are to be already\n",
                      (long long)value_get_integer(step, "unchanged", 0));
    write_views(writing, value_get(effects, "views"));
    for (size_t i = 0; !settings && i < value_count(tables); i++)
        write_table(writing, value_item(tables, i));
    write_objects(writing, step);
    bool nothing = strcmp(value_get_string(step, "outcome"), "tried") == 0 && !settings &&
                   value_count(tables) == 0 && value_count(value_get(step, "catalogue")) == 0;
    if (nothing)
        buffer_append_string(writing->output,
                             "    changes no rows, and nothing else that is looked at\n");
}

void diff_write(struct buffer *output, const struct value *document,
                const struct terminal *terminal)
{
    struct writing writing = {.arena = arena_create(), .output = output, .terminal = terminal};
    const struct value *steps = value_get(document, "steps");
    const char *phase = "";
    write_place(&writing, document);
    write_counts(&writing, value_get(document, "summary"));
    write_modules(&writing, document);
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value *step = value_item(steps, i);
        if (strcmp(value_get_string(step, "phase"), phase) != 0)
            write_title(&writing, phase = value_get_string(step, "phase"));
        write_step(&writing, step);
    }
    arena_destroy(writing.arena);
}
