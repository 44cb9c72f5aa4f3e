#include <string.h>

#include "base/memory.h"
#include "base/schema_private.h"
#include "base/utf8.h"

unsigned schema_types_of(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        return TYPE_NULL;
    case VALUE_BOOLEAN:
        return TYPE_BOOLEAN;
    case VALUE_INTEGER:
    case VALUE_REAL:
        return schema_number_is_whole(value) ? TYPE_INTEGER | TYPE_NUMBER : TYPE_NUMBER;
    case VALUE_STRING:
        return TYPE_STRING;
    case VALUE_ARRAY:
        return TYPE_ARRAY;
    case VALUE_OBJECT:
        return TYPE_OBJECT;
    }
    return 0;
}

/* Puts `good` into `*valid`; returns whether to stop, because the answer is known and nobody asks
 * for more. */
static bool settle(const struct check *check, bool *valid, bool good)
{
    *valid = *valid && good;
    return !*valid && check->quiet;
}

static bool check_limits(const struct visit *visit, enum counted counted, size_t count,
                         struct limits limits)
{
    if (count < limits.minimum)
        return schema_report_few(visit, counted, limits.minimum);
    if (count > limits.maximum)
        return schema_report_many(visit, counted, limits.maximum);
    return true;
}

static bool check_number(const struct visit *visit)
{
    const struct number_rules *rules = visit->node->number;
    const struct value *value = visit->value;
    bool valid = true;
    if (rules->minimum && schema_number_compare(value, rules->minimum) < 0)
        valid = schema_report_bound(visit, "must be at least", rules->minimum);
    if (rules->maximum && schema_number_compare(value, rules->maximum) > 0)
        valid = schema_report_bound(visit, "must be at most", rules->maximum);
    if (rules->above && schema_number_compare(value, rules->above) <= 0)
        valid = schema_report_bound(visit, "must be more than", rules->above);
    if (rules->below && schema_number_compare(value, rules->below) >= 0)
        valid = schema_report_bound(visit, "must be less than", rules->below);
    if (rules->divisor && !schema_number_is_multiple(value, rules->divisor))
        valid = schema_report_bound(visit, "must be a multiple of", rules->divisor);
    return valid;
}

static bool check_string(const struct visit *visit)
{
    const struct string_rules *rules = visit->node->string;
    const char *bytes = visit->value->as.string.bytes;
    size_t length = visit->value->as.string.length;
    bool bounded = rules->length.minimum > 0 || rules->length.maximum < SIZE_MAX;
    if (bounded &&
        !check_limits(visit, COUNTED_CHARACTERS, utf8_count(bytes, length), rules->length))
        return false; /* what has not the right length need not be told its form */
    if (rules->pattern && !schema_pattern_matches(rules->pattern, bytes, length))
        return schema_report_pattern(visit);
    if (rules->format && !rules->format->accepts(bytes))
        return schema_report_format(visit);
    return true;
}

static bool check_items(const struct visit *visit)
{
    const struct array_rules *rules = visit->node->array;
    const struct value *array = visit->value;
    bool valid = true;
    for (size_t i = 0; i < array->as.array.count; i++) {
        const struct node *item = i < rules->prefix.count ? rules->prefix.items[i] : rules->items;
        if (!item)
            break;
        struct place place = {.parent = visit->place, .index = i};
        bool good = schema_check_node(visit->check, item, array->as.array.items[i], &place);
        if (settle(visit->check, &valid, good))
            return false;
    }
    return valid;
}

static bool has_item(const struct value *array, const struct node *contains)
{
    for (size_t i = 0; i < array->as.array.count; i++)
        if (schema_fits(contains, array->as.array.items[i]))
            return true;
    return false;
}

static bool check_array(const struct visit *visit)
{
    const struct array_rules *rules = visit->node->array;
    const struct value *array = visit->value;
    bool valid = true;
    if (settle(visit->check, &valid,
               check_limits(visit, COUNTED_ITEMS, array->as.array.count, rules->count)))
        return false;
    if (settle(visit->check, &valid, check_items(visit)))
        return false;
    size_t first, second;
    if (rules->unique && schema_find_duplicate(array, &first, &second))
        valid = schema_report_duplicate(visit, first, second);
    if (rules->contains && !has_item(array, rules->contains))
        valid = schema_report_contains(visit);
    return valid;
}

