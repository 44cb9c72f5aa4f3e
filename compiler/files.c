#include "compiler/files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/yaml.h"

struct files {
    struct arena *arena;
    const char *root; /* absolute, without symbolic links or a slash at the end; NULL: no files */
    struct map *by_path; /* from the real path to struct included */
};

static struct diagnostic *report(struct diagnostics *diagnostics, const char *name,
                                 const struct value *value, const char *message, const char *help)
{
    struct position nowhere = {0};
    struct diagnostic *diagnostic =
        diagnostics_add(diagnostics, name, value ? value->position : nowhere, "%s", message);
    diagnostic->length = value ? diagnostic_span(value) : 0;
    diagnostic->help = help;
    return diagnostic;
}

/* The real path in the arena, or NULL with errno set. */
static const char *files_real_path(struct arena *arena, const char *path)
{
    char *resolved = realpath(path, NULL);
    if (!resolved)
        return NULL;
    const char *copy = arena_copy(arena, resolved);
    free(resolved); /* realpath took it from malloc itself */
    return copy;
}

/* The path without "x/.." and "./" as far as the text alone tells. */
static const char *files_tidy_path(struct arena *arena, const char *path)
{
    char *result = arena_allocate(arena, strlen(path) + 1);
    char *end = result;
    char *floor = result; /* what stands before it is not taken back */
    if (*path == '/')
        floor = end = result + 1, *result = '/';
    while (*path) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        bool up = length == 2 && strncmp(path, "..", 2) == 0;
        if (length == 0 || (length == 1 && *path == '.')) {
            path += length;
            continue;
        }
        if (up && end > floor) {
            while (end > floor && *--end != '/')
                continue;
        } else {
            if (end > result && end[-1] != '/')
                *end++ = '/';
            memcpy(end, path, length);
            end += length;
            if (up)
                floor = end;
        }
        path += length;
    }
    *end = '\0';
    return result;
}

/* The part of `real` behind the root folder, or NULL where it lies outside. */
static const char *files_inside(const struct files *files, const char *real)
{
    size_t length = strlen(files->root);
    if (strncmp(real, files->root, length) != 0)
        return NULL;
    return real[length] == '/' ? real + length + 1 : NULL;
}

/* The folder that holds the last folder `plans` in `real`, else the plan's own. */
static const char *files_default_root(struct arena *arena, const char *real)
{
    const char *found = NULL;
    for (const char *next = real; (next = strstr(next, "/plans/")); next++)
        found = next;
    if (found)
        return arena_copy_bytes(arena, real, (size_t)(found - real));
    const char *folder = file_folder(arena, real);
    return strcmp(folder, "/") == 0 ? "" : folder;
}

static bool files_check_text(const struct included *file, const struct value *name,
                             struct diagnostics *diagnostics)
{
    const struct text *text = &file->source->text;
    size_t valid = utf8_valid_length(text->bytes, text->length);
    const char *nul = memchr(text->bytes, '\0', text->length);
    if (valid == text->length && !nul)
        return true;
    size_t offset =
        nul && (size_t)(nul - text->bytes) < valid ? (size_t)(nul - text->bytes) : valid;
    struct position place = source_position(file->source, offset);
    report(diagnostics, "file-encoding", name,
           arena_format(diagnostics->arena, "%s is not text: line %u has %s", file->source->path,
                        place.line, offset == valid ? "bytes that are not UTF-8" : "a NUL byte"),
           "save it as UTF-8 text");
    return false;
}

/* Adds what was read, under the path that is shown. */
static struct included *files_add(struct files *files, const char *shown, const char *origin,
                                  const char *real, struct text text)
{
    struct included *file = arena_allocate(files->arena, sizeof *file);
    *file = (struct included){
        .source = source_create(files->arena, shown, text), .origin = origin, .real = real};
    map_set(files->by_path, real, file);
    return file;
}

static struct files *files_create(struct arena *arena, const char *root)
{
    struct files *files = arena_allocate(arena, sizeof *files);
    *files = (struct files){.arena = arena, .root = root};
    files->by_path = map_create(arena);
    return files;
}

