#include "runtime/odoo/manifest.h"

#include <string.h>

#include "base/notation.h"
#include "runtime/odoo/manifest_private.h"
#include "runtime/odoo/python_literal.h"
#include "runtime/odoo/python_text.h"

/* What Python takes for true. */
static bool is_true(const struct value *value)
{
    switch (value ? value->kind : VALUE_NULL) {
    case VALUE_BOOLEAN:
        return value->as.boolean;
    case VALUE_INTEGER:
        return value->as.integer != 0;
    case VALUE_REAL:
        return value->as.real != 0;
    case VALUE_STRING:
        return value->as.string.length > 0;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        return value_count(value) > 0;
    case VALUE_NULL:
        break;
    }
    return false;
}

static bool is_list_of_texts(const struct value *value)
{
    for (size_t i = 0; i < value_count(value); i++)
        if (!value_as_string(value_item(value, i)))
            return false;
    return value->kind == VALUE_ARRAY;
}

/* Member `key` as a list of texts, an empty one where it is absent or nothing. */
static const struct error *read_list(struct arena *arena, const struct value *object,
                                     const char *path, const char *key, const char *items,
                                     const struct value **list)
{
    const struct value *value = value_get(object, key);
    *list = is_true(value) ? value : value_array(arena);
    if (is_list_of_texts(*list))
        return NULL;
    return error_create(arena, OUTCOME_INVALID, "write it as ['…', '…']",
                        "%s:%u:%u: \"%s\" is no list of %s", path, value->position.line,
                        value->position.column, key, items);
}

static const struct error *read_external(struct arena *arena, const struct value *literal,
                                         const char *path, struct manifest *manifest)
{
    const struct value *external = value_get(literal, "external_dependencies");
    if (is_true(external) && external->kind != VALUE_OBJECT)
        return error_create(arena, OUTCOME_INVALID, "write it as {'python': ['…'], 'bin': ['…']}",
                            "%s:%u:%u: \"external_dependencies\" is no dictionary", path,
                            external->position.line, external->position.column);
    const struct error *error =
        read_list(arena, external, path, "python", "Python packages", &manifest->packages);
    if (error)
        return error;
    return read_list(arena, external, path, "bin", "programs", &manifest->programs);
}

/* Up to 18.0 who names no author is taken for Odoo itself. */
static const char *find_author(const struct value *literal, int series)
{
    const char *author = value_get_string(literal, "author");
    if (series < 190)
        return author ? author : "Odoo S.A.";
    static const char *const keys[] = {"author", "contributors", "maintainer"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        author = value_get_string(literal, keys[i]);
        if (author && *author)
            return author;
    }
    return "";
}

static void set_obstacle(struct manifest *manifest, const char *obstacle)
{
    if (!manifest->obstacle)
        manifest->obstacle = obstacle;
}

static bool holds(const struct value *list, const char *name)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (strcmp(value_as_string(value_item(list, i)), name) == 0)
            return true;
    return false;
}

/* auto_install is a truth, or the dependencies (perhaps none) that pull the module in. */
static void read_auto_install(struct arena *arena, const struct value *literal,
                              struct manifest *manifest)
{
    const struct value *triggers = value_get(literal, "auto_install");
    bool listed = triggers && triggers->kind == VALUE_ARRAY;
    manifest->auto_install = listed || is_true(triggers);
    for (size_t i = 0; listed && i < value_count(triggers); i++) {
        const char *name = value_as_string(value_item(triggers, i));
        if (!name || !holds(manifest->depends, name))
            set_obstacle(manifest,
                         arena_format(arena,
                                      "its auto_install names %s, which is not in its depends",
                                      name ? name : "what is no text"));
    }
}

/* From 19.0 on everything but base depends on base, said or not. */
static void add_base(struct arena *arena, int series, struct manifest *manifest)
{
    bool is_base = strcmp(manifest->module, "base") == 0;
    if (series < 190 || (value_count(manifest->depends) > 0 && !is_base))
        return;
    struct value *depends = value_array(arena);
    if (!is_base)
        value_append(arena, depends, value_string(arena, "base"));
    manifest->depends = depends;
}

static const char *text_or(const struct value *literal, const char *key, const char *fallback)
{
    const char *text = value_get_string(literal, key);
    return text && *text ? text : fallback;
}

static const struct error *read_members(struct arena *arena, const struct value *literal,
                                        const char *path, const char *series,
                                        struct manifest *manifest)
{
    int number = 0;
    if (!notation_read_version(series, &number))
        return error_create(arena, OUTCOME_INVALID, NULL, "%s is no series of Odoo", series);
    manifest->title = text_or(literal, "name", manifest->module);
    manifest->author = find_author(literal, number);
    manifest->license = text_or(literal, "license", "LGPL-3");
    manifest->application = is_true(value_get(literal, "application"));
    const struct value *installable = value_get(literal, "installable");
    manifest->installable = !installable || is_true(installable);
    const struct error *error =
        read_list(arena, literal, path, "depends", "modules", &manifest->depends);
    if (!error)
        error = read_external(arena, literal, path, manifest);
    if (error)
        return error;
    add_base(arena, number, manifest);
    if (!manifest->installable)
        set_obstacle(manifest, "its manifest says that it is not installable");
    manifest_set_version(arena, literal, series, manifest);
    read_auto_install(arena, literal, manifest);
    return NULL;
}

const struct error *manifest_read(struct arena *arena, struct text bytes, const char *path,
                                  const char *module, const char *series,
                                  const struct manifest **manifest)
{
    struct value *literal = NULL;
    struct text text;
    const char *encoding;
    const struct error *error = python_literal_read(arena, bytes, path, &literal);
    if (!error)
        error = python_text_read(arena, bytes, path, &text, &encoding);
    if (error)
        return error;
    if (literal->kind != VALUE_OBJECT)
        return error_create(arena, OUTCOME_INVALID, "write it as {'name': '…', …}",
                            "%s:%u:%u: a manifest is a dictionary", path, literal->position.line,
                            literal->position.column);
    struct manifest *read = arena_allocate(arena, sizeof *read);
    read->module = module;
    if (encoding)
        read->obstacle = arena_format(
            arena, "its manifest is %s, and Odoo reads manifests as plain UTF-8", encoding);
    error = read_members(arena, literal, path, series, read);
    *manifest = read;
    return error;
}
