/* From a plan to its graph, and from the graph to the compiled plan. */
#ifndef COMPILER_COMPILE_H
#define COMPILER_COMPILE_H

#include "base/diagnostic.h"
#include "base/error.h"

struct compilation;

/* Reads the plan `path` and all it names, checks everything, and puts its steps in order. `root` is
 * the folder that nothing may lie outside of, NULL for the default (see files.h). What is wrong
 * with the documents is added to `diagnostics`; *compilation is NULL where that holds an error. An
 * error means that the program itself is broken. */
const struct error *compile_file(struct arena *arena, const char *path, const char *root,
                                 struct diagnostics *diagnostics, struct compilation **compilation);

/* The same for a plan in memory, which can name no files. */
const struct error *compile_source(struct arena *arena, const struct source *source,
                                   struct diagnostics *diagnostics,
                                   struct compilation **compilation);

/* The compiled plan as a document: see schemas/compiled.schema.json. */
struct value *compile_document(struct compilation *compilation);

/* How many steps it has. */
size_t compile_step_count(const struct compilation *compilation);

#endif
