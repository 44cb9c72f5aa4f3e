/* YAML (libyaml) into values with positions.
 *
 * Plain scalars resolve by YAML 1.2's core schema: `no` is text, `18.0` is a number, `~` is
 * nothing. One document a file. Refused with a clear diagnostic, in bounded memory and time: syntax
 * errors, tabs as indentation, a BOM of another encoding, invalid UTF-8, NUL, duplicate keys, keys
 * that are not text, merge keys (`<<`), tags other than the core ones, depth over YAML_DEPTH_LIMIT,
 * more than YAML_VALUE_LIMIT values, aliases that would multiply the document, integers beyond 64
 * bits. */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/diagnostic.h"
#include "base/source.h"
#include "base/value.h"

#define YAML_SIZE_LIMIT ((size_t)64 * 1024 * 1024) /* bytes a document may have */
#define YAML_DEPTH_LIMIT 100                       /* nested lists and objects */
#define YAML_VALUE_LIMIT                                                                           \
    ((size_t)4000000) /* values a document may have, so that memory is bounded */
#define YAML_ALIAS_LIMIT ((size_t)100000) /* values that all aliases of a document may repeat */

/* Reads the whole of `source`. Returns NULL where nothing usable was read; a tree may come back
 * together with diagnostics (duplicate keys), so look at `diagnostics->error_count` too. */
struct value *yaml_read(struct arena *arena, const struct source *source,
                        struct diagnostics *diagnostics);

/* The same for documents of other programs: a key that is a number or the like is taken by its
 * spelling. */
struct value *yaml_read_loose(struct arena *arena, const struct source *source,
                              struct diagnostics *diagnostics);

#endif
