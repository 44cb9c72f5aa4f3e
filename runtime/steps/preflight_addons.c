/* The addons that were rehearsed against those of this run: in production other code is another
 * upgrade than the one that was approved. */
#include <string.h>

#include "runtime/run.h"
#include "runtime/steps/preflight_private.h"

/* What the rehearsal's preflight saw. */
static const struct value *find_rehearsed(const struct preflight *preflight)
{
    const struct value *steps = value_get(preflight->step->run->rehearsal, "steps");
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value *step = value_item(steps, i);
        const char *id = value_get_string(step, "id");
        if (id && strcmp(id, preflight->step->step->id) == 0)
            return value_get(step, "effects");
    }
    return NULL;
}

/* "19.0.1.0.3, 3f2a91c4d5e6", or "not there". */
static const char *describe(struct arena *arena, const struct value *addon)
{
    const char *version = value_get_string(addon, "version");
    const char *sha256 = value_get_string(addon, "sha256");
    return sha256 ? arena_format(arena, "%s (%.12s)", version ? version : "unreadable", sha256)
                  : "not there";
}

static void tell_difference(struct preflight *preflight, const char *series, const char *module,
                            const struct value *then, const struct value *now)
{
    struct step_run *step = preflight->step;
    const char *what = arena_format(step->arena, "it is not what was rehearsed: then %s, now %s",
                                    describe(step->arena, then), describe(step->arena, now));
    const char *place = arena_format(step->arena, "addons.%s.%s", series, module);
    if (step->run->changed_addons)
        step_warn(step, "%s: %s", place, what);
    else
        preflight_find(preflight, place,
                       error_create(step->arena, OUTCOME_REFUSED,
                                    "put the rehearsed one back, or rehearse with this one, or say "
                                    "with --changed-addons why it has to be this one",
                                    "%s", what));
}

static void compare_version(struct preflight *preflight, const char *series,
                            const struct value *then, const struct value *now)
{
    for (size_t i = 0; i < value_count(then); i++) {
        const struct value_member *member = &then->as.object.members[i];
        const struct value *other = value_get(now, member->key);
        if (!other || !value_equal(member->value, other))
            tell_difference(preflight, series, member->key, member->value, other);
    }
    for (size_t i = 0; i < value_count(now); i++) {
        const struct value_member *member = &now->as.object.members[i];
        if (!value_get(then, member->key))
            tell_difference(preflight, series, member->key, NULL, member->value);
    }
}

void preflight_compare_addons(struct preflight *preflight)
{
    const struct value *rehearsed = find_rehearsed(preflight);
    if (preflight->step->run->mode != MODE_PRODUCTION || !rehearsed)
        return;
    for (size_t i = 0; i < preflight->version_count; i++) {
        const struct preflight_version *version = &preflight->versions[i];
        bool compared = version->survey && version->step_count > 0 &&
                        value_get(value_get(rehearsed, "odoo"), version->series);
        if (compared)
            compare_version(preflight, version->series,
                            value_get(value_get(rehearsed, "addons"), version->series),
                            value_get(preflight->addons, version->series));
    }
}
