/* The parts of the YAML reader, among themselves. */
#ifndef BASE_YAML_PRIVATE_H
#define BASE_YAML_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "base/diagnostic.h"
#include "base/source.h"
#include "base/value.h"

/* yaml_encoding.c: whether the text is UTF-8 that libyaml can be given; says what is wrong if not.
 * `*text` is then the text without its byte order mark. */
bool yaml_check_encoding(const struct source *source, struct diagnostics *diagnostics,
                         struct text *text);

/* yaml_scalar.c */

enum scalar_problem {
    SCALAR_GOOD,
    SCALAR_TOO_BIG,    /* an integer beyond 64 bits, a real beyond a double */
    SCALAR_NOT_FINITE, /* .inf, .nan */
    SCALAR_UNKNOWN_TAG,
    SCALAR_UNFIT_TAG, /* the text is not of the tag's type */
};

/* Makes `value` what the scalar event means by YAML 1.2's core schema, all but its position. On a
 * problem, it is the nearest that can be had. */
enum scalar_problem yaml_resolve_scalar(struct arena *arena, const yaml_event_t *event,
                                        struct value *value);

/* yaml_problem.c: says in plain words what libyaml found. `offset`: bytes of the source that
 * libyaml was not given. */
void yaml_report_problem(const yaml_parser_t *parser, const struct source *source, size_t offset,
                         struct diagnostics *diagnostics);

/* A mark of libyaml as a position. */
struct position yaml_position(const struct source *source, yaml_mark_t mark);

#endif
