/* Between the files that make up the catalogue of known errors. */
#ifndef RUNTIME_KNOWN_ERRORS_PRIVATE_H
#define RUNTIME_KNOWN_ERRORS_PRIVATE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/map.h"
#include "base/schema.h"
#include "runtime/known_errors.h"

struct known_error {
    const char *id;
    enum known_severity severity;
    unsigned origins; /* of enum known_origin */
    bool own;         /* an environment's, which knows better than the built-in ones */
    bool quiet_too;   /* tried on records below a warning */
    uint32_t modules; /* the group that holds the modules it concerns; 0: it concerns none */
    const char *meaning;
    const char *remedy;
    pcre2_code *code;
};

struct known_errors {
    struct arena *arena;
    struct schema *schema;
    struct known_error *items;
    size_t count;
    bool reading_own;      /* what is added now is an environment's */
    struct value *entries; /* id to what the file says */
    struct map *by_id;
};

#endif