static bool check_key(const struct visit *visit, const struct value_member *member)
{
    const struct value key = {.kind = VALUE_STRING,
                              .quoted = true,
                              .position = member->key_position,
                              .as.string = {member->key, strlen(member->key)}};
    struct place place = {.parent = visit->place, .member = member, .is_key = true};
    return schema_check_node(visit->check, visit->node->object->keys, &key, &place);
}

/* properties, patternProperties, additionalProperties. */
static bool check_member_value(const struct visit *visit, const struct value_member *member)
{
    const struct object_rules *rules = visit->node->object;
    struct place place = {.parent = visit->place, .member = member};
    bool valid = true;
    const struct node *property =
        rules->properties ? map_get(rules->properties, member->key) : NULL;
    bool named = property != NULL;
    if (property && settle(visit->check, &valid,
                           schema_check_node(visit->check, property, member->value, &place)))
        return false;
    for (size_t i = 0; i < rules->pattern_count; i++) {
        const struct pattern_property *pattern = &rules->patterns[i];
        if (!schema_pattern_matches(pattern->pattern, member->key, strlen(member->key)))
            continue;
        named = true;
        if (settle(visit->check, &valid,
                   schema_check_node(visit->check, pattern->node, member->value, &place)))
            return false;
    }
    if (named || !rules->additional)
        return valid;
    if (rules->additional->never)
        return schema_report_unknown_key(visit, member);
    return schema_check_node(visit->check, rules->additional, member->value, &place);
}

static bool check_members(const struct visit *visit)
{
    const struct object_rules *rules = visit->node->object;
    const struct value *object = visit->value;
    bool valid = true;
    for (size_t i = 0; i < object->as.object.count; i++) {
        const struct value_member *member = &object->as.object.members[i];
        if (rules->keys && settle(visit->check, &valid, check_key(visit, member)))
            return false;
        if (settle(visit->check, &valid, check_member_value(visit, member)))
            return false;
    }
    return valid;
}

static bool check_required(const struct visit *visit, const struct name_list *required)
{
    bool valid = true;
    for (size_t i = 0; i < required->count; i++) {
        bool good = value_member(visit->value, required->items[i]) ||
                    schema_report_missing_key(visit, required->items[i], NULL);
        if (settle(visit->check, &valid, good))
            return false;
    }
    return valid;
}

/* Whether one of the first `count` dependencies has reported that the key is missing. */
static bool is_reported(const struct visit *visit, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        const struct dependency *dependency = &visit->node->object->dependencies[i];
        for (size_t j = 0; j < dependency->required.count; j++)
            if (strcmp(dependency->required.items[j], key) == 0 &&
                value_member(visit->value, dependency->key))
                return true;
    }
    return false;
}

/* What the keys that are there ask for; a key that several of them ask for is missing once. */
static bool check_dependencies(const struct visit *visit)
{
    const struct object_rules *rules = visit->node->object;
    bool valid = true;
    for (size_t i = 0; i < rules->dependency_count; i++) {
        const struct dependency *dependency = &rules->dependencies[i];
        if (!value_member(visit->value, dependency->key))
            continue;
        for (size_t j = 0; j < dependency->required.count; j++) {
            const char *key = dependency->required.items[j];
            bool good = value_member(visit->value, key) || is_reported(visit, i, key) ||
                        schema_report_missing_key(visit, key, dependency->key);
            if (settle(visit->check, &valid, good))
                return false;
        }
    }
    return valid;
}

static bool check_object(const struct visit *visit)
{
    const struct object_rules *rules = visit->node->object;
    const struct value *object = visit->value;
    bool valid = true;
    if (settle(visit->check, &valid,
               check_limits(visit, COUNTED_MEMBERS, object->as.object.count, rules->count)))
        return false;
    if (settle(visit->check, &valid, check_required(visit, &rules->required)))
        return false;
    if (settle(visit->check, &valid, check_dependencies(visit)))
        return false;
    return check_members(visit) && valid;
}

static bool is_choice(const struct choices *choices, const struct value *value)
{
    if (value->kind == VALUE_STRING)
        return map_get(choices->strings, value->as.string.bytes) != NULL;
    for (size_t i = 0; i < choices->count; i++)
        if (value_equal(choices->items[i], value))
            return true;
    return false;
}

