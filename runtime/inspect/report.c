#include "runtime/inspect/report.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/report/phrase.h"

#define NAMES_SHOWN 6 /* of the customer's own things, on a line */

/* At most `limit` of them, and how many more there are. */
static const char *join(struct arena *arena, const struct value *names, const char *separator,
                        size_t limit)
{
    struct buffer text = {0};
    size_t count = value_count(names);
    for (size_t i = 0; i < count && i < limit; i++)
        buffer_format(&text, "%s%s", i > 0 ? separator : "", value_as_string(value_item(names, i)));
    if (count > limit)
        buffer_format(&text, " and %zu more", count - limit);
    const char *joined = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return joined;
}

static const char *number(struct arena *arena, int64_t count)
{
    return arena_format(arena, "%" PRId64, count);
}

/* "19.0.1.0.3", "renamed: x", "not there". */
static const char *describe_fate(struct arena *arena, const struct inspected_module *module)
{
    if (module->fate == FATE_THERE && module->fate_detail)
        return module->fate_detail;
    if (module->successor)
        return arena_format(arena, "%s: %s", module_fate_name(module->fate), module->successor);
    return module_fate_name(module->fate);
}

/* ---- the summary ---- */

struct summary {
    size_t installed, by_class[MODULE_CLASS_COUNT], by_work[WORK_COUNT];
};

static struct summary summarize(const struct inspection *inspection)
{
    struct summary summary = {0};
    for (size_t i = 0; i < inspection->count; i++) {
        const struct inspected_module *module = &inspection->modules[i];
        if (!module->installed)
            continue;
        summary.installed++;
        summary.by_class[module->class]++;
        summary.by_work[module->work]++;
    }
    return summary;
}

static const char *summarize_work(struct arena *arena, const struct summary *summary)
{
    const char *text = "";
    for (enum module_work work = WORK_KEEP; work < WORK_COUNT; work++)
        if (summary->by_work[work] > 0)
            text = arena_format(arena, "%s%s%zu %s", text, text[0] ? ", " : "",
                                summary->by_work[work], module_work_name(work));
    return text[0] ? text : "none, as there is no third-party module";
}

/* The lines of the summary, without markup. */
static const char *const *summary_lines(struct arena *arena, const struct inspection *inspection)
{
    struct summary summary = summarize(inspection);
    const char **lines = arena_allocate(arena, 5 * sizeof *lines);
    lines[0] =
        arena_format(arena, "Database %s: Odoo %s on PostgreSQL %s, %s.",
                     value_get_string(inspection->facts.database, "name"), inspection->series,
                     value_get_string(inspection->facts.database, "server"),
                     phrase_size(arena, value_get_integer(inspection->facts.database, "bytes", 0)));
    const char *imported =
        summary.by_class[MODULE_IMPORTED] > 0
            ? arena_format(arena, ", %zu imported", summary.by_class[MODULE_IMPORTED])
            : "";
    lines[1] = arena_format(
        arena,
        "%zu of %zu modules are installed: %zu of Odoo's Community, %zu Enterprise, "
        "%zu third-party%s.",
        summary.installed, inspection->count, summary.by_class[MODULE_COMMUNITY],
        summary.by_class[MODULE_ENTERPRISE], summary.by_class[MODULE_THIRD_PARTY], imported);
    lines[2] = inspection->target_version
                   ? arena_format(arena, "Target: Odoo %s (%s), which was asked for its modules.",
                                  inspection->target, inspection->target_version)
                   : arena_format(arena, "Target: Odoo %s; what it has is not known: %s.",
                                  inspection->target, inspection->target_problem);
    lines[3] =
        arena_format(arena, "Work on third-party modules: %s.", summarize_work(arena, &summary));
    return lines;
}

/* ---- tables ---- */

static const struct table_column module_columns[] = {
    {"module", TABLE_LEFT, 16}, {"version", TABLE_LEFT, 8},        {"author", TABLE_LEFT, 8},
    {"licence", TABLE_LEFT, 0}, {"needed by", TABLE_LEFT, 9},      {"rows", TABLE_RIGHT, 0},
    {"size", TABLE_RIGHT, 0},   {"at the target", TABLE_LEFT, 13}, {"work", TABLE_LEFT, 0},
    {"why", TABLE_LEFT, 16},
};

static enum terminal_tone work_tone(enum module_work work)
{
    static const enum terminal_tone tones[WORK_COUNT] = {
        [WORK_NONE] = TERMINAL_FAINT,      [WORK_KEEP] = TERMINAL_GOOD,
        [WORK_REPLACE] = TERMINAL_WARNING, [WORK_MIGRATE] = TERMINAL_BAD,
        [WORK_REMOVE] = TERMINAL_WARNING,  [WORK_UNDECIDED] = TERMINAL_WARNING};
    return tones[work];
}

