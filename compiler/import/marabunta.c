#include <string.h>

#include "base/notation.h"
#include "base/yaml.h"
#include "compiler/import/import.h"

#define IN_ODOO                                                                                    \
    "it ran beside marabunta: make a fix of it, by `sql`, `python` or `command`, in the phase "    \
    "first "                                                                                       \
    "(pre) or last (post)"

/* A key with nothing behind it is as good as none. */
static bool is_given(const struct value *value)
{
    return value && value->kind != VALUE_NULL;
}

static void note_member(struct draft *draft, const struct value *object, const char *key,
                        const char *instead)
{
    const struct value_member *member = value_member(object, key);
    if (member)
        draft_note(draft, member->key_position, instead, "\"%s\"", key);
}

static void read_options(struct draft *draft, const struct value *options,
                         struct diagnostics *diagnostics)
{
    static const struct {
        const char *key, *instead;
    } known[] = {
        {"install_command", "how Odoo is started is said by the environment: odoo.VERSION.run"},
        {"install_args",
         "write options of Odoo into its configuration file, which the environment names"},
        {"backup", "the source is never changed; `drehbuch backup` makes a backup of it"},
    };
    if (!is_given(options) || !import_check_kind(options, VALUE_OBJECT, diagnostics))
        return;
    for (size_t i = 0; i < options->as.object.count; i++) {
        const struct value_member *member = &options->as.object.members[i];
        const char *instead = "marabunta does not know it; see what used it";
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            if (strcmp(known[k].key, member->key) == 0)
                instead = known[k].instead;
        draft_note(draft, member->key_position, instead, "\"%s\"", member->key);
    }
}

/* Without what stands before the `@` of addresses: there may be a password in it. */
static const char *hide_passwords(struct arena *arena, const char *text)
{
    const char *shown = "";
    for (const char *at; (at = strstr(text, "://")); text = at) {
        at += strlen("://");
        size_t length = strcspn(at, "/?# \t\r\n'\"");
        const char *end = at + length;
        while (end > at && end[-1] != '@')
            end--;
        shown = arena_format(arena, "%s%.*s%s", shown, (int)(at - text), text,
                             end > at ? "********@" : "");
        at = end;
    }
    return arena_format(arena, "%s%s", shown, text);
}

static void check_keys(const struct value *object, const char *const *known, size_t count,
                       struct diagnostics *diagnostics)
{
    for (size_t i = 0; object->kind == VALUE_OBJECT && i < object->as.object.count; i++) {
        const struct value_member *member = &object->as.object.members[i];
        bool found = false;
        for (size_t k = 0; k < count; k++)
            found = found || strcmp(member->key, known[k]) == 0;
        if (found)
            continue;
        struct diagnostic *diagnostic = diagnostics_add(
            diagnostics, "unknown-key", member->key_position, "unknown key \"%s\"", member->key);
        diagnostic->length = (uint32_t)strlen(member->key);
        const char *nearest = diagnostic_nearest(member->key, known, count);
        diagnostic->help = nearest
                               ? arena_format(diagnostics->arena, "did you mean \"%s\"?", nearest)
                               : "marabunta does not know it; remove it";
    }
}

static void read_commands(struct draft *draft, const struct value *commands, const char *when,
                          const char *mode, struct diagnostics *diagnostics)
{
    if (!is_given(commands) || !import_check_kind(commands, VALUE_ARRAY, diagnostics))
        return;
    for (size_t i = 0; i < value_count(commands); i++) {
        const struct value *command = value_item(commands, i);
        if (!import_check_kind(command, VALUE_STRING, diagnostics))
            continue;
        const char *text = command->as.string.bytes;
        bool song = strncmp(text, "anthem ", strlen("anthem ")) == 0;
        draft_note(draft, command->position,
                   song ? "write what the song does as a fix in Python" : IN_ODOO,
                   "operation %s%s%s: %s", when, mode ? " in mode " : "", mode ? mode : "",
                   hide_passwords(draft->arena, text));
    }
}

static void read_modules(struct draft *draft, const struct value *modules, bool removed,
                         const char *mode, struct diagnostics *diagnostics)
{
    if (!is_given(modules) || !import_check_kind(modules, VALUE_ARRAY, diagnostics))
        return;
    for (size_t i = 0; i < value_count(modules); i++) {
        const struct value *module = value_item(modules, i);
        if (!import_check_kind(module, VALUE_STRING, diagnostics))
            continue;
        const char *name = module->as.string.bytes;
        if (mode)
            draft_note(draft, module->position,
                       "a decision is the same in test and production: decide for both",
                       "%s %s in mode %s alone", removed ? "remove" : "upgrade", name, mode);
        else if (removed)
            draft_decide(draft, name, "uninstall", NULL, module->position);
        else
            draft_decide(draft, name, "tbd", "marabunta installs it or updates it",
                         module->position);
    }
}

