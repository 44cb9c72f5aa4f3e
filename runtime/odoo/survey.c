#include "runtime/odoo/survey.h"

#include <string.h>

#include "base/notation.h"
#include "runtime/odoo/channel.h"
#include "runtime/process.h"
#include "runtime/run.h"

#define GRACE 5000 /* milliseconds from SIGTERM to SIGKILL */

struct survey {
    const char *series;
    const char *version;
    struct map *modules;        /* name to struct survey_module */
    const struct value *names;  /* of all modules: whether they are Odoo's own */
    const struct value *unused; /* addons folders */
    const struct value *server; /* {identity, role} or {error} */
    const struct value *packages;
    const struct value *programs;
    struct text apriori; /* .bytes NULL: there is none */
    const char *apriori_path;
    bool complete;
};

struct surveying {
    struct arena *arena;
    struct survey_request request;
    struct survey *survey;
    struct channel *channel;
    struct process *process;
    bool stopped;
    const struct error *error;
    const char *last_line; /* of the log */
};

/* ---- what it says ---- */

static void fail(struct surveying *surveying, const struct error *error)
{
    if (!surveying->error)
        surveying->error = error;
}

static const struct error *decode_manifest(struct surveying *surveying,
                                           struct survey_module *module, const char *encoded)
{
    struct text text;
    text.bytes = channel_decode(surveying->arena, encoded, &text.length);
    if (!text.bytes)
        return error_create(surveying->arena, OUTCOME_FAILED, NULL, "%s came damaged",
                            module->path);
    return manifest_read(surveying->arena, text, module->path, module->name,
                         surveying->request.installation->series, &module->manifest);
}

static bool is_of_oca(const struct manifest *manifest)
{
    return manifest && strstr(manifest->author, "Odoo Community Association");
}

/* Addons that were installed as Python packages may lie among Odoo's own. */
static void take_module(struct surveying *surveying, const struct value *message)
{
    struct survey_module *module = arena_allocate(surveying->arena, sizeof *module);
    const char *encoded = value_get_string(message, "manifest");
    const char *unreadable = value_get_string(message, "unreadable");
    module->name = value_get_string(message, "module");
    module->path = value_get_string(message, "path");
    module->sha256 = value_get_string(message, "sha256");
    module->scripts = value_get(message, "scripts");
    module->upgrade_scripts = value_get(message, "upgrade_scripts");
    if (unreadable)
        module->error = error_create(surveying->arena, OUTCOME_FAILED, "let Odoo's user read it",
                                     "%s", unreadable);
    else if (encoded)
        module->error = decode_manifest(surveying, module, encoded);
    module->own = value_get_boolean(message, "own", false) && !is_of_oca(module->manifest);
    map_set(surveying->survey->modules, module->name, module);
}

static void take_odoo(struct surveying *surveying, const struct value *odoo)
{
    struct survey *survey = surveying->survey;
    const char *expected = surveying->request.installation->series;
    survey->series = value_get_string(odoo, "series");
    survey->version = value_get_string(odoo, "version");
    survey->unused = value_get(odoo, "unused");
    survey->server = value_get(odoo, "server");
    if (!survey->series || !survey->version)
        fail(surveying, error_create(surveying->arena, OUTCOME_FAILED, "check what `run` starts",
                                     "it does not tell which version it is"));
    else if (strcmp(survey->series, expected) != 0)
        fail(surveying, error_create(surveying->arena, OUTCOME_FAILED, "check what `run` starts",
                                     "it is Odoo %s, not %s", survey->series, expected));
}

static void take_apriori(struct surveying *surveying, const struct value *apriori)
{
    struct survey *survey = surveying->survey;
    const char *encoded = value_get_string(apriori, "text");
    survey->apriori_path = value_get_string(apriori, "path");
    if (!encoded)
        return;
    survey->apriori.bytes = channel_decode(surveying->arena, encoded, &survey->apriori.length);
    if (!survey->apriori.bytes)
        fail(surveying, error_create(surveying->arena, OUTCOME_FAILED, NULL, "%s came damaged",
                                     survey->apriori_path));
}

static void take_message(void *context, struct value *message, const struct error *error)
{
    struct surveying *surveying = context;
    struct survey *survey = surveying->survey;
    const char *problem = value_get_string(message, "error");
    if (error)
        fail(surveying, error);
    else if (problem)
        fail(surveying, error_create(surveying->arena, OUTCOME_FAILED, "see the step's log",
                                     "its addons cannot be looked at: %s", problem));
    if (surveying->error)
        return;
    if (value_get(message, "odoo"))
        take_odoo(surveying, value_get(message, "odoo"));
    else if (value_get(message, "names"))
        survey->names = value_get(message, "names");
    else if (value_get_string(message, "module"))
        take_module(surveying, message);
    else if (value_get(message, "packages"))
        survey->packages = value_get(message, "packages");
    else if (value_get(message, "apriori"))
        take_apriori(surveying, value_get(message, "apriori"));
    if (value_get(message, "programs"))
        survey->programs = value_get(message, "programs");
    survey->complete = survey->complete || value_get_boolean(message, "done", false);
}

static void take_log(void *context, const char *line)
{
    struct surveying *surveying = context;
    if (line[strspn(line, " ")] != '\0')
        surveying->last_line = arena_copy(surveying->arena, line);
    surveying->request.log(surveying->request.context, line);
}

static void take_line(void *context, int stream, const char *line)
{
    struct surveying *surveying = context;
    channel_take(surveying->channel, stream, line);
}

