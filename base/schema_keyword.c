#include <stddef.h>
#include <string.h>

#include "base/schema_compile.h"

/* A keyword and how its argument is taken. `offset` tells apart those that are taken alike: where
 * in the node, or in its rules for numbers, the result goes. */
struct keyword {
    const char *name;
    void (*take)(struct subject *subject, const struct keyword *keyword,
                 const struct value *argument);
    size_t offset;
};

static const char *subject_path(struct subject *subject, const struct keyword *keyword)
{
    return schema_path_join(subject->compiler->arena, subject->path, keyword->name);
}

static void refuse(struct subject *subject, const struct keyword *keyword, const char *what)
{
    schema_compile_fail(subject->compiler, subject_path(subject, keyword), what);
}

static void *make(struct subject *subject, size_t count, size_t size)
{
    return arena_allocate(subject->compiler->arena, (count ? count : 1) * size);
}

static struct number_rules *number_rules(struct subject *subject)
{
    if (!subject->node->number)
        subject->node->number = make(subject, 1, sizeof(struct number_rules));
    return subject->node->number;
}

static struct string_rules *string_rules(struct subject *subject)
{
    if (!subject->node->string) {
        subject->node->string = make(subject, 1, sizeof(struct string_rules));
        subject->node->string->length.maximum = SIZE_MAX;
    }
    return subject->node->string;
}

static struct array_rules *array_rules(struct subject *subject)
{
    if (!subject->node->array) {
        subject->node->array = make(subject, 1, sizeof(struct array_rules));
        subject->node->array->count.maximum = SIZE_MAX;
    }
    return subject->node->array;
}

static struct object_rules *object_rules(struct subject *subject)
{
    if (!subject->node->object) {
        subject->node->object = make(subject, 1, sizeof(struct object_rules));
        subject->node->object->count.maximum = SIZE_MAX;
    }
    return subject->node->object;
}

/* Arguments of the kinds that several keywords take. */

static size_t read_count(struct subject *subject, const struct keyword *keyword,
                         const struct value *argument)
{
    if (argument->kind == VALUE_INTEGER && argument->as.integer >= 0)
        return (size_t)argument->as.integer;
    if (argument->kind == VALUE_REAL && argument->as.real >= 0 && argument->as.real < 0x1p53 &&
        schema_number_is_whole(argument))
        return (size_t)argument->as.real;
    refuse(subject, keyword, "this must be a whole number, 0 or more");
    return 0;
}

static struct name_list read_names(struct subject *subject, const struct keyword *keyword,
                                   const struct value *argument)
{
    struct name_list names = {.items = make(subject, value_count(argument), sizeof(char *))};
    if (argument->kind != VALUE_ARRAY)
        refuse(subject, keyword, "this must be an array of strings");
    for (size_t i = 0; argument->kind == VALUE_ARRAY && i < argument->as.array.count; i++) {
        const char *name = value_as_string(argument->as.array.items[i]);
        if (name)
            names.items[names.count++] = name;
        else
            refuse(subject, keyword, "this must be an array of strings");
    }
    return names;
}

/* An object's members; none, and an error, where it is no object. */
static size_t read_members(struct subject *subject, const struct keyword *keyword,
                           const struct value *argument, const struct value_member **members)
{
    *members = NULL;
    if (argument->kind != VALUE_OBJECT) {
        refuse(subject, keyword, "this must be an object");
        return 0;
    }
    *members = argument->as.object.members;
    return argument->as.object.count;
}

static struct node *read_member_node(struct subject *subject, const struct keyword *keyword,
                                     const struct value_member *member)
{
    const char *path =
        schema_path_join(subject->compiler->arena, subject_path(subject, keyword), member->key);
    return schema_compile(subject->compiler, member->value, path);
}

static struct node *read_node(struct subject *subject, const struct keyword *keyword,
                              const struct value *argument)
{
    return schema_compile(subject->compiler, argument, subject_path(subject, keyword));
}