/* The keywords for this kind of value. */
static bool check_content(const struct visit *visit)
{
    const struct node *node = visit->node;
    switch (visit->value->kind) {
    case VALUE_INTEGER:
    case VALUE_REAL:
        return !node->number || check_number(visit);
    case VALUE_STRING:
        return !node->string || check_string(visit);
    case VALUE_ARRAY:
        return !node->array || check_array(visit);
    case VALUE_OBJECT:
        return !node->object || check_object(visit);
    case VALUE_NULL:
    case VALUE_BOOLEAN:
        break;
    }
    return true;
}

/* $ref: texts beside it go before those of what it refers to. */
static bool check_reference(const struct visit *visit)
{
    const struct node *referrer = visit->place->referrer;
    if (!referrer && (visit->node->help || visit->node->diagnostic))
        visit->place->referrer = visit->node;
    bool valid =
        schema_check_node(visit->check, visit->node->reference, visit->value, visit->place);
    visit->place->referrer = referrer;
    return valid;
}

static bool check_all(const struct visit *visit)
{
    const struct node_list *list = &visit->node->all_of;
    bool valid = true;
    for (size_t i = 0; i < list->count; i++)
        if (settle(visit->check, &valid,
                   schema_check_node(visit->check, list->items[i], visit->value, visit->place)))
            return false;
    return valid;
}

static bool check_condition(const struct visit *visit)
{
    const struct node *node = visit->node;
    if (!node->consequence && !node->alternative)
        return true;
    const struct node *next =
        schema_fits(node->condition, visit->value) ? node->consequence : node->alternative;
    return !next || schema_check_node(visit->check, next, visit->value, visit->place);
}

/* The keywords that put further schemas to the same value. */
static bool check_applied(const struct visit *visit)
{
    const struct node *node = visit->node;
    bool valid = true;
    if (node->reference && settle(visit->check, &valid, check_reference(visit)))
        return false;
    if (settle(visit->check, &valid, check_all(visit)))
        return false;
    if (node->any_of.count > 0 && settle(visit->check, &valid, schema_check_any(visit)))
        return false;
    if (node->one_of.count > 0 && settle(visit->check, &valid, schema_check_one(visit)))
        return false;
    if (node->condition && settle(visit->check, &valid, check_condition(visit)))
        return false;
    if (node->negation && schema_fits(node->negation, visit->value))
        return schema_report_never(visit);
    return valid;
}

bool schema_check_node(struct check *check, const struct node *node, const struct value *value,
                       struct place *place)
{
    const struct visit visit = {.check = check, .node = node, .value = value, .place = place};
    if (node->never)
        return schema_report_never(&visit);
    if (node->types && !(node->types & schema_types_of(value)))
        return schema_report_type(&visit, node->types); /* then the rest has nothing to say */
    bool valid = true;
    if (node->constant && !value_equal(node->constant, value) &&
        settle(check, &valid, schema_report_choice(&visit, &node->constant, 1)))
        return false;
    if (node->choices && !is_choice(node->choices, value) &&
        settle(check, &valid,
               schema_report_choice(&visit, node->choices->items, node->choices->count)))
        return false;
    if (settle(check, &valid, check_content(&visit)))
        return false;
    return check_applied(&visit) && valid;
}

bool schema_fits(const struct node *node, const struct value *value)
{
    struct check check = {.quiet = true};
    struct place place = {0};
    return schema_check_node(&check, node, value, &place);
}

bool schema_accepts(const struct schema *schema, const struct value *value)
{
    return schema_fits(schema->root, value);
}

bool schema_check(const struct schema *schema, const struct value *value,
                  struct diagnostics *diagnostics)
{
    struct check check = {.arena = diagnostics->arena};
    struct place place = {0};
    bool valid = schema_check_node(&check, schema->root, value, &place);
    for (size_t i = 0; i < check.count; i++) {
        const struct diagnostic *violation = &check.violations[i];
        struct diagnostic *item = diagnostics_add(diagnostics, violation->name, violation->position,
                                                  "%s", violation->message);
        item->length = violation->length;
        item->help = violation->help;
    }
    memory_release(check.violations);
    return valid;
}
