#include "runtime/environment.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/notation.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "runtime/fetch.h"
#include "runtime/filestore/place.h"
#include "runtime/odoo/installation.h"
#include "runtime/postgres/conninfo.h"
#include "runtime/postgres/marker.h"
#include "schemas/embedded.h"

#define DEFAULT_JOBS 2
#define DEFAULT_CHECKPOINTS 3
#define DEFAULT_CHECKPOINT_MINIMUM 60000 /* milliseconds */

struct reading {
    struct arena *arena;
    struct environment *environment;
    const char *folder;   /* the environment file's: paths count from it */
    const char *absolute; /* the same from the root */
    struct diagnostics *diagnostics;
};

const char *mode_name(enum mode mode)
{
    return mode == MODE_PRODUCTION ? "production" : "test";
}

static const char *read_path(const struct reading *reading, const struct value *object,
                             const char *key)
{
    const char *path = value_get_string(object, key);
    return path ? file_join(reading->arena, reading->folder, path) : NULL;
}

/* HOST:FOLDER counts from no folder of ours. Names are put behind folders, so no slash is there.
 * What a run keeps in mind of its place must not depend on where it is called from, so it is
 * absolute. */
static const char *read_filestore(const struct reading *reading, const struct value *place,
                                  const char *key)
{
    const char *path = value_get_string(place, key);
    if (!path)
        return NULL;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    path = arena_copy_bytes(reading->arena, path, length);
    return filestore_is_remote(path) ? path : file_join(reading->arena, reading->absolute, path);
}

static void add_one_secret(const struct reading *reading, const char *secret)
{
    struct environment *environment = reading->environment;
    environment->secrets = arena_extend(reading->arena, (void *)environment->secrets,
                                        environment->secret_count, sizeof *environment->secrets);
    ((const char **)environment->secrets)[environment->secret_count++] = secret;
}

/* `text` with each of `special` preceded by `before`. */
static const char *escape(struct arena *arena, const char *text, const char *special, char before)
{
    char *escaped = arena_allocate(arena, 2 * strlen(text) + 1);
    char *next = escaped;
    for (; *text; *next++ = *text++)
        if (strchr(special, *text))
            *next++ = before;
    return escaped;
}

/* The forms in which SQL and Python write it are as secret as itself. */
static void add_written_forms(const struct reading *reading, const char *secret)
{
    if (strchr(secret, '\''))
        add_one_secret(reading, escape(reading->arena, secret, "'", '\''));
    if (strpbrk(secret, "'\"\\"))
        add_one_secret(reading, escape(reading->arena, secret, "'\"\\", '\\'));
    if (strchr(secret, '\\'))
        add_one_secret(reading, escape(reading->arena, secret, "\\", '\\'));
}

/* Of a secret of several lines each is one: it may be shown line by line. */
static void add_secret(const struct reading *reading, const char *secret)
{
    if (!secret || secret[0] == '\0')
        return;
    add_one_secret(reading, secret);
    add_written_forms(reading, secret);
    for (size_t length; secret[length = strcspn(secret, "\r\n")] != '\0' || length > 0;
         secret += length + (secret[length] != '\0'))
        if (length > 0) {
            const char *line = arena_copy_bytes(reading->arena, secret, length);
            add_one_secret(reading, line);
            add_written_forms(reading, line);
        }
}

/* The name in a libpq URI; its password, if it has one, must not be there. */
static void read_url(const struct reading *reading, const struct value *url,
                     struct database_address *address)
{
    char *problem = NULL;
    PQconninfoOption *options = PQconninfoParse(value_as_string(url), &problem);
    if (!options) {
        struct diagnostic *diagnostic = diagnostics_add(
            reading->diagnostics, "database-url", url->position, "this is not a database's URI");
        diagnostic->conceals_line = true; /* nobody knows what is a password in it */
        diagnostic->help =
            "write it as postgresql://ROLE@HOST:PORT/DATABASE; special characters as %XX";
        PQfreemem(problem);
        return;
    }
    address->url = value_as_string(url);
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (!option->val || option->val[0] == '\0')
            continue;
        if (strcmp(option->keyword, "dbname") == 0) {
            address->name = arena_copy(reading->arena, option->val);
        } else if (strcmp(option->keyword, "password") == 0) {
            add_secret(reading, arena_copy(reading->arena, option->val));
            struct diagnostic *diagnostic =
                diagnostics_add(reading->diagnostics, "secret-in-url", url->position,
                                "a password must not stand in a database's URI");
            diagnostic->conceals_line = true;
            diagnostic->help = "write { url: ..., password: { env: NAME } }";
        }
    }
    PQconninfoFree(options);
    if (!address->name)
        diagnostics_add(reading->diagnostics, "database-url", url->position,
                        "the URI names no database")
            ->help = "add it at the end: postgresql:///DATABASE";
}

