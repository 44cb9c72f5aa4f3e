#include "runtime/postgres/tools.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "runtime/process.h"

#define DEBIANS_WRAPPER "pg_wrapper" /* it starts what lies in the versions' folders */

struct tools_search {
    uv_loop_t *loop;
    struct arena *arena;
    int wanted; /* the server's major version */
    struct tools *candidates;
    size_t count;
    size_t next; /* candidate that is asked for its version */
    tools_found *found;
    void *context;
};

const char *tools_program(struct arena *arena, const struct tools *tools, const char *name)
{
    return arena_format(arena, "%s/%s", tools->folder, name);
}

static void search_end(struct tools_search *search)
{
    const struct tools *best = NULL;
    struct buffer seen = {0};
    for (size_t i = 0; i < search->count; i++) {
        const struct tools *tools = &search->candidates[i];
        if (tools->version >= search->wanted && (!best || tools->version < best->version))
            best = tools;
        buffer_format(&seen, "%s%d in %s", i > 0 ? ", " : "", tools->version, tools->folder);
    }
    const struct error *error = NULL;
    if (!best)
        error = error_create(
            search->arena, OUTCOME_FAILED,
            arena_format(search->arena, "install the package postgresql-client-%d, or a newer one",
                         search->wanted),
            "the source's server is PostgreSQL %d, and no pg_dump and pg_restore of at least this "
            "version were found (%s)",
            search->wanted, search->count > 0 ? buffer_string(&seen) : "there are none at all");
    buffer_release(&seen);
    search->found(search->context, best, error);
}

/* ---- those whose folder does not tell their version are asked ---- */

static void search_ask(struct tools_search *search);

/* "pg_dump (PostgreSQL) 15.8 (Debian ...)" */
static void search_take_line(void *context, int stream, const char *line)
{
    struct tools_search *search = context;
    const char *version = strstr(line, "(PostgreSQL) ");
    if (stream == 1 && version)
        search->candidates[search->next].version =
            (int)strtol(version + strlen("(PostgreSQL) "), NULL, 10);
}

/* One that does not say it stays of version 0, which fits no server. */
static void search_answered(void *context, const struct error *error, int64_t exit_code, int signal)
{
    struct tools_search *search = context;
    (void)error, (void)exit_code, (void)signal;
    search->next++;
    search_ask(search);
}

static void search_ask(struct tools_search *search)
{
    while (search->next < search->count && search->candidates[search->next].version > 0)
        search->next++;
    if (search->next == search->count) {
        search_end(search);
        return;
    }
    const char **arguments = arena_allocate(search->arena, 3 * sizeof *arguments);
    arguments[0] = tools_program(search->arena, &search->candidates[search->next], "pg_dump");
    arguments[1] = "--version";
    process_start(search->loop, search->arena,
                  (struct process_options){.arguments = arguments,
                                           .line = search_take_line,
                                           .ended = search_answered,
                                           .context = search});
}

/* ---- where they may be ---- */

static bool search_knows(const struct tools_search *search, const char *folder)
{
    for (size_t i = 0; i < search->count; i++)
        if (strcmp(search->candidates[i].folder, folder) == 0)
            return true;
    return false;
}

static void search_add(struct tools_search *search, const char *folder, int version)
{
    struct tools tools = {.folder = arena_copy(search->arena, folder), .version = version};
    if (search_knows(search, folder) ||
        access(tools_program(search->arena, &tools, "pg_dump"), X_OK) != 0 ||
        access(tools_program(search->arena, &tools, "pg_restore"), X_OK) != 0)
        return;
    search->candidates =
        arena_extend(search->arena, search->candidates, search->count, sizeof *search->candidates);
    search->candidates[search->count++] = tools;
}

/* Folders of one version each: PREFIX15/bin. */
static void search_versions(struct tools_search *search, const char *prefix)
{
    glob_t folders;
    if (glob(arena_format(search->arena, "%s*/bin", prefix), 0, NULL, &folders) != 0)
        return;
    for (size_t i = 0; i < folders.gl_pathc; i++) {
        long version = strtol(folders.gl_pathv[i] + strlen(prefix), NULL, 10);
        if (version > 0 && version < 1000)
            search_add(search, folders.gl_pathv[i], (int)version);
    }
    globfree(&folders);
}

static void search_path_folder(struct tools_search *search, const char *folder)
{
    char *resolved = realpath(arena_format(search->arena, "%s/pg_dump", folder), NULL);
    if (!resolved)
        return;
    char *name = strrchr(resolved, '/');
    if (strcmp(name + 1, DEBIANS_WRAPPER) != 0) {
        *name = '\0';
        search_add(search, resolved, 0);
    }
    free(resolved);
}

static void search_path(struct tools_search *search)
{
    const char *path = getenv("PATH");
    char *rest = NULL;
    for (char *folder = strtok_r(arena_copy(search->arena, path ? path : ""), ":", &rest); folder;
         folder = strtok_r(NULL, ":", &rest))
        search_path_folder(search, folder);
}

void tools_find(uv_loop_t *loop, struct arena *arena, int server_version, tools_found *found,
                void *context)
{
    struct tools_search *search = arena_allocate(arena, sizeof *search);
    *search = (struct tools_search){.loop = loop,
                                    .arena = arena,
                                    .wanted = server_version / 10000,
                                    .found = found,
                                    .context = context};
    search_versions(search, "/usr/lib/postgresql/");
    search_versions(search, "/usr/pgsql-");
    search_path(search);
    search_ask(search);
}
