/* Making a schema ready, among the files that do it. */
#ifndef BASE_SCHEMA_COMPILE_H
#define BASE_SCHEMA_COMPILE_H

#include "base/schema_private.h"

struct compiler {
    struct arena *arena;
    const struct value *document;
    struct map *nodes;         /* from a JSON Pointer to the node made for it */
    const struct error *error; /* the first one */
};

/* A schema object while its keywords are read. */
struct subject {
    struct compiler *compiler;
    const char *path; /* JSON Pointer */
    struct node *node;
};

/* schema_compile.c */
struct node *schema_compile(struct compiler *compiler, const struct value *schema,
                            const char *path);
struct node *schema_compile_reference(struct compiler *compiler, const char *reference,
                                      const char *path);
const char *schema_path_join(struct arena *arena, const char *path, const char *token);
void schema_compile_fail(struct compiler *compiler, const char *path, const char *what);

/* schema_keyword.c: takes one keyword of a schema object into its node. */
void schema_compile_keyword(struct subject *subject, const struct value_member *member);

#endif