static struct database_address read_address(const struct reading *reading,
                                            const struct value *place)
{
    struct database_address address = {0};
    const struct value *database = value_get(place, "database");
    const struct value *password = value_get(database, "password");
    if (password) {
        address.password =
            fetch_value(reading->arena, reading->folder, password, reading->diagnostics);
        add_secret(reading, address.password);
    }
    read_url(reading, database->kind == VALUE_STRING ? database : value_get(database, "url"),
             &address);
    return address;
}

static void read_checkpoints(struct environment *environment, const struct value *checkpoints)
{
    struct checkpoint_policy *policy = &environment->checkpoints;
    const char *disk = value_get_string(checkpoints, "disk");
    const char *minimum = value_get_string(checkpoints, "minimum");
    if (!checkpoints)
        return;
    policy->count = value_get_integer(checkpoints, "count", DEFAULT_CHECKPOINTS);
    policy->minimum = DEFAULT_CHECKPOINT_MINIMUM;
    if (disk)
        notation_read_size(disk, &policy->disk);
    if (minimum)
        notation_read_duration(minimum, &policy->minimum);
}

static void read_limits(const struct reading *reading, const struct value *limits)
{
    struct environment *environment = reading->environment;
    environment->jobs = (int)value_get_integer(limits, "jobs", DEFAULT_JOBS);
    const char *window = value_get_string(limits, "window");
    const char *timeout = value_get_string(limits, "timeout");
    const char *free_disk = value_get_string(limits, "free_disk");
    if (window)
        notation_read_duration(window, &environment->window);
    if (timeout)
        notation_read_duration(timeout, &environment->timeout);
    if (free_disk)
        notation_read_size(free_disk, &environment->free_disk);
    read_checkpoints(environment, value_get(limits, "checkpoints"));
}

static void read_backup(const struct reading *reading, const struct value *backup)
{
    reading->environment->backup_declined = backup && backup->kind == VALUE_BOOLEAN;
    reading->environment->backup_folder = read_path(reading, backup, "folder");
    const char *format = value_get_string(backup, "format");
    reading->environment->backup_format =
        format && strcmp(format, "zip") == 0 ? BACKUP_ZIP : BACKUP_FOLDER;
}

