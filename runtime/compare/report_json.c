#include "runtime/compare/catalog.h"
#include "runtime/compare/report.h"
#include "runtime/compare/upgrade.h"

static struct value *json_text(struct arena *arena, const char *text)
{
    return text ? value_string(arena, text) : value_null(arena);
}

static struct value *json_section(struct arena *arena, const struct comparison *comparison,
                                  const struct compare_result *result)
{
    struct value *section = value_object(arena), *list = value_array(arena);
    for (size_t i = 0; i < result->count; i++) {
        const struct compare_difference *difference = &result->items[i];
        struct value *item = value_object(arena);
        value_set(arena, item, "name", value_string(arena, difference->key));
        for (int side = 0; side < SIDE_COUNT; side++)
            value_set(arena, item, side == SIDE_X ? "x" : "y",
                      json_text(arena, difference->secret && difference->values[side]
                                           ? SECRET_MASK
                                           : difference->values[side]));
        value_append(arena, list, item);
    }
    value_set(arena, section, "compared", value_boolean(arena, result->compared));
    if (result->names_only)
        value_set(arena, section, "names_only", value_boolean(arena, true));
    value_set(arena, section, "counts",
              value_boolean(arena, compare_section_counts(comparison, result->section)));
    value_set(arena, section, "different", list);
    return section;
}

static struct value *json_table(struct arena *arena, const struct compare_table *table)
{
    struct value *item = value_object(arena), *values = value_array(arena);
    for (size_t i = 0; i < table->value_count; i++) {
        struct value *value = value_object(arena);
        value_set(arena, value, "key", value_string(arena, table->values[i].key));
        value_set(arena, value, "column", json_text(arena, table->values[i].column));
        value_set(arena, value, "x", json_text(arena, table->values[i].texts[SIDE_X]));
        value_set(arena, value, "y", json_text(arena, table->values[i].texts[SIDE_Y]));
        value_append(arena, values, value);
    }
    value_set(arena, item, "table", value_string(arena, table->name));
    value_set(arena, item, "rows_x", value_integer(arena, table->rows[SIDE_X]));
    value_set(arena, item, "rows_y", value_integer(arena, table->rows[SIDE_Y]));
    value_set(arena, item, "different", value_integer(arena, table->different));
    value_set(arena, item, "at_least", value_boolean(arena, table->at_least));
    value_set(arena, item, "shown", value_integer(arena, (int64_t)table->shown));
    value_set(arena, item, "values", values);
    return item;
}

static void json_set_differences(struct arena *arena, struct value *document,
                                 const struct comparison *comparison)
{
    struct value *sections = value_object(arena), *tables = value_array(arena);
    for (size_t i = 0; i < compare_section_count(); i++)
        value_set(arena, sections, comparison->sections[i].section->name,
                  json_section(arena, comparison, &comparison->sections[i]));
    for (size_t i = 0; i < comparison->table_count; i++)
        if (comparison->tables[i].differs)
            value_append(arena, tables, json_table(arena, &comparison->tables[i]));
    value_set(arena, document, "sections", sections);
    value_set(arena, document, "tables_compared",
              value_integer(arena, (int64_t)comparison->table_count));
    value_set(arena, document, "tables", tables);
}

struct value *compare_value_of(struct arena *arena, const struct comparison *comparison)
{
    struct value *document = value_object(arena), *unread = value_array(arena);
    for (size_t i = 0; i < comparison->unread_count; i++) {
        struct value *item = value_object(arena);
        value_set(arena, item, "name", value_string(arena, comparison->unread[i].name));
        value_set(arena, item, "why", value_string(arena, comparison->unread[i].why));
        value_append(arena, unread, item);
    }
    value_set(arena, document, comparison->upgrade ? "complete" : "equal",
              value_boolean(arena, compare_is_equal(comparison)));
    value_set(arena, document, "summary", value_string(arena, compare_summary(comparison)));
    value_set(arena, document, "x", value_string(arena, comparison->options->places[SIDE_X].label));
    value_set(arena, document, "y", value_string(arena, comparison->options->places[SIDE_Y].label));
    value_set(arena, document, "tables_left_out",
              value_integer(arena, (int64_t)comparison->left_out));
    value_set(arena, document, "unread", unread);
    if (comparison->upgrade)
        value_set(arena, document, "upgrade", upgrade_value(arena, comparison));
    else
        json_set_differences(arena, document, comparison);
    return document;
}
