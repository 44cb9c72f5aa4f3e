/* Which migration scripts of a module Odoo will run when it updates it. */
#include <stdlib.h>
#include <string.h>

#include "runtime/diff/diff.h"
#include "runtime/odoo/survey.h"

#define VERSION_PARTS 8

struct version {
    long parts[VERSION_PARTS];
};

/* "18.0.1.2" to its numbers; what is missing is 0. False for what is no version. */
static bool version_read(const char *text, struct version *version)
{
    *version = (struct version){0};
    for (size_t i = 0; i < VERSION_PARTS; i++) {
        char *end;
        if (*text < '0' || *text > '9')
            return false;
        version->parts[i] = strtol(text, &end, 10);
        if (*end == '\0')
            return true;
        if (*end != '.')
            return false;
        text = end + 1;
    }
    return false;
}

static int version_compare(const struct version *left, const struct version *right)
{
    for (size_t i = 0; i < VERSION_PARTS; i++)
        if (left->parts[i] != right->parts[i])
            return left->parts[i] < right->parts[i] ? -1 : 1;
    return 0;
}

static size_t count_dots(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == '.';
    return count;
}

/* As Odoo has it (odoo/modules/migration.py, 14.0 to 19.0): a folder of up to three numbers is of
 * the series that the code is of; "0.0.0" goes with every change of the version; of the others
 * those between the version that is installed and the one that the code has. */
static bool script_runs(struct arena *arena, const char *folder, const char *series,
                        const struct version *before, const struct version *after)
{
    struct version version;
    if (strcmp(folder, "0.0.0") == 0)
        return version_compare(before, after) < 0;
    const char *full =
        count_dots(folder) > 2 ? folder : arena_format(arena, "%s.%s", series, folder);
    return version_read(full, &version) && version_compare(before, &version) < 0 &&
           version_compare(&version, after) <= 0;
}

struct value *diff_scripts(struct arena *arena, const struct survey_module *module,
                           const char *installed, const char *series)
{
    struct value *list = value_array(arena);
    struct version before, after;
    if (!module->manifest || !version_read(installed, &before) ||
        !version_read(module->manifest->version, &after))
        return list;
    for (size_t i = 0; i < value_count(module->scripts); i++) {
        const char *path = value_as_string(value_item(module->scripts, i));
        const char *folder = arena_copy_bytes(arena, path, strcspn(path, "/"));
        if (script_runs(arena, folder, series, &before, &after))
            value_append(arena, list, value_string(arena, path));
    }
    return list;
}