static void read_approval(const struct reading *reading, const struct value *approval)
{
    struct environment *environment = reading->environment;
    const struct value *keys = value_get(approval, "keys");
    size_t count = value_count(keys);
    const char **paths = arena_allocate(reading->arena, (count + 1) * sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = file_join(reading->arena, reading->folder, value_as_string(value_item(keys, i)));
    environment->approval_keys = paths;
    environment->approval_key_count = count;
}

static bool binding_fits(const char *type, const char *text)
{
    if (strcmp(type, "url") == 0)
        return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
    if (strcmp(type, "number") != 0)
        return true;
    char *end = NULL;
    (void)strtod(text, &end);
    return text[0] != '\0' && *end == '\0';
}

static void read_binding(const struct reading *reading, const struct value_member *supplied,
                         const struct value *declared)
{
    const char *type = value_get_string(declared, "type");
    const char *text =
        fetch_value(reading->arena, reading->folder, supplied->value, reading->diagnostics);
    if (!text)
        return;
    if (strcmp(type, "secret") == 0)
        add_secret(reading, text);
    if (!binding_fits(type, text))
        diagnostics_add(reading->diagnostics, "binding-type", supplied->value->position,
                        "the value of \"%s\" is no %s", supplied->key, type)
            ->help = strcmp(type, "url") == 0
                         ? "write an address that begins with https:// or http://"
                         : "write a number";
    map_set(reading->environment->bindings, supplied->key, (void *)text);
}

static void read_bindings(const struct reading *reading, const struct value *document,
                          const struct compiled_plan *plan)
{
    const struct value *supplied = value_get(document, "bindings");
    for (size_t i = 0; i < value_count(supplied); i++) {
        const struct value_member *member = &supplied->as.object.members[i];
        const struct value *declared = value_get(plan->bindings, member->key);
        if (declared)
            read_binding(reading, member, declared);
        else
            diagnostics_add(reading->diagnostics, "binding-superfluous", member->key_position,
                            "the plan declares no binding \"%s\"", member->key)
                ->help = "remove it, or declare it in the plan and compile again";
    }
    const struct value_member *whole = value_member(document, "bindings");
    for (size_t i = 0; i < value_count(plan->bindings); i++) {
        const char *name = plan->bindings->as.object.members[i].key;
        if (!value_member(supplied, name))
            diagnostics_add(reading->diagnostics, "binding-missing",
                            whole ? whole->key_position : document->position,
                            "the plan's binding \"%s\" has no value here", name)
                ->help = arena_format(reading->arena, "add `%s: ...` below `bindings:`", name);
    }
}

static void read_installations(const struct reading *reading, const struct value *odoo)
{
    for (size_t i = 0; i < value_count(odoo); i++) {
        const struct value_member *entry = &odoo->as.object.members[i];
        const struct installation *installation =
            installation_read(reading->arena, entry->key, entry->value);
        map_set(reading->environment->odoo, entry->key, (void *)installation);
    }
}

static void read_known_errors(const struct reading *reading, const struct value *files)
{
    for (size_t i = 0; i < value_count(files); i++) {
        const struct value *file = value_item(files, i);
        const char *path = file_join(reading->arena, reading->folder, value_as_string(file));
        const struct error *error =
            known_errors_add_file(reading->environment->known_errors, path, reading->diagnostics);
        if (error)
            diagnostics_add(reading->diagnostics, "file-unreadable", file->position, "%s",
                            error->message)
                ->help = "paths count from the folder of the environment file";
    }
}

/* Made of the dump, on the server of the working database, whose role makes it. */
static struct database_address dumped_address(const struct reading *reading)
{
    const struct database_address *work = &reading->environment->work;
    if (!work->name)
        return (struct database_address){0};
    const char *name = arena_format(reading->arena, "%s" MARKER_SOURCE, work->name);
    return (struct database_address){.name = name,
                                     .url = conninfo_write(reading->arena, work, name),
                                     .password = work->password};
}

static void check_work_name(const struct reading *reading, const struct value *work)
{
    const char *name = reading->environment->work.name;
    if (!name || strlen(name) <= MARKER_NAME_LIMIT)
        return;
    diagnostics_add(reading->diagnostics, "work-name-long", value_get(work, "database")->position,
                    "the working database's name has %zu bytes, at most %zu are possible",
                    strlen(name), MARKER_NAME_LIMIT)
        ->help = "choose a shorter one: copies beside it get longer names";
}

static void read_document(const struct reading *reading, const struct value *document,
                          const struct compiled_plan *plan)
{
    struct environment *environment = reading->environment;
    const struct value *source = value_get(document, "source");
    const struct value *work = value_get(document, "work");
    const char *mode = value_get_string(document, "mode");
    const char *copy = value_get_string(document, "copy");
    environment->name = value_get_string(document, "environment");
    environment->mode = strcmp(mode, "production") == 0 ? MODE_PRODUCTION : MODE_TEST;
    environment->work = read_address(reading, work);
    check_work_name(reading, work);
    const char *dump = value_get_string(source, "dump");
    if (dump)
        environment->source_dump = file_join(reading->arena, reading->absolute, dump);
    environment->source =
        environment->source_dump ? dumped_address(reading) : read_address(reading, source);
    environment->source_filestore = read_filestore(reading, source, "filestore");
    environment->work_filestore = read_filestore(reading, work, "filestore");
    environment->publish = value_get(document, "publish");
    environment->publish_filestore = read_filestore(reading, environment->publish, "filestore");
    environment->publish_replaced_filestore =
        read_filestore(reading, environment->publish, "replaced_filestore");
    environment->copy = !copy || strcmp(copy, "auto") == 0 ? COPY_AUTO
                        : strcmp(copy, "template") == 0    ? COPY_TEMPLATE
                                                           : COPY_DUMP;
    environment->runs = read_path(reading, document, "runs");
    if (!environment->runs)
        environment->runs = file_join(reading->arena, reading->folder, "runs");
    read_backup(reading, value_get(document, "backup"));
    read_approval(reading, value_get(document, "approval"));
    read_limits(reading, value_get(document, "limits"));
    read_installations(reading, value_get(document, "odoo"));
    read_known_errors(reading, value_get(document, "known_errors"));
    if (environment->source.url && environment->work.url &&
        strcmp(environment->source.url, environment->work.url) == 0)
        diagnostics_add(reading->diagnostics, "work-is-source",
                        value_get(work, "database")->position,
                        "source and work are the same database")
            ->help = "give the working database a name of its own";
    if (plan)
        read_bindings(reading, document, plan);
}

static int compare_lengths(const void *left, const void *right)
{
    size_t a = strlen(*(const char *const *)left);
    size_t b = strlen(*(const char *const *)right);
    return (a < b) - (a > b);
}

static const struct error *environment_create(struct arena *arena, const char *path,
                                              struct environment **environment)
{
    *environment = arena_allocate(arena, sizeof **environment);
    (*environment)->path = path;
    (*environment)->bindings = map_create(arena);
    (*environment)->odoo = map_create(arena);
    return known_errors_create(arena, &(*environment)->known_errors);
}

static const struct error *read_source(const struct reading *reading, struct source *source,
                                       const struct compiled_plan *plan)
{
    struct environment *environment = reading->environment;
    struct diagnostics *diagnostics = reading->diagnostics;
    struct schema *schema;
    const struct error *error =
        schema_read(reading->arena, schema_environment, schema_environment_end,
                    "environment.schema.json", &schema);
    if (error)
        return error;
    add_secret(reading, getenv("PGPASSWORD")); /* libpq's own way */
    size_t before = diagnostics->error_count;
    const struct value *document = yaml_read(reading->arena, source, diagnostics);
    if (document && diagnostics->error_count == before &&
        schema_check(schema, document, diagnostics))
        read_document(reading, document, plan);
    if (environment->secret_count > 1)
        qsort((void *)environment->secrets, environment->secret_count, sizeof *environment->secrets,
              compare_lengths);
    size_t count = diagnostics->error_count - before;
    if (count == 0)
        return NULL;
    return error_create(reading->arena, OUTCOME_INVALID,
                        "correct the environment file; nothing was changed", "%s has %zu %s",
                        environment->path, count, count == 1 ? "error" : "errors");
}

const struct error *environment_load(struct arena *arena, const char *path,
                                     const struct compiled_plan *plan,
                                     struct diagnostics *diagnostics,
                                     struct environment **environment)
{
    struct text text;
    const struct error *error = file_read(arena, path, YAML_SIZE_LIMIT, &text);
    if (!error)
        error = environment_create(arena, path, environment);
    if (error)
        return error;
    struct reading reading = {.arena = arena,
                              .environment = *environment,
                              .folder = file_folder(arena, path),
                              .absolute = file_make_absolute(arena, file_folder(arena, path)),
                              .diagnostics = diagnostics};
    return read_source(&reading, source_create(arena, path, text), plan);
}

/* ---- without a file ---- */

/* The same document as a file would hold, so that the same is asked of it. */
static struct text order_write(struct arena *arena, const struct restore_order *order)
{
    struct value *document = value_object(arena), *source = value_object(arena);
    struct value *work = value_object(arena), *database = value_string(arena, order->database);
    if (order->password_variable) {
        struct value *password = value_object(arena);
        value_set(arena, password, "env", value_string(arena, order->password_variable));
        database = value_object(arena);
        value_set(arena, database, "url", value_string(arena, order->database));
        value_set(arena, database, "password", password);
    }
    value_set(arena, source, "dump", value_string(arena, order->dump));
    value_set(arena, work, "database", database);
    if (order->filestore)
        value_set(arena, work, "filestore", value_string(arena, order->filestore));
    value_set(arena, document, "version", value_integer(arena, 1));
    value_set(arena, document, "environment", value_string(arena, "restore"));
    value_set(arena, document, "mode", value_string(arena, mode_name(MODE_TEST)));
    value_set(arena, document, "source", source);
    value_set(arena, document, "work", work);
    struct buffer buffer = {0};
    json_write(&buffer, document, JSON_INDENTED);
    struct text text = {.bytes = arena_copy(arena, buffer_string(&buffer)),
                        .length = buffer.length};
    buffer_release(&buffer);
    return text;
}

const struct error *environment_for_restore(struct arena *arena, const struct restore_order *order,
                                            struct environment **environment)
{
    static const char name[] = "the command line";
    struct diagnostics diagnostics = diagnostics_create(arena);
    const struct error *error = environment_create(arena, name, environment);
    if (error)
        return error;
    struct reading reading = {.arena = arena,
                              .environment = *environment,
                              .folder = ".",
                              .absolute = ".",
                              /* nothing is kept in mind */ .diagnostics = &diagnostics};
    error = read_source(&reading, source_create(arena, name, order_write(arena, order)), NULL);
    if (error && diagnostics.count > 0)
        return error_create(arena, OUTCOME_USAGE, diagnostics.items[0].help, "%s",
                            diagnostics.items[0].message);
    (*environment)->source = (*environment)->work;
    return error;
}