/* What a version and a mode of it have in common. */
static void read_work(struct draft *draft, const struct value *work, const char *mode,
                      struct diagnostics *diagnostics)
{
    static const char *const operation_keys[] = {"pre", "post"};
    static const char *const addon_keys[] = {"upgrade", "remove"};
    const struct value *operations = value_get(work, "operations");
    if (is_given(operations) && import_check_kind(operations, VALUE_OBJECT, diagnostics)) {
        check_keys(operations, operation_keys, 2, diagnostics);
        read_commands(draft, value_get(operations, "pre"), "pre", mode, diagnostics);
        read_commands(draft, value_get(operations, "post"), "post", mode, diagnostics);
    }
    const struct value *addons = value_get(work, "addons");
    if (is_given(addons) && import_check_kind(addons, VALUE_OBJECT, diagnostics)) {
        check_keys(addons, addon_keys, 2, diagnostics);
        read_modules(draft, value_get(addons, "upgrade"), false, mode, diagnostics);
        read_modules(draft, value_get(addons, "remove"), true, mode, diagnostics);
    }
}

/* "18.0.1.2.0" tells Odoo's version in front. Versions are in order. */
static void read_series(struct draft *draft, const char *version)
{
    const char *dot = version ? strchr(version, '.') : NULL;
    const char *end = dot ? strchr(dot + 1, '.') : NULL;
    int series;
    if (!end)
        return;
    const char *name = arena_copy_bytes(draft->arena, version, (size_t)(end - version));
    size_t dots = 0;
    for (const char *at = version; *at; at++)
        dots += *at == '.';
    if (dots != 4 || !notation_read_version(name, &series))
        return;
    if (!draft->from)
        draft->from = name;
    draft->to = name;
}

static void read_modes(struct draft *draft, const struct value *modes,
                       struct diagnostics *diagnostics)
{
    static const char *const keys[] = {"operations", "addons"};
    if (!is_given(modes) || !import_check_kind(modes, VALUE_OBJECT, diagnostics))
        return;
    for (size_t i = 0; i < modes->as.object.count; i++) {
        const struct value_member *mode = &modes->as.object.members[i];
        if (!is_given(mode->value) || !import_check_kind(mode->value, VALUE_OBJECT, diagnostics))
            continue;
        check_keys(mode->value, keys, 2, diagnostics);
        read_work(draft, mode->value, mode->key, diagnostics);
    }
}

static void read_version(struct draft *draft, const struct value *version,
                         struct diagnostics *diagnostics)
{
    static const char *const keys[] = {"version",    "backup", "override_translations",
                                       "operations", "addons", "modes"};
    if (!import_check_kind(version, VALUE_OBJECT, diagnostics))
        return;
    check_keys(version, keys, sizeof keys / sizeof keys[0], diagnostics);
    const char *name = import_spelling(value_get(version, "version"));
    if (!name)
        diagnostics_add(diagnostics, "missing-key", version->position, "\"version\" is missing")
            ->help = "name the version";
    read_series(draft, name);
    note_member(draft, version, "backup", "checkpoints come by themselves before what took long");
    note_member(
        draft, version, "override_translations",
        "decide `all: { action: update, overwrite_translations: true }` where it is wanted");
    read_work(draft, version, NULL, diagnostics);
    read_modes(draft, value_get(version, "modes"), diagnostics);
}

void import_marabunta(struct draft *draft, const char *path, struct diagnostics *diagnostics)
{
    static const char *const root_keys[] = {"migration"};
    static const char *const keys[] = {"options", "versions"};
    const struct source *source =
        import_read_text(draft->arena, path, YAML_SIZE_LIMIT, diagnostics);
    const struct value *root = source ? yaml_read(draft->arena, source, diagnostics) : NULL;
    if (!root || diagnostics->error_count > 0 ||
        !import_check_kind(root, VALUE_OBJECT, diagnostics))
        return;
    check_keys(root, root_keys, 1, diagnostics);
    const struct value *migration = value_get(root, "migration");
    const struct value *versions = value_get(migration, "versions");
    if (!versions) {
        diagnostics_add(diagnostics, "missing-key", root->position,
                        "\"migration\" with \"versions\" is missing")
            ->help = "this is not a migration file of marabunta; say with --format what it is";
        return;
    }
    check_keys(migration, keys, 2, diagnostics);
    read_options(draft, value_get(migration, "options"), diagnostics);
    if (!import_check_kind(versions, VALUE_ARRAY, diagnostics))
        return;
    for (size_t i = 0; i < value_count(versions); i++)
        read_version(draft, value_item(versions, i), diagnostics);
}