static void process_ended(void *context, const struct error *error, int64_t exit_code, int signal)
{
    struct surveying *surveying = context;
    struct arena *arena = surveying->arena;
    surveying->process = NULL;
    channel_end(surveying->channel);
    if (surveying->stopped)
        surveying->error = error_create(arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop");
    else if (error)
        surveying->error = error;
    else if (!surveying->error && !surveying->survey->complete)
        surveying->error = error_create(
            arena, OUTCOME_FAILED, "check what `run` starts; its whole output is in the step's log",
            "it ended with %s %lld%s%s", signal ? "signal" : "exit code",
            signal ? (long long)signal : (long long)exit_code, surveying->last_line ? ": " : "",
            surveying->last_line ? surveying->last_line : "");
    surveying->request.ended(surveying->request.context,
                             surveying->error ? NULL : surveying->survey, surveying->error);
}

/* ---- the beginning ---- */

/* Up to 17.0 nothing on the command line outweighs a database that the configuration names, and the
 * shell would open it. There the configuration is left out, and read once the shell is open. */
static bool has_to_hide_configuration(const struct installation *installation)
{
    int series = 0;
    return notation_read_version(installation->series, &series) && series < 180;
}

static void add_argument(struct arena *arena, struct value *arguments, const char *option,
                         const char *text)
{
    if (text)
        value_append(arena, arguments, value_format(arena, "--%s=%s", option, text));
}

/* "a,b" as a list. */
static struct value *split_folders(struct arena *arena, const char *folders)
{
    struct value *list = value_array(arena);
    while (folders && *folders) {
        size_t length = strcspn(folders, ",");
        value_append(arena, list, value_string(arena, arena_copy_bytes(arena, folders, length)));
        folders += length + (folders[length] == ',');
    }
    return list;
}

static struct value *make_settings(const struct surveying *surveying,
                                   const struct installation *installation)
{
    struct arena *arena = surveying->arena;
    struct value *settings = value_object(arena);
    value_set(arena, settings, "modules", value_copy(arena, surveying->request.modules));
    value_set(arena, settings, "addons", split_folders(arena, installation->addons));
    value_set(arena, settings, "openupgrade", split_folders(arena, installation->openupgrade));
    if (!has_to_hide_configuration(installation))
        return settings;
    struct value *arguments = value_array(arena);
    add_argument(arena, arguments, "config", installation->config);
    add_argument(arena, arguments, "data-dir", installation->data_folder);
    add_argument(arena, arguments, "addons-path", installation->addons);
    value_set(arena, settings, "arguments", arguments);
    return settings;
}

static const char *const *make_arguments(struct arena *arena, struct installation installation)
{
    static const char *const hide[] = {"--config=/dev/null", NULL};
    bool hides = has_to_hide_configuration(&installation);
    if (hides)
        installation.config = NULL;
    return installation_arguments(arena, &installation,
                                  (struct installation_call){.subcommand = "shell",
                                                             .database = hides ? NULL : "",
                                                             .more = hides ? hide : NULL});
}

/* OpenUpgrade's framework would be loaded by a hop's own arguments: it is only looked for. */
static struct installation make_installation(struct arena *arena,
                                             const struct survey_request *request)
{
    struct installation installation = *request->installation;
    if (request->openupgrade && installation.openupgrade && installation.addons)
        installation.addons =
            arena_format(arena, "%s,%s", installation.addons, installation.openupgrade);
    return installation;
}

const struct error *survey_start(struct run *run, struct arena *arena,
                                 struct survey_request request, struct surveying **started)
{
    const struct harness_file files[] = {HARNESS_FILE(channel), HARNESS_FILE(survey)};
    struct surveying *surveying = arena_allocate(arena, sizeof *surveying);
    *surveying = (struct surveying){.arena = arena, .request = request};
    surveying->survey = arena_allocate(arena, sizeof *surveying->survey);
    surveying->survey->modules = map_create(arena);
    const struct error *error = channel_create(
        arena,
        (struct channel_listener){.message = take_message, .log = take_log, .context = surveying},
        &surveying->channel);
    if (error)
        return error;
    struct installation installation = make_installation(arena, &request);
    const char *script =
        channel_write_script(surveying->channel, make_settings(surveying, &installation), files,
                             sizeof files / sizeof files[0]);
    surveying->process =
        process_start(run->loop, arena,
                      (struct process_options){.arguments = make_arguments(arena, installation),
                                               .environment = installation_environment,
                                               .input = script,
                                               .line = take_line,
                                               .ended = process_ended,
                                               .context = surveying});
    *started = surveying;
    return NULL;
}

void survey_stop(struct surveying *surveying)
{
    surveying->stopped = true;
    if (surveying->process)
        process_stop(surveying->process, GRACE);
}

/* ---- asking ---- */

const char *survey_series(const struct survey *survey)
{
    return survey->series;
}

const char *survey_version(const struct survey *survey)
{
    return survey->version;
}

const struct value *survey_server(const struct survey *survey)
{
    return survey->server;
}

const struct value *survey_unused_folders(const struct survey *survey)
{
    return survey->unused;
}

const struct survey_module *survey_find(const struct survey *survey, const char *name)
{
    return map_get(survey->modules, name);
}

const char *survey_apriori(const struct survey *survey, struct text *text)
{
    *text = survey->apriori;
    return survey->apriori.bytes ? survey->apriori_path : NULL;
}

bool survey_is_own(const struct survey *survey, const char *name, bool *known)
{
    const struct survey_module *module = survey_find(survey, name);
    *known = value_get(survey->names, name) != NULL;
    return module ? module->own : value_get_boolean(survey->names, name, false);
}

const char *survey_missing_package(const struct survey *survey, const char *name)
{
    const struct value *found = value_get(survey->packages, name);
    return found ? value_as_string(found) : "it was not looked for";
}

const char *survey_missing_program(const struct survey *survey, const char *name)
{
    const struct value *found = value_get(survey->programs, name);
    return found ? value_as_string(found) : "it was not looked for";
}
