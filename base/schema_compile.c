#include "base/schema_compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"

void schema_compile_fail(struct compiler *compiler, const char *path, const char *what)
{
    if (!compiler->error)
        compiler->error = error_create(compiler->arena, OUTCOME_INVALID, "correct the schema",
                                       "the schema cannot be used: at #%s: %s", path, what);
}

/* `~` and `/` are escaped as JSON Pointer (RFC 6901) has it. */
const char *schema_path_join(struct arena *arena, const char *path, const char *token)
{
    struct buffer joined = {0};
    buffer_append_string(&joined, path);
    buffer_append_character(&joined, '/');
    for (; *token; token++) {
        if (*token == '~' || *token == '/')
            buffer_append_string(&joined, *token == '~' ? "~0" : "~1");
        else
            buffer_append_character(&joined, *token);
    }
    const char *result = arena_copy(arena, buffer_string(&joined));
    buffer_release(&joined);
    return result;
}

struct node *schema_compile(struct compiler *compiler, const struct value *schema, const char *path)
{
    struct node *node = map_get(compiler->nodes, path);
    if (node)
        return node;
    node = arena_allocate(compiler->arena, sizeof *node);
    map_add(compiler->nodes, path, node); /* first, so that it may refer to itself */
    if (schema->kind == VALUE_BOOLEAN)
        node->never = !schema->as.boolean;
    else if (schema->kind != VALUE_OBJECT)
        schema_compile_fail(compiler, path, "a schema is an object, true or false");
    struct subject subject = {.compiler = compiler, .path = path, .node = node};
    for (size_t i = 0; schema->kind == VALUE_OBJECT && i < schema->as.object.count; i++)
        schema_compile_keyword(&subject, &schema->as.object.members[i]);
    return node;
}

static int hexadecimal(char digit)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = digit ? strchr(digits, digit) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

/* A URI fragment without its percent escapes. */
static char *fragment_decode(struct arena *arena, const char *fragment)
{
    char *decoded = arena_copy(arena, fragment);
    char *end = decoded;
    for (; *fragment; fragment++) {
        bool escape =
            *fragment == '%' && hexadecimal(fragment[1]) >= 0 && hexadecimal(fragment[2]) >= 0;
        if (escape) {
            *end++ = (char)(16 * hexadecimal(fragment[1]) + hexadecimal(fragment[2]));
            fragment += 2;
        } else {
            *end++ = *fragment;
        }
    }
    *end = '\0';
    return decoded;
}

/* Takes the escapes out of one token of a JSON Pointer, in place. */
static void token_decode(char *token)
{
    char *end = token;
    for (; *token; token++) {
        if (*token == '~' && (token[1] == '0' || token[1] == '1'))
            *end++ = *++token == '0' ? '~' : '/';
        else
            *end++ = *token;
    }
    *end = '\0';
}

/* What the JSON Pointer leads to, NULL where nothing. */
static const struct value *pointer_follow(struct arena *arena, const struct value *value,
                                          const char *pointer)
{
    while (value && *pointer == '/') {
        size_t length = strcspn(pointer + 1, "/");
        char *token = arena_copy_bytes(arena, pointer + 1, length);
        token_decode(token);
        char *end;
        if (value->kind == VALUE_ARRAY && *token != '\0') {
            unsigned long index = strtoul(token, &end, 10);
            value = *end == '\0' ? value_item(value, index) : NULL;
        } else {
            value = value_get(value, token);
        }
        pointer += 1 + length;
    }
    return *pointer == '\0' ? value : NULL;
}

struct node *schema_compile_reference(struct compiler *compiler, const char *reference,
                                      const char *path)
{
    const char *pointer =
        reference[0] == '#' ? fragment_decode(compiler->arena, reference + 1) : NULL;
    const struct value *target =
        pointer ? pointer_follow(compiler->arena, compiler->document, pointer) : NULL;
    if (target)
        return schema_compile(compiler, target, pointer);
    schema_compile_fail(compiler, path, "this refers to nothing in the same document");
    return NULL;
}

static bool node_has_circle(struct node *node);

static bool list_has_circle(const struct node_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (node_has_circle(list->items[i]))
            return true;
    return false;
}

/* Whether checking a value against the node could lead to checking the same value against it again,
 * without end. */
static bool node_has_circle(struct node *node)
{
    if (!node || node->visit == NODE_CLOSED)
        return false;
    if (node->visit == NODE_OPEN)
        return true;
    node->visit = NODE_OPEN;
    bool circle = node_has_circle(node->reference) || node_has_circle(node->negation) ||
                  node_has_circle(node->condition) || node_has_circle(node->consequence) ||
                  node_has_circle(node->alternative) || list_has_circle(&node->all_of) ||
                  list_has_circle(&node->any_of) || list_has_circle(&node->one_of);
    node->visit = NODE_CLOSED;
    return circle;
}

const struct error *schema_create(struct arena *arena, const struct value *document,
                                  struct schema **schema)
{
    struct compiler compiler = {.arena = arena, .document = document, .nodes = map_create(arena)};
    struct schema *result = arena_allocate(arena, sizeof *result);
    result->root = schema_compile(&compiler, document, "");
    for (const struct map_entry *entry = map_first(compiler.nodes); entry && !compiler.error;
         entry = map_next(entry))
        if (node_has_circle(map_entry_value(entry)))
            schema_compile_fail(&compiler, map_entry_key(entry), "this refers to itself");
    *schema = compiler.error ? NULL : result;
    return compiler.error;
}

const struct error *schema_read(struct arena *arena, const char *start, const char *end,
                                const char *name, struct schema **schema)
{
    struct text text = {.bytes = start, .length = (size_t)(end - start)};
    struct value *document;
    const struct error *error = json_read(arena, text, name, &document);
    return error ? error : schema_create(arena, document, schema);
}
