#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/notation.h"
#include "base/yaml.h"
#include "compiler/import/import.h"
#include "compiler/sql_scanner.h"

#define CONFIG_LIMIT ((size_t)1024 * 1024)
#define SCRIPT_LIMIT ((size_t)16 * 1024 * 1024)
#define STEP_LIMIT ((size_t)100)
#define SCRIPTS_LIMIT ((size_t)1000)

struct wizard {
    struct draft *draft;
    const char *folder;
    const char *root; /* the folder without symbolic links */
    struct diagnostics *diagnostics;
};

/* A migration step, as config.yml has it. */
struct wizard_step {
    const struct value *folder; /* the name of its folder among the scripts */
    const char *version;
    const char *before; /* the version that the database has when its SQL runs */
    bool hops;
};

static void count_statement(void *context, enum sql_finding finding, size_t offset)
{
    (void)offset;
    *(size_t *)context += finding != SQL_BINDING_IN_QUOTES;
}

/* Whether there is nothing but comments: the wizard makes such files itself. */
static bool is_empty(const char *text, bool sql)
{
    if (sql) {
        size_t count = 0;
        sql_scan(text, strlen(text), count_statement, &count);
        return count == 0;
    }
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        size_t blanks = strspn(at, " \t\r");
        if (at[blanks] != '\0' && at[blanks] != '\n' && at[blanks] != '#')
            return false;
    }
    return true;
}

/* Whether the file lies in the wizard's folder, links followed. */
static bool lies_inside(const struct wizard *wizard, const char *path, struct position origin)
{
    char *real = realpath(path, NULL);
    size_t length = strlen(wizard->root);
    bool inside = real && strncmp(real, wizard->root, length) == 0 &&
                  (real[length] == '/' || wizard->root[length - 1] == '/');
    free(real);
    if (!inside)
        diagnostics_add(wizard->diagnostics, "path-outside", origin,
                        "%s leads out of the folder %s", path, wizard->folder)
            ->help = "copy what it leads to into the folder";
    return inside;
}

