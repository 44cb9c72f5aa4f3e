/* JSON Schema 2020-12 over values, for the keywords our schemas use.
 *
 * Covered: $defs and $ref (within one document), type, enum, const, properties, required,
 * additionalProperties, patternProperties, propertyNames, minProperties, maxProperties,
 * dependentRequired, items, prefixItems, contains, minItems, maxItems, uniqueItems, minLength,
 * maxLength, pattern (PCRE2), format (only where we have a checker), minimum, maximum,
 * exclusiveMinimum, exclusiveMaximum, multipleOf, allOf, anyOf, oneOf, not, if/then/else, boolean
 * schemas. A schema with another assertion keyword is refused when it is loaded, so that nothing is
 * silently unchecked.
 *
 * Formats: date, date-time, time, uri, regex, and of our own (see notation.h) odoo-version,
 * time-span, byte-size, range. Annotations: title, description, default, examples, deprecated,
 * $comment, and at the top $schema and $id.
 *
 * Two annotations of our own steer messages: "x-diagnostic" (the name to report under) and "x-help"
 * (what to do), of the errors of the schema object they stand in; beside a $ref they go before
 * those of what it refers to. Where a value fails anyOf/oneOf, only the errors of the branch that
 * fits it best are reported: by type, by members that are const or enum, by required keys, by the
 * number of errors. Where that does not decide, one message lists the branches by their titles or
 * keys. */
#ifndef BASE_SCHEMA_H
#define BASE_SCHEMA_H

#include "base/diagnostic.h"
#include "base/error.h"
#include "base/value.h"

struct schema;

/* Prepares a schema read by json_read: resolves references, compiles patterns. Lives in `arena`,
 * which also releases what PCRE2 holds. An error means that the schema, not the document, is wrong.
 * The patterns' scratch memory is the schema's, so there is one check at a time. */
const struct error *schema_create(struct arena *arena, const struct value *document,
                                  struct schema **schema);

/* The same for the text of one, such as those inside of the program (schemas/embedded.h), whose
 * texts run from `start` up to `end`. `name` is for its errors. */
const struct error *schema_read(struct arena *arena, const char *start, const char *end,
                                const char *name, struct schema **schema);

/* Reports every violation at the position of the value (or key) concerned; values without a
 * position are named by their JSON Pointer in the message. Returns whether there was none. Linear
 * in the size of the value. */
bool schema_check(const struct schema *schema, const struct value *value,
                  struct diagnostics *diagnostics);

/* Whether the value fits; reports nothing. */
bool schema_accepts(const struct schema *schema, const struct value *value);

#endif