static struct node_list read_nodes(struct subject *subject, const struct keyword *keyword,
                                   const struct value *argument)
{
    struct node_list list = {0};
    if (value_item(argument, 0) == NULL) {
        refuse(subject, keyword, "this must be an array of at least one schema");
        return list;
    }
    const char *path = subject_path(subject, keyword);
    list.count = argument->as.array.count;
    list.items = make(subject, list.count, sizeof(struct node *));
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = schema_compile(subject->compiler, argument->as.array.items[i],
                                       arena_format(subject->compiler->arena, "%s/%zu", path, i));
    return list;
}

static const struct pattern *read_pattern(struct subject *subject, const struct keyword *keyword,
                                          const char *text)
{
    const char *reason;
    const struct pattern *pattern = schema_pattern_create(subject->compiler->arena, text, &reason);
    if (!pattern)
        refuse(subject, keyword, reason);
    return pattern;
}

/* One function for each way of taking an argument. */

static void take_annotation(struct subject *subject, const struct keyword *keyword,
                            const struct value *argument)
{
    (void)subject, (void)keyword, (void)argument; /* says nothing about what is valid */
}

static void take_root_annotation(struct subject *subject, const struct keyword *keyword,
                                 const struct value *argument)
{
    (void)argument;
    if (subject->path[0] != '\0')
        refuse(subject, keyword, "this can only stand at the top");
}

static void take_text(struct subject *subject, const struct keyword *keyword,
                      const struct value *argument)
{
    const char *text = value_as_string(argument);
    if (!text)
        refuse(subject, keyword, "this must be a string");
    *(const char **)((char *)subject->node + keyword->offset) = text;
}

static void take_node(struct subject *subject, const struct keyword *keyword,
                      const struct value *argument)
{
    *(struct node **)((char *)subject->node + keyword->offset) =
        read_node(subject, keyword, argument);
}

static void take_nodes(struct subject *subject, const struct keyword *keyword,
                       const struct value *argument)
{
    *(struct node_list *)((char *)subject->node + keyword->offset) =
        read_nodes(subject, keyword, argument);
}

static void take_definitions(struct subject *subject, const struct keyword *keyword,
                             const struct value *argument)
{
    const struct value_member *members;
    size_t count = read_members(subject, keyword, argument, &members);
    for (size_t i = 0; i < count; i++)
        read_member_node(subject, keyword, &members[i]);
}

static void take_reference(struct subject *subject, const struct keyword *keyword,
                           const struct value *argument)
{
    const char *text = value_as_string(argument);
    subject->node->reference = schema_compile_reference(subject->compiler, text ? text : "",
                                                        subject_path(subject, keyword));
}

static unsigned type_named(const char *name)
{
    static const struct {
        const char *name;
        unsigned types;
    } known[] = {{"null", TYPE_NULL},     {"boolean", TYPE_BOOLEAN}, {"integer", TYPE_INTEGER},
                 {"number", TYPE_NUMBER}, {"string", TYPE_STRING},   {"array", TYPE_ARRAY},
                 {"object", TYPE_OBJECT}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i].name) == 0)
            return known[i].types;
    return 0;
}

static void take_type(struct subject *subject, const struct keyword *keyword,
                      const struct value *argument)
{
    const char *single = value_as_string(argument);
    struct name_list names = {.items = &single, .count = 1};
    if (!single)
        names = read_names(subject, keyword, argument);
    if (names.count == 0)
        refuse(subject, keyword, "at least one type must be named");
    for (size_t i = 0; i < names.count; i++) {
        unsigned types = type_named(names.items[i]);
        if (types == 0)
            refuse(subject, keyword, "there is no such type");
        subject->node->types |= types;
    }
}

static void take_enum(struct subject *subject, const struct keyword *keyword,
                      const struct value *argument)
{
    if (argument->kind != VALUE_ARRAY)
        refuse(subject, keyword, "this must be an array");
    size_t count = argument->kind == VALUE_ARRAY ? argument->as.array.count : 0;
    struct choices *choices = make(subject, 1, sizeof *choices);
    choices->strings = map_create(subject->compiler->arena);
    choices->items = make(subject, count, sizeof *choices->items);
    choices->count = count;
    for (size_t i = 0; i < count; i++) {
        choices->items[i] = argument->as.array.items[i];
        if (choices->items[i]->kind == VALUE_STRING)
            map_set(choices->strings, choices->items[i]->as.string.bytes, choices);
    }
    subject->node->choices = choices;
}