struct files *files_open(struct arena *arena, const char *path, const char *root,
                         struct diagnostics *diagnostics, const struct included **plan)
{
    struct text text;
    const struct error *error = file_read(arena, path, YAML_SIZE_LIMIT, &text);
    if (error) {
        report(diagnostics, "file-unreadable", NULL, error->message, error->help);
        return NULL;
    }
    const char *real = files_real_path(arena, path);
    const char *real_root = real && root ? files_real_path(arena, root) : NULL;
    if (!real || (root && !real_root)) {
        const struct error *cause =
            error_system(arena, errno, NULL, "cannot find the folder of %s", real ? root : path);
        report(diagnostics, "file-unreadable", NULL, cause->message, NULL);
        return NULL;
    }
    if (!real_root)
        real_root = files_default_root(arena, real);
    else if (strcmp(real_root, "/") == 0)
        real_root = "";
    struct files *files = files_create(arena, real_root);
    const char *origin = files_inside(files, real);
    if (!origin) {
        report(diagnostics, "path-outside", NULL,
               arena_format(arena, "%s lies outside of the root folder %s", path, root),
               "name a root folder that holds the plan");
        return NULL;
    }
    *plan = files_add(files, files_tidy_path(arena, path), origin, real, text);
    return files;
}

struct files *files_open_text(struct arena *arena, const struct source *source,
                              const struct included **plan)
{
    struct files *files = files_create(arena, NULL);
    struct included *file = arena_allocate(arena, sizeof *file);
    *file = (struct included){.source = source, .origin = source->path};
    *plan = file;
    return files;
}

/* Reads a file of which only its absolute path is known. */
static const struct included *files_read(struct files *files, const char *real, const char *shown,
                                         const struct value *name, size_t limit,
                                         struct diagnostics *diagnostics)
{
    struct text text;
    const struct error *error = file_read(files->arena, real, limit, &text);
    if (error) {
        /* The message names the absolute path; what the author wrote is underlined. */
        report(diagnostics, "file-unreadable", name, error->message, error->help);
        return NULL;
    }
    const char *origin = files_inside(files, real);
    struct included *file = files_add(files, shown, origin, real, text);
    return files_check_text(file, name, diagnostics) ? file : NULL;
}

static const struct included *files_refuse_outside(const struct value *name,
                                                   struct diagnostics *diagnostics)
{
    report(diagnostics, "path-outside", name,
           arena_format(diagnostics->arena, "\"%s\" leads out of the plan's root folder",
                        name->as.string.bytes),
           "keep the file in the root folder, or name a wider one with --root");
    return NULL;
}

const struct included *files_include(struct files *files, const struct included *from,
                                     const struct value *name, size_t limit,
                                     struct diagnostics *diagnostics)
{
    const char *path = name->as.string.bytes;
    if (!files->root) {
        report(diagnostics, "file-unreadable", name,
               "this plan is not in a file, so it can name none",
               "write the content into the plan");
        return NULL;
    }
    if (path[0] == '/') {
        report(diagnostics, "path-outside", name,
               arena_format(diagnostics->arena, "\"%s\" is an absolute path", path),
               "write it relative to this file, so that the plan works on every machine");
        return NULL;
    }
    const char *wanted = file_join(files->arena, file_folder(files->arena, from->real), path);
    const char *real = files_real_path(files->arena, wanted);
    if (!real) {
        report(diagnostics, "file-unreadable", name,
               arena_format(diagnostics->arena, "cannot read \"%s\": %s", path, strerror(errno)),
               "paths are relative to the file that names them");
        return NULL;
    }
    if (!files_inside(files, real))
        return files_refuse_outside(name, diagnostics);
    const struct included *known = map_get(files->by_path, real);
    if (known)
        return known;
    const char *shown = files_tidy_path(
        files->arena, file_join(files->arena, file_folder(files->arena, from->source->path), path));
    return files_read(files, real, shown, name, limit, diagnostics);
}
