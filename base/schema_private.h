/* A schema prepared for checking, as the parts of the validator share it. */
#ifndef BASE_SCHEMA_PRIVATE_H
#define BASE_SCHEMA_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/schema.h"

/* JSON Schema's types as a set. A whole number is an integer and a number. */
enum type {
    TYPE_NULL = 1 << 0,
    TYPE_BOOLEAN = 1 << 1,
    TYPE_INTEGER = 1 << 2,
    TYPE_NUMBER = 1 << 3,
    TYPE_STRING = 1 << 4,
    TYPE_ARRAY = 1 << 5,
    TYPE_OBJECT = 1 << 6,
    TYPE_ANY = (1 << 7) - 1,
};

struct node_list {
    struct node **items;
    size_t count;
};

struct name_list {
    const char **items;
    size_t count;
};

struct number_rules {
    const struct value *minimum, *maximum; /* NULL: no bound */
    const struct value *above, *below;     /* exclusiveMinimum, exclusiveMaximum */
    const struct value *divisor;           /* multipleOf */
};

struct limits {
    size_t minimum;
    size_t maximum; /* SIZE_MAX: none */
};

struct string_rules {
    struct limits length; /* in characters */
    const struct pattern *pattern;
    const struct format *format;
};

struct array_rules {
    struct limits count;
    bool unique;
    struct node_list prefix;
    struct node *items; /* for those behind the prefix */
    struct node *contains;
};

struct pattern_property {
    const struct pattern *pattern;
    struct node *node;
};

struct dependency {
    const char *key;
    struct name_list required;
};

struct object_rules {
    struct limits count;
    struct map *properties; /* from key to struct node */
    struct name_list names; /* the keys of `properties` */
    struct pattern_property *patterns;
    size_t pattern_count;
    struct node *additional;
    struct node *keys; /* propertyNames */
    struct name_list required;
    struct dependency *dependencies;
    size_t dependency_count;
};

/* enum */
struct choices {
    const struct value **items;
    size_t count;
    struct map *strings; /* those that are strings */
};

/* One schema object. Whatever is NULL or 0 is not asked for. */
struct node {
    const char *title, *help, *diagnostic; /* title, x-help, x-diagnostic */
    bool never;                            /* the boolean schema false */
    unsigned types;                        /* 0: any */
    const struct value *constant;
    struct choices *choices;
    struct number_rules *number;
    struct string_rules *string;
    struct array_rules *array;
    struct object_rules *object;
    struct node *reference;
    struct node_list all_of, any_of, one_of;
    struct node *negation;
    struct node *condition, *consequence, *alternative; /* if, then, else */
    enum { NODE_NEW, NODE_OPEN, NODE_CLOSED } visit;    /* of the search for circles */
};

struct schema {
    struct node *root;
};

/* schema_pattern.c: a regular expression of ECMA 262, as far as PCRE2 reads it alike. Returns NULL
 * and says why in `*reason` where it is none. */
struct pattern;
const struct pattern *schema_pattern_create(struct arena *arena, const char *text,
                                            const char **reason);
bool schema_pattern_matches(const struct pattern *pattern, const char *text, size_t length);
const char *schema_pattern_text(const struct pattern *pattern);

/* schema_format.c */
struct format {
    const char *name;
    bool (*accepts)(const char *text);
    const char *message; /* behind the name of the value: "is not a date" */
    const char *help;
};
const struct format *schema_format_find(const char *name);

/* schema_number.c: exact also where a 64-bit integer has no double of its own. */
int schema_number_compare(const struct value *left, const struct value *right);
bool schema_number_is_multiple(const struct value *number, const struct value *divisor);
bool schema_number_is_whole(const struct value *number);

/* schema_unique.c: the first item that equals one before it; its number and the other's. */
bool schema_find_duplicate(const struct value *array, size_t *first, size_t *second);

/* Where the value being checked stands, as a chain of stack frames. */
struct place {
    const struct place *parent;        /* NULL: the document */
    const struct value_member *member; /* in an object */
    size_t index;                      /* in a list, from 0 */
    bool is_key;                       /* the key of `member`, not its value */
    const struct node *referrer; /* a node that refers to the one being checked and has texts */
};

/* A check under way. Quiet: only whether the value fits is asked, and the first violation ends it.
 * Else the violations are collected, so that those of a branch not taken can be dropped. */
struct check {
    struct arena *arena; /* of the texts of violations */
    bool quiet;
    struct diagnostic *violations;
    size_t count;
    size_t capacity;
};

/* One value being checked against one node. */
struct visit {
    struct check *check;
    const struct node *node;
    const struct value *value;
    struct place *place;
};

/* schema_check.c */
bool schema_check_node(struct check *check, const struct node *node, const struct value *value,
                       struct place *place);
bool schema_fits(const struct node *node, const struct value *value); /* quietly */
unsigned schema_types_of(const struct value *value);

/* schema_branch.c */
bool schema_check_any(const struct visit *visit);
bool schema_check_one(const struct visit *visit);

/* schema_report.c: all add a violation, unless quiet, and return false. */

/* `help` gives way to the node's own x-help, `name` to its x-diagnostic. */
bool schema_report(const struct visit *visit, const char *name, const char *help,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same where we know what the author meant: `correction`, unless NULL, goes before x-help. */
bool schema_report_correction(const struct visit *visit, const char *name, const char *correction,
                              const char *format, ...) __attribute__((format(printf, 4, 5)));

enum counted { COUNTED_CHARACTERS, COUNTED_ITEMS, COUNTED_MEMBERS };

bool schema_report_few(const struct visit *visit, enum counted counted, size_t minimum);
bool schema_report_many(const struct visit *visit, enum counted counted, size_t maximum);
bool schema_report_bound(const struct visit *visit, const char *words, const struct value *bound);
bool schema_report_never(const struct visit *visit);
bool schema_report_pattern(const struct visit *visit);
bool schema_report_format(const struct visit *visit);
bool schema_report_contains(const struct visit *visit);
bool schema_report_duplicate(const struct visit *visit, size_t first, size_t second);
bool schema_report_unknown_key(const struct visit *visit, const struct value_member *member);
bool schema_report_missing_key(const struct visit *visit, const char *key, const char *because);

/* schema_report_value.c: the same, for a value that is another than asked for. */
bool schema_report_type(const struct visit *visit, unsigned types);
bool schema_report_choice(const struct visit *visit, const struct value *const *choices,
                          size_t count);

/* The value's name in a message: `"customer"`, `item 3 of "steps"`, `the document`; its JSON
 * Pointer where it comes from no text. */
const char *schema_value_name(const struct visit *visit);

/* `"a", "b" or "c"`, where `conjunction` is "or"; of many only the first. */
const char *schema_join(struct arena *arena, const char *const *phrases, size_t count,
                        const char *conjunction);

/* A scalar as its author wrote it, cut where long. */
const char *schema_value_text(struct arena *arena, const struct value *value);

/* The types in words: "text or a list". */
const char *schema_type_names(struct arena *arena, unsigned types);

/* What the author of the value meant where other types are asked for; NULL where that is not known.
 */
const char *schema_type_correction(struct arena *arena, unsigned types, const struct value *value);

/* "this is a number" */
const char *schema_value_description(const struct value *value);

/* Whether texts of violations are still of use. */
bool schema_is_muted(const struct check *check);

#endif