static struct table *make_work_table(struct arena *arena, const struct inspection *inspection)
{
    struct table *table =
        table_create(arena, module_columns, sizeof module_columns / sizeof module_columns[0]);
    for (size_t i = 0; i < inspection->count; i++) {
        const struct inspected_module *module = &inspection->modules[i];
        if (module->work == WORK_NONE)
            continue;
        bool owns = module->tables > 0;
        const char *const cells[] = {module->name,
                                     module->version,
                                     inspected_author(arena, module),
                                     module->license,
                                     join(arena, module->needed, ", ", 3),
                                     owns ? number(arena, module->rows) : "",
                                     owns ? phrase_size(arena, module->bytes) : "",
                                     describe_fate(arena, module),
                                     module_work_name(module->work),
                                     module->reason};
        table_add(table, cells);
        table_mean(table, 8, work_tone(module->work));
    }
    return table;
}

static const struct table_column all_columns[] = {
    {"module", TABLE_LEFT, 16},        {"state", TABLE_LEFT, 0}, {"version", TABLE_LEFT, 8},
    {"whose", TABLE_LEFT, 0},          {"by", TABLE_LEFT, 12},   {"author", TABLE_LEFT, 8},
    {"licence", TABLE_LEFT, 0},        {"rows", TABLE_RIGHT, 0}, {"size", TABLE_RIGHT, 0},
    {"at the target", TABLE_LEFT, 13},
};

static struct table *make_all_table(struct arena *arena, const struct inspection *inspection)
{
    struct table *table =
        table_create(arena, all_columns, sizeof all_columns / sizeof all_columns[0]);
    for (size_t i = 0; i < inspection->count; i++) {
        const struct inspected_module *module = &inspection->modules[i];
        bool owns = module->tables > 0;
        const char *const cells[] = {module->name,
                                     module->state,
                                     module->version,
                                     module_class_name(module->class),
                                     module->evidence,
                                     inspected_author(arena, module),
                                     module->license,
                                     owns ? number(arena, module->rows) : "",
                                     owns ? phrase_size(arena, module->bytes) : "",
                                     describe_fate(arena, module)};
        table_add(table, cells);
        if (!module->installed)
            table_mean(table, 1, TERMINAL_FAINT);
        if (module->class == MODULE_THIRD_PARTY)
            table_mean(table, 3, TERMINAL_WARNING);
    }
    return table;
}

static const struct table_column custom_columns[] = {
    {"the customer's own", TABLE_LEFT, 0}, {"count", TABLE_RIGHT, 0}, {"names", TABLE_LEFT, 20}};

static struct table *make_custom_table(struct arena *arena, const struct inspection *inspection,
                                       size_t limit)
{
    struct table *table = table_create(arena, custom_columns, 3);
    for (size_t i = 0; i < value_count(inspection->facts.custom); i++) {
        const struct value *entry = value_item(inspection->facts.custom, i);
        const struct value *names = value_get(entry, "names");
        if (value_count(names) == 0)
            continue;
        const char *const cells[] = {value_get_string(entry, "title"),
                                     number(arena, (int64_t)value_count(names)),
                                     join(arena, names, ", ", limit)};
        table_add(table, cells);
    }
    return table;
}

static const char *rows_note(const struct inspection *inspection, bool all)
{
    return inspection->exact || !all ? ""
                                     : "Rows of Odoo's own modules are as many as the server's "
                                       "statistics say; --exact counts them.\n";
}

/* Odoo's own modules that the target no longer has under their names. */
static const char *list_gone(struct arena *arena, const struct inspection *inspection)
{
    const char *text = "";
    for (size_t i = 0; i < inspection->count; i++) {
        const struct inspected_module *module = &inspection->modules[i];
        bool gone = module->fate == FATE_ABSENT || module->successor;
        if (!module->installed || module->class == MODULE_THIRD_PARTY || !gone)
            continue;
        text = arena_format(arena, "%s%s%s%s%s%s", text, text[0] ? ", " : "", module->name,
                            module->successor ? " (" : "",
                            module->successor ? describe_fate(arena, module) : "",
                            module->successor ? ")" : "");
    }
    return text;
}

void inspection_write(struct buffer *output, const struct inspection *inspection, bool all,
                      const struct terminal *terminal)
{
    struct arena *arena = arena_create();
    const char *const *lines = summary_lines(arena, inspection);
    for (; *lines; lines++)
        buffer_format(output, "%s\n", *lines);
    const char *gone = list_gone(arena, inspection);
    if (gone[0])
        buffer_format(output, "Odoo's own that %s no longer has under these names: %s.\n",
                      inspection->target, gone);
    const struct table *modules =
        all ? make_all_table(arena, inspection) : make_work_table(arena, inspection);
    const struct table *custom = make_custom_table(arena, inspection, NAMES_SHOWN);
    if (table_rows(modules) > 0) {
        buffer_append_character(output, '\n');
        table_write(output, modules, terminal);
        buffer_append_string(output, rows_note(inspection, all));
    }
    buffer_append_character(output, '\n');
    if (table_rows(custom) > 0)
        table_write(output, custom, terminal);
    else
        buffer_append_string(output, "The customer has made nothing of their own.\n");
    arena_destroy(arena);
}