static void take_constant(struct subject *subject, const struct keyword *keyword,
                          const struct value *argument)
{
    (void)keyword;
    subject->node->constant = argument;
}

static void take_bound(struct subject *subject, const struct keyword *keyword,
                       const struct value *argument)
{
    if (argument->kind != VALUE_INTEGER && argument->kind != VALUE_REAL)
        refuse(subject, keyword, "this must be a number");
    *(const struct value **)((char *)number_rules(subject) + keyword->offset) = argument;
}

static void take_divisor(struct subject *subject, const struct keyword *keyword,
                         const struct value *argument)
{
    static const struct value zero = {.kind = VALUE_INTEGER};
    take_bound(subject, keyword, argument);
    bool number = argument->kind == VALUE_INTEGER || argument->kind == VALUE_REAL;
    if (number && schema_number_compare(argument, &zero) <= 0)
        refuse(subject, keyword, "this must be more than 0");
}

static void take_minimum_length(struct subject *subject, const struct keyword *keyword,
                                const struct value *argument)
{
    string_rules(subject)->length.minimum = read_count(subject, keyword, argument);
}

static void take_maximum_length(struct subject *subject, const struct keyword *keyword,
                                const struct value *argument)
{
    string_rules(subject)->length.maximum = read_count(subject, keyword, argument);
}

static void take_pattern(struct subject *subject, const struct keyword *keyword,
                         const struct value *argument)
{
    const char *text = value_as_string(argument);
    if (!text)
        refuse(subject, keyword, "this must be a string");
    else
        string_rules(subject)->pattern = read_pattern(subject, keyword, text);
}

static void take_format(struct subject *subject, const struct keyword *keyword,
                        const struct value *argument)
{
    const char *name = value_as_string(argument);
    const struct format *format = name ? schema_format_find(name) : NULL;
    if (!format)
        refuse(subject, keyword, "there is no such format");
    string_rules(subject)->format = format;
}

static void take_minimum_items(struct subject *subject, const struct keyword *keyword,
                               const struct value *argument)
{
    array_rules(subject)->count.minimum = read_count(subject, keyword, argument);
}

static void take_maximum_items(struct subject *subject, const struct keyword *keyword,
                               const struct value *argument)
{
    array_rules(subject)->count.maximum = read_count(subject, keyword, argument);
}

static void take_unique(struct subject *subject, const struct keyword *keyword,
                        const struct value *argument)
{
    if (argument->kind != VALUE_BOOLEAN)
        refuse(subject, keyword, "this must be true or false");
    array_rules(subject)->unique = argument->kind == VALUE_BOOLEAN && argument->as.boolean;
}

static void take_items(struct subject *subject, const struct keyword *keyword,
                       const struct value *argument)
{
    array_rules(subject)->items = read_node(subject, keyword, argument);
}

static void take_prefix(struct subject *subject, const struct keyword *keyword,
                        const struct value *argument)
{
    array_rules(subject)->prefix = read_nodes(subject, keyword, argument);
}

static void take_contains(struct subject *subject, const struct keyword *keyword,
                          const struct value *argument)
{
    array_rules(subject)->contains = read_node(subject, keyword, argument);
}

static void take_minimum_members(struct subject *subject, const struct keyword *keyword,
                                 const struct value *argument)
{
    object_rules(subject)->count.minimum = read_count(subject, keyword, argument);
}

static void take_maximum_members(struct subject *subject, const struct keyword *keyword,
                                 const struct value *argument)
{
    object_rules(subject)->count.maximum = read_count(subject, keyword, argument);
}

static void take_properties(struct subject *subject, const struct keyword *keyword,
                            const struct value *argument)
{
    const struct value_member *members;
    size_t count = read_members(subject, keyword, argument, &members);
    struct object_rules *rules = object_rules(subject);
    rules->properties = map_create(subject->compiler->arena);
    rules->names.items = make(subject, count, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        map_add(rules->properties, members[i].key, read_member_node(subject, keyword, &members[i]));
        rules->names.items[rules->names.count++] = members[i].key;
    }
}

