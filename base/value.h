/* The one tree that YAML and JSON are read into, schemas check, specifications are made of, and
 * JSON is written from.
 *
 * Values live in an arena. A value read from a file is never changed afterwards; new ones are built
 * with the functions below. Strings hold no NUL byte: readers refuse them. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/source.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOLEAN,
    VALUE_INTEGER,
    VALUE_REAL,
    VALUE_STRING,
    VALUE_ARRAY,
    VALUE_OBJECT,
};

struct value;

struct value_member {
    const char *key;
    struct position key_position;
    struct value *value;
};

struct value_index; /* finds a key of a large object without a walk */

struct value {
    enum value_kind kind;
    bool quoted; /* a string in quotes or a block: what looks like a number or a boolean is meant as
                    a string */
    struct position position;
    union {
        bool boolean;
        int64_t integer;
        double real;
        struct {
            const char *bytes;
            size_t length;
        } string;
        struct {
            struct value **items;
            size_t count;
        } array;
        struct {
            struct value_member *members; /* in the order written */
            size_t count;
            struct value_index *index; /* NULL while small */
        } object;
    } as;
    const char
        *plain; /* for a number, boolean or null read from YAML: its spelling ("18.0"), else NULL */
};

/* Building. Strings are kept, not copied. */
struct value *value_null(struct arena *arena);
struct value *value_boolean(struct arena *arena, bool boolean);
struct value *value_integer(struct arena *arena, int64_t integer);
struct value *value_real(struct arena *arena, double real);
struct value *value_string(struct arena *arena, const char *string);
struct value *value_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct value *value_array(struct arena *arena);
struct value *value_object(struct arena *arena);

/* Appends to an array. */
void value_append(struct arena *arena, struct value *array, struct value *item);

/* Adds or replaces a member of an object. Constant time, however large the object. */
void value_set(struct arena *arena, struct value *object, const char *key, struct value *item);

/* Adds a member that a text holds at `key_position`. Where the object has the key already, changes
 * nothing and returns the member that has it; else NULL. Constant time. */
const struct value_member *value_add(struct arena *arena, struct value *object, const char *key,
                                     struct position key_position, struct value *item);

/* Reading. All of these accept NULL and values of another kind, and then return NULL or the
 * fallback, so that a checked document can be read without a ladder of tests. */
struct value *value_get(const struct value *object, const char *key);
const struct value_member *value_member(const struct value *object, const char *key);
const char *value_get_string(const struct value *object, const char *key); /* NULL where absent */
int64_t value_get_integer(const struct value *object, const char *key, int64_t fallback);
bool value_get_boolean(const struct value *object, const char *key, bool fallback);
const char *value_as_string(const struct value *value); /* NULL unless a string */
size_t value_count(const struct value *value);          /* items or members; 0 for all else */
struct value *value_item(const struct value *array, size_t index);

/* "object", "list", "text", "whole number", "number", "true or false", "nothing": for messages. */
const char *value_kind_name(enum value_kind kind);

/* A deep copy that needs nothing of the original. */
struct value *value_copy(struct arena *arena, const struct value *value);

/* Same kind and content; members in any order; 1 and 1.0 are equal, as JSON Schema has it. */
bool value_equal(const struct value *left, const struct value *right);

#endif