void inspection_write_markdown(struct buffer *output, const struct inspection *inspection, bool all)
{
    struct arena *arena = arena_create();
    const char *const *lines = summary_lines(arena, inspection);
    buffer_format(output, "# %s, Odoo %s to %s\n\n",
                  value_get_string(inspection->facts.database, "name"), inspection->series,
                  inspection->target);
    for (; *lines; lines++)
        buffer_format(output, "- %s\n", *lines);
    buffer_format(output, "\n## %s\n\n", all ? "Modules" : "Third-party modules");
    table_write_markdown(output, all ? make_all_table(arena, inspection)
                                     : make_work_table(arena, inspection));
    buffer_format(output, "\n%s%s## The customer's own\n\n", rows_note(inspection, all),
                  rows_note(inspection, all)[0] ? "\n" : "");
    table_write_markdown(output, make_custom_table(arena, inspection, SIZE_MAX));
    arena_destroy(arena);
}

/* ---- for programs ---- */

/* Members in this order, of which each module has all. */
static struct value *module_value(struct arena *arena, const struct inspected_module *module)
{
    struct value *value = value_object(arena);
    const struct {
        const char *key, *text;
    } texts[] = {{"name", module->name},
                 {"title", module->title},
                 {"state", module->state},
                 {"version", module->version},
                 {"author", module->author},
                 {"license", module->license},
                 {"class", module_class_name(module->class)},
                 {"evidence", module->evidence},
                 {"fate", module_fate_name(module->fate)},
                 {"successor", module->successor ? module->successor : ""},
                 {"detail", module->fate_detail ? module->fate_detail : ""},
                 {"work", module_work_name(module->work)},
                 {"reason", module->reason ? module->reason : ""}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        value_set(arena, value, texts[i].key, value_string(arena, texts[i].text));
    value_set(arena, value, "tables", value_integer(arena, module->tables));
    value_set(arena, value, "rows", value_integer(arena, module->rows));
    value_set(arena, value, "bytes", value_integer(arena, module->bytes));
    value_set(arena, value, "needed_by",
              module->needed ? value_copy(arena, module->needed) : value_array(arena));
    return value;
}

/* What a cell of a spreadsheet can hold. */
static const char *csv_text(struct arena *arena, const struct value *value)
{
    if (value->kind == VALUE_INTEGER)
        return number(arena, value->as.integer);
    return value->kind == VALUE_ARRAY ? join(arena, value, " ", SIZE_MAX) : value_as_string(value);
}

void inspection_write_csv(struct buffer *output, const struct inspection *inspection)
{
    static const struct inspected_module nothing = {.name = "",
                                                    .title = "",
                                                    .state = "",
                                                    .version = "",
                                                    .author = "",
                                                    .license = "",
                                                    .evidence = ""};
    struct arena *arena = arena_create();
    const struct value *head = module_value(arena, &nothing);
    size_t count = value_count(head);
    struct table_column *columns = arena_allocate(arena, count * sizeof *columns);
    const char **cells = arena_allocate(arena, count * sizeof *cells);
    for (size_t i = 0; i < count; i++)
        columns[i] = (struct table_column){.title = head->as.object.members[i].key};
    struct table *table = table_create(arena, columns, count);
    for (size_t i = 0; i < inspection->count; i++) {
        const struct value *module = module_value(arena, &inspection->modules[i]);
        for (size_t c = 0; c < count; c++)
            cells[c] = csv_text(arena, module->as.object.members[c].value);
        table_add(table, cells);
    }
    table_write_csv(output, table);
    arena_destroy(arena);
}

struct value *inspection_value(struct arena *arena, const struct inspection *inspection)
{
    struct value *document = value_object(arena), *modules = value_array(arena);
    struct value *target = value_object(arena);
    value_set(arena, target, "series", value_string(arena, inspection->target));
    if (inspection->target_version)
        value_set(arena, target, "version", value_string(arena, inspection->target_version));
    else
        value_set(arena, target, "unknown", value_string(arena, inspection->target_problem));
    for (size_t i = 0; i < inspection->count; i++)
        value_append(arena, modules, module_value(arena, &inspection->modules[i]));
    value_set(arena, document, "database", value_copy(arena, inspection->facts.database));
    value_set(arena, document, "target", target);
    value_set(arena, document, "exact", value_boolean(arena, inspection->exact));
    value_set(arena, document, "modules", modules);
    value_set(arena, document, "custom", value_copy(arena, inspection->facts.custom));
    return document;
}
