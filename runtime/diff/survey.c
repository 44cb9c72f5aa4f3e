/* What Odoo of a version has, as far as the plan and the database have to do with it. */
#include <string.h>

#include "runtime/diff/diff.h"
#include "runtime/odoo/survey.h"
#include "runtime/steps/module_plan.h"

struct asking {
    struct diff *diff;
    const struct survey *survey;
    const char *why_not;
    bool done;
};

const char *diff_decided_name(const struct value_member *decision)
{
    const char *to = value_get_string(decision->value, "to");
    const char *into = value_get_string(decision->value, "into");
    return to ? to : into ? into : decision->key;
}

/* Those that the plan decides about, as they will be called, and those that are installed. */
static struct value *asking_names(const struct diff *diff)
{
    const struct value *decisions = diff->request->plan->modules;
    struct value *names = value_array(diff->arena);
    for (size_t i = 0; i < value_count(decisions); i++)
        value_append(
            diff->arena, names,
            value_string(diff->arena, diff_decided_name(&decisions->as.object.members[i])));
    for (const struct map_entry *at = map_first(diff->modules); at; at = map_next(at))
        if (source_module_is_installed(map_entry_value(at)))
            value_append(diff->arena, names, value_string(diff->arena, map_entry_key(at)));
    return names;
}

static void asking_ended(void *context, const struct survey *survey, const struct error *error)
{
    struct asking *asking = context;
    asking->survey = survey;
    asking->why_not = error ? arena_copy(asking->diff->arena, error->message) : NULL;
    asking->done = true;
}

static void asking_log(void *context, const char *line)
{
    (void)context;
    (void)line;
}

/* An Odoo that cannot be asked is no reason not to tell the rest. */
static void asking_perform(struct asking *asking, const struct installation *installation)
{
    struct diff *diff = asking->diff;
    struct surveying *surveying;
    const struct error *error = survey_start(diff->run, diff->arena,
                                             (struct survey_request){.installation = installation,
                                                                     .modules = asking_names(diff),
                                                                     .log = asking_log,
                                                                     .ended = asking_ended,
                                                                     .context = asking},
                                             &surveying);
    if (error) {
        asking->why_not = error->message;
        return;
    }
    for (bool asked = false; !asking->done;) {
        uv_run(diff->run->loop, UV_RUN_ONCE);
        if (diff->stopped && !asked)
            survey_stop(surveying);
        asked = diff->stopped;
    }
}

const struct survey *diff_survey(struct diff *diff, const char *version, const char **why_not)
{
    const struct installation *installation = map_get(diff->request->environment->odoo, version);
    struct asking *asking = map_get(diff->surveys, version);
    if (!asking) {
        asking = arena_allocate(diff->arena, sizeof *asking);
        *asking = (struct asking){.diff = diff};
        map_add(diff->surveys, version, asking);
        if (installation)
            asking_perform(asking, installation);
    }
    *why_not = asking->why_not;
    return asking->survey;
}