static void read_script(const struct wizard *wizard, const struct wizard_step *step,
                        const char *folder, const char *name)
{
    struct arena *arena = wizard->draft->arena;
    const char *path = file_join(arena, folder, name);
    bool sql = strcmp(name + strlen(name) - strlen(".py"), ".py") != 0;
    if (!lies_inside(wizard, path, step->folder->position))
        return;
    const struct source *source = import_read_text(arena, path, SCRIPT_LIMIT, wizard->diagnostics);
    if (!source || is_empty(source->text.bytes, sql))
        return;
    const struct position origin = {.source = source, .line = 1, .column = 1};
    bool last = sql ? step->hops : !step->hops;
    const struct draft_fix fix = {.version = sql ? step->before : step->version,
                                  .member = sql ? "sql" : "python",
                                  .text = source->text.bytes,
                                  .last = last,
                                  .origin = origin};
    draft_fix(wizard->draft, fix,
              arena_format(arena, "%s-%s", import_spelling(step->folder),
                           arena_copy_bytes(arena, name, (size_t)(strrchr(name, '.') - name))));
    if (!sql && strstr(source->text.bytes, ".commit("))
        draft_note(wizard->draft, origin, "remove it: a fix is one transaction, which ends with it",
                   "the script commits");
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_script(const char *name, const char *suffix)
{
    const char *found = strrchr(name, '.');
    return found && found != name && strcmp(found, suffix) == 0;
}

/* The names of the scripts in a folder, sorted. Where there is no such folder, that is noted, and
 * there are none. */
static const char **list_scripts(const struct wizard *wizard, const char *folder, size_t *count,
                                 struct position origin)
{
    struct arena *arena = wizard->draft->arena;
    const char **names = NULL;
    *count = 0;
    DIR *open = opendir(folder);
    if (!open) {
        draft_note(wizard->draft, origin, "look whether scripts are missing", "no folder %s: %s",
                   folder, strerror(errno));
        return NULL;
    }
    errno = 0; /* readdir tells by it alone an error from the end */
    for (const struct dirent *entry; *count < SCRIPTS_LIMIT && (entry = readdir(open));) {
        if (!is_script(entry->d_name, ".sql") && !is_script(entry->d_name, ".py"))
            continue;
        names = arena_extend(arena, names, *count, sizeof *names);
        names[(*count)++] = arena_copy(arena, entry->d_name);
        errno = 0;
    }
    int code = *count < SCRIPTS_LIMIT ? errno : 0;
    if (closedir(open) != 0 && code == 0)
        code = errno;
    if (code != 0)
        diagnostics_add(wizard->diagnostics, "file-unreadable", origin, "cannot read %s: %s",
                        folder, strerror(code));
    if (*count == SCRIPTS_LIMIT)
        diagnostics_add(wizard->diagnostics, "too-many", origin, "%s has %zu scripts or more",
                        folder, *count);
    if (names)
        qsort(names, *count, sizeof *names, compare_names);
    return names;
}

/* The wizard runs a step's SQL, then Odoo, then its Python. */
static void read_scripts(const struct wizard *wizard, const struct wizard_step *step)
{
    struct arena *arena = wizard->draft->arena;
    const char *name = import_spelling(step->folder);
    const char *folder = file_join(arena, file_join(arena, wizard->folder, "scripts"), name);
    size_t count;
    const char **names = list_scripts(wizard, folder, &count, step->folder->position);
    for (size_t i = 0; i < count; i++)
        if (is_script(names[i], ".sql"))
            read_script(wizard, step, folder, names[i]);
    for (size_t i = 0; i < count; i++)
        if (is_script(names[i], ".py"))
            read_script(wizard, step, folder, names[i]);
}

static const char *read_series(const struct wizard *wizard, const struct value *value)
{
    const char *text = import_spelling(value);
    int series;
    if (text && notation_read_version(text, &series))
        return text;
    if (value)
        diagnostics_add(wizard->diagnostics, "unknown-version", value->position,
                        "this is no version from 14.0 to 19.0")
            ->help = "older upgrades cannot be imported";
    return NULL;
}

static bool is_folder_name(const char *name)
{
    return name && name[0] != '\0' && name[0] != '.' && !strchr(name, '/');
}

/* `before`: the version that the step before has left. */
static const char *read_step(const struct wizard *wizard, const struct value *object,
                             const char *before)
{
    if (!import_check_kind(object, VALUE_OBJECT, wizard->diagnostics))
        return before;
    const char *version = read_series(wizard, value_get(object, "version"));
    const struct value *folder = value_get(object, "complete_name");
    if (!value_get(object, "version") || !folder)
        diagnostics_add(wizard->diagnostics, "missing-key", object->position,
                        "a step needs \"version\" and \"complete_name\"")
            ->help = "write it as the wizard's `init` does";
    else if (!is_folder_name(import_spelling(folder)))
        diagnostics_add(wizard->diagnostics, "path-outside", folder->position,
                        "a step's name is the name of a folder in \"scripts\"")
            ->help = "write a name without slashes";
    else if (version) {
        const char *context = value_get_string(object, "execution_context");
        bool hops =
            context ? strcmp(context, "openupgrade") == 0 : before && strcmp(before, version) != 0;
        const struct wizard_step step = {.folder = folder,
                                         .version = version,
                                         .before = before && hops ? before : version,
                                         .hops = hops};
        read_scripts(wizard, &step);
        if (!hops)
            draft_note(wizard->draft, object->position,
                       "a hop updates every module; decide `all: update` where it is needed beside",
                       "a regular step updates every module");
    }
    return version ? version : before;
}

static void read_versions(const struct wizard *wizard, const struct value *config)
{
    const struct value *versions = value_get(config, "odoo_versions");
    size_t count = value_count(versions);
    if (!versions || versions->kind != VALUE_ARRAY || count == 0) {
        diagnostics_add(wizard->diagnostics, "missing-key", config->position,
                        "\"odoo_versions\" is missing")
            ->help = "this is not a configuration of odoo-openupgrade-wizard";
        return;
    }
    wizard->draft->from = read_series(wizard, value_item(versions, 0));
    wizard->draft->to = read_series(wizard, value_item(versions, count - 1));
    bool hops = wizard->draft->from && wizard->draft->to &&
                strcmp(wizard->draft->from, wizard->draft->to) != 0;
    if (hops)
        wizard->draft->with = "openupgrade";
}

/* The first column of modules.csv; titles and the like are passed over, as the wizard does. */
static void read_modules(const struct wizard *wizard)
{
    struct arena *arena = wizard->draft->arena;
    const char *path = file_join(arena, wizard->folder, "modules.csv");
    const struct position nowhere = {0};
    if (!file_exists(path) || !lies_inside(wizard, path, nowhere))
        return;
    const struct source *source = import_read_text(arena, path, CONFIG_LIMIT, wizard->diagnostics);
    if (!source)
        return;
    for (const char *at = source->text.bytes; *at;) {
        size_t length = strcspn(at, "\n");
        size_t quoted = *at == '"';
        const char *name = arena_copy_bytes(arena, at + quoted, strcspn(at + quoted, "\",\r\n"));
        if (*name && !strpbrk(name, " ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            draft_decide(wizard->draft, name, "tbd", NULL,
                         source_position(source, (size_t)(at - source->text.bytes)));
        at += length + (at[length] == '\n');
    }
}

static void read_customer(const struct wizard *wizard, const struct value *config)
{
    const struct value *name = value_get(config, "project_name");
    const char *text = import_spelling(name);
    if (text && notation_is_customer(text))
        wizard->draft->customer = text;
    else if (name)
        draft_note(wizard->draft, name->position, "say a short name with --customer",
                   "the project's name cannot be a customer's");
}

static bool is_read(const char *key)
{
    static const char *const keys[] = {"project_name", "odoo_versions", "migration_steps"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static void note_rest(const struct wizard *wizard, const struct value *config)
{
    static const char *const places[] = {"postgres", "odoo_"};
    for (size_t i = 0; i < value_count(config); i++) {
        const struct value_member *member = &config->as.object.members[i];
        bool environment = false;
        for (size_t k = 0; k < sizeof places / sizeof places[0]; k++)
            environment = environment || strncmp(member->key, places[k], strlen(places[k])) == 0;
        if (strcmp(member->key, "workload_settings") == 0)
            draft_note(wizard->draft, member->key_position, "`drehbuch inspect` estimates the work",
                       "\"workload_settings\"");
        else if (environment && strcmp(member->key, "odoo_versions") != 0)
            draft_note(wizard->draft, member->key_position,
                       "say in the environment where servers are and how Odoo is started", "\"%s\"",
                       member->key);
        else if (!is_read(member->key))
            draft_note(wizard->draft, member->key_position, "see what used it",
                       "\"%s\" is not known", member->key);
    }
}

static void read_steps(const struct wizard *wizard, const struct value *steps)
{
    const char *before = wizard->draft->from; /* also where the first step hops */
    if (!steps || !import_check_kind(steps, VALUE_ARRAY, wizard->diagnostics))
        return;
    if (value_count(steps) > STEP_LIMIT) {
        diagnostics_add(wizard->diagnostics, "too-many", steps->position, "more than %zu steps",
                        STEP_LIMIT);
        return;
    }
    for (size_t i = 0; i < value_count(steps); i++)
        before = read_step(wizard, value_item(steps, i), before);
}

void import_wizard(struct draft *draft, const char *folder, struct diagnostics *diagnostics)
{
    struct wizard wizard = {.draft = draft, .folder = folder, .diagnostics = diagnostics};
    wizard.root = file_make_absolute(draft->arena, folder);
    const char *path = file_join(draft->arena, folder, "config.yml");
    const struct source *source = import_read_text(draft->arena, path, CONFIG_LIMIT, diagnostics);
    const struct value *config = source ? yaml_read_loose(draft->arena, source, diagnostics) : NULL;
    if (!config || diagnostics->error_count > 0 ||
        !import_check_kind(config, VALUE_OBJECT, diagnostics))
        return;
    read_customer(&wizard, config);
    read_versions(&wizard, config);
    read_steps(&wizard, value_get(config, "migration_steps"));
    read_modules(&wizard);
    note_rest(&wizard, config);
}
