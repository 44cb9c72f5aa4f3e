/* The steps that every upgrade has, around those of the plan. */
#include <string.h>

#include "compiler/compilation.h"

/* Adds a step without a specification of its own but, at a version, that version. */
static struct step *frame_add(struct compilation *compilation, size_t section, enum slot slot,
                              const char *kind, const char *name, const char *title)
{
    struct step step = {.name = name,
                        .kind = kind,
                        .title = title,
                        .spec = value_object(compilation->arena),
                        .section = section,
                        .slot = slot};
    if (section > 0 && section < lower_publish_section(compilation))
        lower_set(compilation, step.spec, "version", compilation->graph->sections[section].phase);
    return graph_add(compilation->graph, step);
}

static struct value *frame_versions(struct compilation *compilation)
{
    struct value *versions = value_array(compilation->arena);
    for (size_t i = 0; i < compilation->route.count; i++)
        value_append(compilation->arena, versions,
                     value_string(compilation->arena, compilation->route.versions[i]));
    return versions;
}

static void frame_add_prepare(struct compilation *compilation)
{
    const struct route *route = &compilation->route;
    frame_add(compilation, 0, SLOT_RESTORE, "database.restore", "restore",
              "Restore the source from its dump");
    struct step *preflight = frame_add(compilation, 0, SLOT_PREFLIGHT, "preflight", "preflight",
                                       "Find out whether everything is there");
    lower_set(compilation, preflight->spec, "from", route->versions[0]);
    lower_set(compilation, preflight->spec, "to", route->versions[route->count - 1]);
    lower_set(compilation, preflight->spec, "with", route->with);
    value_set(compilation->arena, preflight->spec, "versions", frame_versions(compilation));
    /* What users enter while the copy is upgraded would be lost. */
    frame_add(compilation, 0, SLOT_HALT, "service.stop", "stop", "Stop the service")->only =
        "production";
    frame_add(compilation, 0, SLOT_BACKUP, "database.backup", "backup", "Back up the source")
        ->only = "production";
    frame_add(compilation, 0, SLOT_DROP, "database.drop", "drop",
              "Remove what an earlier attempt left");
    frame_add(compilation, 0, SLOT_COPY, "database.copy", "copy-database", "Copy the database");
    frame_add(compilation, 0, SLOT_COPY, "filestore.copy", "copy-filestore", "Copy the filestore")
        ->beside = true;
    frame_add(compilation, 0, SLOT_FILESTORE_MERGE, "filestore.merge", "merge-filestore",
              "Lay the dump's files over the filestore");
    frame_add(compilation, 0, SLOT_FILESTORE_CHECK, "filestore.check", "check-filestore",
              "Find out whether all files are there");
}

static void frame_add_hops(struct compilation *compilation)
{
    const struct route *route = &compilation->route;
    bool openupgrade = strcmp(route->with, "openupgrade") == 0;
    const struct value *upgrade = value_get(compilation->plan->head, "upgrade");
    for (size_t i = 1; i < route->count; i++) {
        struct step step = {
            .name = "hop",
            .kind = openupgrade ? "hop.openupgrade" : "hop.enterprise",
            .title = arena_format(compilation->arena, "Upgrade from %s to %s with %s",
                                  route->versions[i - 1], route->versions[i],
                                  openupgrade ? "OpenUpgrade" : "Odoo's upgrade service"),
            .spec = value_object(compilation->arena),
            .origin = upgrade->position,
            .section = i + 1,
            .slot = SLOT_HOP};
        lower_set(compilation, step.spec, "from", route->versions[i - 1]);
        lower_set(compilation, step.spec, "to", route->versions[i]);
        if (openupgrade && value_count(compilation->leaving[step.section]) > 0)
            value_set(compilation->arena, step.spec, "leaving", compilation->leaving[step.section]);
        graph_add(compilation->graph, step);
    }
}

/* Rules that are deleted come back only when all modules are updated. */
static void frame_warn_rules(struct compilation *compilation)
{
    const struct value *all = value_get(compilation->plan->modules, "all");
    const struct value_member *member = value_member(compilation->plan->reset, "rules");
    if (all)
        return;
    struct diagnostic *diagnostic =
        diagnostics_warn(compilation->diagnostics, "reset-without-update", member->key_position,
                         "rules are deleted, but no update of all modules makes them again");
    diagnostic->length = (uint32_t)strlen("rules");
    diagnostic->help = "add `all: update` to the modules";
}

static void frame_add_reset(struct compilation *compilation)
{
    static const struct {
        const char *key, *kind, *name, *title;
        enum slot slot;
        bool standard;
    } resets[] = {
        {"assets", "assets.clear", "assets", "Clear the stored assets", SLOT_ASSETS, true},
        {"rules", "rules.reset", "rules", "Reset the access rules", SLOT_RULES, false},
        {"views", "views.reset", "views-reset", "Reset the views", SLOT_VIEWS_RESET, false},
    };
    const struct value *reset = compilation->plan->reset;
    for (size_t i = 0; i < sizeof resets / sizeof resets[0]; i++) {
        if (!value_get_boolean(reset, resets[i].key, resets[i].standard))
            continue;
        struct step *step =
            frame_add(compilation, lower_target_section(compilation), resets[i].slot,
                      resets[i].kind, resets[i].name, resets[i].title);
        const struct value_member *member = value_member(reset, resets[i].key);
        if (member)
            step->origin = member->key_position;
        if (resets[i].slot == SLOT_RULES)
            frame_warn_rules(compilation);
    }
}

static void frame_add_neutralize(struct compilation *compilation)
{
    const struct value *neutralize = compilation->plan->neutralize;
    if (neutralize && neutralize->kind == VALUE_BOOLEAN && !neutralize->as.boolean)
        return;
    struct step *step = frame_add(compilation, lower_target_section(compilation), SLOT_NEUTRALIZE,
                                  "neutralize", "neutralize", "Neutralize the database");
    step->only = "test";
}

static void frame_add_publish(struct compilation *compilation)
{
    size_t section = lower_publish_section(compilation);
    /* In production it does not run since before the copy. */
    frame_add(compilation, section, SLOT_STOP, "service.stop", "stop", "Stop the service")->only =
        "test";
    frame_add(compilation, section, SLOT_PUBLISH, "database.rename", "rename-database",
              "Give the database its name");
    frame_add(compilation, section, SLOT_PUBLISH, "filestore.rename", "rename-filestore",
              "Give the filestore its name")
        ->beside = true;
    frame_add(compilation, section, SLOT_START, "service.start", "start", "Start the service");
}

void lower_frame(struct compilation *compilation)
{
    if (compilation->route.count == 0)
        return;
    frame_add_prepare(compilation);
    frame_add_hops(compilation);
    frame_add_reset(compilation);
    frame_add_neutralize(compilation);
    frame_add_publish(compilation);
}