static void take_pattern_properties(struct subject *subject, const struct keyword *keyword,
                                    const struct value *argument)
{
    const struct value_member *members;
    struct object_rules *rules = object_rules(subject);
    rules->pattern_count = read_members(subject, keyword, argument, &members);
    rules->patterns = make(subject, rules->pattern_count, sizeof *rules->patterns);
    for (size_t i = 0; i < rules->pattern_count; i++) {
        rules->patterns[i].pattern = read_pattern(subject, keyword, members[i].key);
        rules->patterns[i].node = read_member_node(subject, keyword, &members[i]);
    }
}

static void take_additional(struct subject *subject, const struct keyword *keyword,
                            const struct value *argument)
{
    object_rules(subject)->additional = read_node(subject, keyword, argument);
}

static void take_key_names(struct subject *subject, const struct keyword *keyword,
                           const struct value *argument)
{
    object_rules(subject)->keys = read_node(subject, keyword, argument);
}

static void take_required(struct subject *subject, const struct keyword *keyword,
                          const struct value *argument)
{
    object_rules(subject)->required = read_names(subject, keyword, argument);
}

static void take_dependencies(struct subject *subject, const struct keyword *keyword,
                              const struct value *argument)
{
    const struct value_member *members;
    struct object_rules *rules = object_rules(subject);
    rules->dependency_count = read_members(subject, keyword, argument, &members);
    rules->dependencies = make(subject, rules->dependency_count, sizeof *rules->dependencies);
    for (size_t i = 0; i < rules->dependency_count; i++) {
        rules->dependencies[i].key = members[i].key;
        rules->dependencies[i].required = read_names(subject, keyword, members[i].value);
    }
}

static const struct keyword keywords[] = {
    {"$schema", take_root_annotation, 0},
    {"$id", take_root_annotation, 0},
    {"$comment", take_annotation, 0},
    {"description", take_annotation, 0},
    {"default", take_annotation, 0},
    {"examples", take_annotation, 0},
    {"deprecated", take_annotation, 0},
    {"title", take_text, offsetof(struct node, title)},
    {"x-help", take_text, offsetof(struct node, help)},
    {"x-diagnostic", take_text, offsetof(struct node, diagnostic)},
    {"$defs", take_definitions, 0},
    {"$ref", take_reference, 0},
    {"allOf", take_nodes, offsetof(struct node, all_of)},
    {"anyOf", take_nodes, offsetof(struct node, any_of)},
    {"oneOf", take_nodes, offsetof(struct node, one_of)},
    {"not", take_node, offsetof(struct node, negation)},
    {"if", take_node, offsetof(struct node, condition)},
    {"then", take_node, offsetof(struct node, consequence)},
    {"else", take_node, offsetof(struct node, alternative)},
    {"type", take_type, 0},
    {"enum", take_enum, 0},
    {"const", take_constant, 0},
    {"minimum", take_bound, offsetof(struct number_rules, minimum)},
    {"maximum", take_bound, offsetof(struct number_rules, maximum)},
    {"exclusiveMinimum", take_bound, offsetof(struct number_rules, above)},
    {"exclusiveMaximum", take_bound, offsetof(struct number_rules, below)},
    {"multipleOf", take_divisor, offsetof(struct number_rules, divisor)},
    {"minLength", take_minimum_length, 0},
    {"maxLength", take_maximum_length, 0},
    {"pattern", take_pattern, 0},
    {"format", take_format, 0},
    {"minItems", take_minimum_items, 0},
    {"maxItems", take_maximum_items, 0},
    {"uniqueItems", take_unique, 0},
    {"items", take_items, 0},
    {"prefixItems", take_prefix, 0},
    {"contains", take_contains, 0},
    {"minProperties", take_minimum_members, 0},
    {"maxProperties", take_maximum_members, 0},
    {"properties", take_properties, 0},
    {"patternProperties", take_pattern_properties, 0},
    {"additionalProperties", take_additional, 0},
    {"propertyNames", take_key_names, 0},
    {"required", take_required, 0},
    {"dependentRequired", take_dependencies, 0},
};

void schema_compile_keyword(struct subject *subject, const struct value_member *member)
{
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (strcmp(member->key, keywords[i].name) == 0) {
            keywords[i].take(subject, &keywords[i], member->value);
            return;
        }
    }
    struct keyword unknown = {.name = member->key};
    refuse(subject, &unknown, "this keyword is not known here");
}
