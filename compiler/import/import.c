#include "compiler/import/import.h"

#include <string.h>
#include <sys/stat.h>

#include "base/utf8.h"

static const char *import_tell_format(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return "wizard";
    const char *suffix = strrchr(path, '.');
    bool yaml = suffix && (strcmp(suffix, ".yml") == 0 || strcmp(suffix, ".yaml") == 0);
    return yaml ? "marabunta" : "playbook";
}

struct draft import_read(struct arena *arena, const char *path, const char *format,
                         struct diagnostics *diagnostics)
{
    if (!format)
        format = import_tell_format(path);
    bool wizard = strcmp(format, "wizard") == 0;
    bool marabunta = strcmp(format, "marabunta") == 0;
    const char *what = wizard      ? "odoo-openupgrade-wizard's folder"
                       : marabunta ? "marabunta's file"
                                   : "the playbook's file";
    struct draft draft = draft_create(arena, arena_format(arena, "%s %s", what, path));
    if (wizard)
        import_wizard(&draft, path, diagnostics);
    else if (marabunta)
        import_marabunta(&draft, path, diagnostics);
    else
        import_playbook(&draft, path, diagnostics);
    return draft;
}

const struct source *import_read_text(struct arena *arena, const char *path, size_t limit,
                                      struct diagnostics *diagnostics)
{
    struct text text;
    const struct position nowhere = {0};
    const struct error *error = file_read(arena, path, limit, &text);
    if (error) {
        diagnostics_add(diagnostics, "file-unreadable", nowhere, "%s", error->message)->help =
            error->help;
        return NULL;
    }
    /* Editors put it in front: it belongs to the file, not to what is in it. */
    size_t mark = utf8_mark_length(text.bytes, text.length);
    text = (struct text){.bytes = text.bytes + mark, .length = text.length - mark};
    const struct source *source = source_create(arena, path, text);
    size_t valid = utf8_valid_length(text.bytes, text.length);
    const char *nul = memchr(text.bytes, '\0', text.length);
    if (valid == text.length && !nul)
        return source;
    size_t offset = nul && (size_t)(nul - text.bytes) < valid ? (size_t)(nul - text.bytes) : valid;
    struct diagnostic *diagnostic = diagnostics_add(
        diagnostics, "file-encoding", source_position(source, offset), "this is not text: %s",
        offset == valid ? "the bytes are not UTF-8" : "there is a NUL byte");
    diagnostic->help = "save it as UTF-8 text";
    diagnostic->conceals_line = true;
    return NULL;
}

const char *import_spelling(const struct value *value)
{
    if (!value || value->kind == VALUE_ARRAY || value->kind == VALUE_OBJECT ||
        value->kind == VALUE_NULL)
        return NULL;
    return value->kind == VALUE_STRING ? value->as.string.bytes : value->plain;
}

bool import_check_kind(const struct value *value, enum value_kind kind,
                       struct diagnostics *diagnostics)
{
    if (!value || value->kind == kind)
        return value != NULL;
    struct diagnostic *diagnostic =
        diagnostics_add(diagnostics, "wrong-type", value->position, "this must be %s, not %s",
                        kind == VALUE_OBJECT  ? "an object"
                        : kind == VALUE_ARRAY ? "a list"
                                              : "a text",
                        value_kind_name(value->kind));
    diagnostic->length = diagnostic_span(value);
    return false;
}
