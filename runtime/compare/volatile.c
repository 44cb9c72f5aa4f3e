#include "runtime/compare/volatile.h"

#include <fnmatch.h>
#include <string.h>

#include "runtime/compare/compare.h"

#define PUBLIC "public."

const struct volatile_default volatile_defaults[] = {
    {"drehbuch", "the schema of the receipts", true},
    {"drehbuch.*", "receipts name the run", true},
    {"*.create_date", "when a row was made", false},
    {"*.write_date", "when a row was last written", false},
    {"base_import_import", "files that are being imported", false},
    {"bus_bus", "messages between Odoo's servers and browsers", false},
    {"bus_presence", "who is there", false},
    {"discuss_channel_rtc_session", "who is in a call", false},
    {"ir_cron.lastcall", "when it ran last", false},
    {"ir_cron.nextcall", "when it runs next", false},
    {"ir_cron_progress", "how far scheduled actions are", false},
    {"ir_cron_trigger", "scheduled actions that are to run early", false},
    {"ir_logging", "a log", false},
    {"ir_profile", "measurements", false},
    {"mail_presence", "who is there", false},
    {"orm_signaling_*", "which caches are out of date", false},
    {"res_device_log", "a log of sessions", false},
    {"res_users_log", "a log of logins", false},
    {"website_track", "a log of pages that were visited", false},
    {"website_visitor", "a log of visitors", false},
    {NULL, NULL, false},
};

static const char *const parameters[] = {"database.uuid", "database.secret", "database.create_date",
                                         NULL};

/* Bundles of assets are built again whenever they are asked for. */
static const struct {
    const char *table, *condition;
} conditions[] = {
    {"public.ir_config_parameter",
     "key NOT IN ('database.uuid', 'database.secret', 'database.create_date')"},
    {"public.ir_attachment", "url IS NULL OR url NOT LIKE '/web/assets/%'"},
};

/* With or without the schema "public". */
static bool matches(const char *pattern, const char *name)
{
    bool is_public = strncmp(name, PUBLIC, strlen(PUBLIC)) == 0;
    return fnmatch(pattern, name, FNM_NOESCAPE) == 0 ||
           (is_public && fnmatch(pattern, name + strlen(PUBLIC), FNM_NOESCAPE) == 0);
}

static bool is_ignored(const struct compare_options *options, const char *name, bool wholly)
{
    for (size_t i = 0; i < options->ignored_count; i++)
        if (matches(options->ignored[i], name))
            return true;
    for (const struct volatile_default *item = volatile_defaults; item->pattern; item++)
        if (!options->strict && (!wholly || item->wholly) && matches(item->pattern, name))
            return true;
    return false;
}

bool volatile_is_wholly(const struct compare_options *options, const char *name)
{
    return is_ignored(options, name, true);
}

bool volatile_is_table(const struct compare_options *options, const char *table)
{
    return is_ignored(options, table, false);
}

bool volatile_is_column(const struct compare_options *options, const char *table,
                        const char *column)
{
    struct arena *arena = arena_create();
    bool ignored = is_ignored(options, arena_format(arena, "%s.%s", table, column), false);
    arena_destroy(arena);
    return ignored;
}

const char *volatile_condition(const struct compare_options *options, const char *table)
{
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0] && !options->strict; i++)
        if (strcmp(conditions[i].table, table) == 0)
            return conditions[i].condition;
    return NULL;
}

bool volatile_is_parameter(const struct compare_options *options, const char *key)
{
    for (const char *const *parameter = parameters; *parameter && !options->strict; parameter++)
        if (strcmp(*parameter, key) == 0)
            return true;
    return false;
}
