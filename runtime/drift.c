#include "runtime/drift.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/map.h"

static void drift_add(struct arena *arena, struct value *list, const char *step, const char *what,
                      struct value *rehearsal, struct value *production)
{
    struct value *entry = value_object(arena);
    value_set(arena, entry, "step", value_string(arena, step));
    value_set(arena, entry, "what", value_string(arena, what));
    value_set(arena, entry, "rehearsal", rehearsal ? rehearsal : value_null(arena));
    value_set(arena, entry, "production", production ? production : value_null(arena));
    value_append(arena, list, entry);
}

/* What an environment supplies may differ: values whose change says `binding` are left out, at any
 * depth. */
static struct value *drift_without_bound(struct arena *arena, struct value *value)
{
    if (!value || value->kind != VALUE_OBJECT)
        return value;
    struct value *kept = value_object(arena);
    for (size_t i = 0; i < value_count(value); i++) {
        const struct value_member *member = &value->as.object.members[i];
        if (!value_get_boolean(member->value, "binding", false))
            value_set(arena, kept, member->key, drift_without_bound(arena, member->value));
    }
    return kept;
}

static void drift_compare_member(struct arena *arena, struct value *list, const char *step,
                                 const char *what, struct value *rehearsal,
                                 struct value *production)
{
    if (!rehearsal && !production)
        return;
    if (!rehearsal || !production || !value_equal(rehearsal, production))
        drift_add(arena, list, step, what, rehearsal, production);
}

/* Objects whose members are compared one by one, so that the report names the table or the key. */
static void drift_compare_members(struct arena *arena, struct value *list, const char *step,
                                  const char *what, const struct value *rehearsal,
                                  const struct value *production)
{
    for (size_t i = 0; i < value_count(rehearsal); i++) {
        const struct value_member *member = &rehearsal->as.object.members[i];
        drift_compare_member(arena, list, step, arena_format(arena, "%s %s", what, member->key),
                             member->value, value_get(production, member->key));
    }
    for (size_t i = 0; i < value_count(production); i++) {
        const struct value_member *member = &production->as.object.members[i];
        if (!value_member(rehearsal, member->key))
            drift_compare_member(arena, list, step, arena_format(arena, "%s %s", what, member->key),
                                 NULL, member->value);
    }
}

/* Third-party modules by version: those that are other ones. */
static void drift_compare_addons(struct arena *arena, struct value *list, const char *step,
                                 const struct value *rehearsal, const struct value *production)
{
    for (size_t i = 0; i < value_count(production); i++) {
        const struct value_member *member = &production->as.object.members[i];
        drift_compare_members(arena, list, step, arena_format(arena, "addon at %s:", member->key),
                              value_get(rehearsal, member->key), member->value);
    }
}

static void drift_compare_step(struct arena *arena, struct value *list,
                               const struct value *rehearsal, const struct value *production)
{
    static const struct {
        const char *member, *what;
    } parts[] = {{"tables", "table"},
                 {"parameters", "parameter"},
                 {"crons", "scheduled action"},
                 {"mail_servers", "mail server"},
                 {"config", "option"},
                 {"records", "record"},
                 {"views", "view"},
                 {"odoo", "Odoo"},
                 {"modules", "module"},
                 {"versions", "version of"}};
    const char *step = value_get_string(production, "id");
    const struct value *before = drift_without_bound(arena, value_get(rehearsal, "effects"));
    const struct value *after = drift_without_bound(arena, value_get(production, "effects"));
    drift_compare_member(arena, list, step, "result", value_get(rehearsal, "result"),
                         value_get(production, "result"));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        drift_compare_members(arena, list, step, parts[i].what, value_get(before, parts[i].member),
                              value_get(after, parts[i].member));
    drift_compare_addons(arena, list, step, value_get(before, "addons"),
                         value_get(after, "addons"));
    if (value_get(before, "rows") && value_get(after, "rows")) /* a receipt may not know them */
        drift_compare_member(arena, list, step, "rows", value_get(before, "rows"),
                             value_get(after, "rows"));
    drift_compare_member(arena, list, step, "exit code", value_get(before, "exit_code"),
                         value_get(after, "exit_code"));
    drift_compare_member(arena, list, step, "check passed",
                         value_get(value_get(before, "check"), "passed"),
                         value_get(value_get(after, "check"), "passed"));
}

/* What the two runs started from: the server, and the modules by state. */
static void drift_compare_sources(struct arena *arena, struct value *list,
                                  const struct value *rehearsal, const struct value *production)
{
    static const char *const members[] = {"series", "server_version"};
    static const char step[] = "prepare/preflight";
    if (!rehearsal || !production)
        return;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        drift_compare_member(arena, list, step, arena_format(arena, "source's %s", members[i]),
                             value_get(rehearsal, members[i]), value_get(production, members[i]));
    drift_compare_members(arena, list, step, "source's modules", value_get(rehearsal, "modules"),
                          value_get(production, "modules"));
}

/* Skipped for its `only`: the step is another mode's, so there is nothing to compare. */
static bool drift_is_of_one_mode(const struct value *step)
{
    const char *reason = value_get_string(step, "reason");
    return reason && strncmp(reason, "only ", 5) == 0;
}

/* Where it comes from and where it goes is the environment's: one may have filestores, a service or
 * a place to publish to that the other has not. */
static bool drift_is_of_place(const struct value *step)
{
    const char *id = value_get_string(step, "id");
    const char *result = value_get_string(step, "result");
    bool of_place = strncmp(id, "prepare/", 8) == 0 || strncmp(id, "publish/", 8) == 0;
    return of_place && result && strcmp(result, "skipped") == 0;
}

static bool drift_is_left_out(const struct value *step)
{
    return step && (drift_is_of_one_mode(step) || drift_is_of_place(step));
}

struct value *drift_compare(struct arena *arena, const struct value *rehearsal,
                            const struct value *production)
{
    struct value *list = value_array(arena);
    struct map *before = map_create(arena);
    drift_compare_sources(arena, list, value_get(rehearsal, "source"),
                          value_get(production, "source"));
    const struct value *steps = value_get(rehearsal, "steps");
    for (size_t i = 0; i < value_count(steps); i++)
        map_set(before, value_get_string(value_item(steps, i), "id"), value_item(steps, i));
    steps = value_get(production, "steps");
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value *step = value_item(steps, i);
        const struct value *other = map_get(before, value_get_string(step, "id"));
        if (!drift_is_left_out(step) && !drift_is_left_out(other))
            drift_compare_step(arena, list, other, step);
    }
    return list;
}
