/* Settings: one step for each family and mode. */
#include <string.h>

#include "compiler/compilation.h"

/* A family of settings. */
struct family {
    const char *name;   /* of the step */
    const char *kind;   /* of the step */
    const char *member; /* of the specification: what holds the settings */
    const char *title;  /* of the step, before what mode it is for */
    enum slot slot;
    bool versioned;  /* the specification says the version */
    bool has_fields; /* secrets in it are listed as "setting/field", else as "setting" */

    /* What the specification says of one setting. */
    struct value *(*lower)(struct compilation *compilation, const struct value_member *setting);
};

/* The text, number, ... of a setting that may be given as such or as {value: ...}. */
static struct value *lower_value(struct compilation *compilation,
                                 const struct value_member *setting)
{
    (void)compilation; /* nothing is made anew */
    return setting->value->kind == VALUE_OBJECT ? value_get(setting->value, "value")
                                                : setting->value;
}

/* All members but those that speak of the plan. */
static struct value *lower_fields(struct compilation *compilation,
                                  const struct value_member *setting)
{
    struct value *fields = value_object(compilation->arena);
    for (size_t i = 0; i < value_count(setting->value); i++) {
        const struct value_member *member = &setting->value->as.object.members[i];
        if (strcmp(member->key, "only") != 0 && strcmp(member->key, "override") != 0)
            value_set(compilation->arena, fields, member->key, member->value);
    }
    return fields;
}

static const struct family families[] = {
    {"config", "settings.config", "values", "Save Odoo's settings", SLOT_CONFIG, true, false,
     lower_value},
    {"parameters", "settings.parameters", "parameters", "Set system parameters", SLOT_PARAMETERS,
     false, false, lower_value},
    {"crons", "settings.crons", "crons", "Set scheduled actions", SLOT_CRONS, true, true,
     lower_fields},
    {"mail-servers", "settings.mail_servers", "servers", "Set mail servers", SLOT_MAIL_SERVERS,
     true, true, lower_fields},
    {"records", "settings.records", "records", "Change records", SLOT_RECORDS, true, true,
     lower_fields},
};

/* Whether the field has a secret in it; checks its bindings. */
static bool check_text(struct compilation *compilation, const struct value *text)
{
    return text && bindings_check_value(compilation->bindings, text, NULL);
}

/* A password that each environment supplies, but not as a secret, would be seen in the journal. */
static void check_password(struct compilation *compilation, const struct value *password)
{
    const char *text = value_as_string(password);
    size_t length = text && strncmp(text, "${", 2) == 0 ? strcspn(text, "}") : 0;
    if (length < 2 || !bindings_find(compilation->bindings,
                                     arena_copy_bytes(compilation->arena, text + 2, length - 2)))
        return;
    struct diagnostic *diagnostic =
        diagnostics_add(compilation->diagnostics, "password-not-secret", password->position,
                        "the binding of a password must be of type secret");
    diagnostic->length = diagnostic_span(password);
    diagnostic->help = "declare it with `type: secret`";
}

/* Checks the bindings of one setting, and adds to `secrets` where it holds a secret. */
static void check_setting(struct compilation *compilation, const struct family *family,
                          const struct value_member *setting, struct value *secrets)
{
    struct arena *arena = compilation->arena;
    if (!family->has_fields) {
        if (check_text(compilation, lower_value(compilation, setting)))
            value_append(arena, secrets, value_string(arena, setting->key));
        return;
    }
    for (size_t i = 0; setting->value->kind == VALUE_OBJECT && i < value_count(setting->value);
         i++) {
        const struct value_member *field = &setting->value->as.object.members[i];
        if (check_text(compilation, field->value))
            value_append(arena, secrets, value_format(arena, "%s/%s", setting->key, field->key));
        else if (strcmp(field->key, "smtp_pass") == 0)
            check_password(compilation, field->value);
    }
}

static bool setting_is_for(const struct value *setting, const char *only)
{
    const char *own = setting->kind == VALUE_OBJECT ? lower_only(setting) : NULL;
    return own && only ? strcmp(own, only) == 0 : !own && !only;
}

/* A setting that sets nothing. */
static void check_not_empty(struct compilation *compilation, const struct family *family,
                            const struct value_member *setting)
{
    if (!family->has_fields || setting->value->kind != VALUE_OBJECT ||
        value_count(lower_fields(compilation, setting)) > 0)
        return;
    struct diagnostic *diagnostic =
        diagnostics_add(compilation->diagnostics, "setting-empty", setting->key_position,
                        "\"%s\" is named, but nothing of it is set", setting->key);
    diagnostic->length = (uint32_t)strlen(setting->key);
    diagnostic->help = "add a field to set, or remove it";
}

static void add_step(struct compilation *compilation, const struct family *family, const char *only,
                     struct value *spec, struct position origin)
{
    struct arena *arena = compilation->arena;
    const char *name = family->name;
    if (only)
        name = arena_format(arena, "%s-%s", family->name, only);
    const char *title = family->title;
    if (only)
        title = arena_format(arena, "%s, in %s", family->title, only);
    struct step step = {.name = name,
                        .kind = family->kind,
                        .title = title,
                        .only = only,
                        .spec = spec,
                        .origin = origin,
                        .section = lower_target_section(compilation),
                        .slot = family->slot};
    graph_add(compilation->graph, step);
}

/* The settings of a family that are for one mode, or with NULL for both. */
static void lower_family_for(struct compilation *compilation, const struct family *family,
                             const struct value *settings, const char *only)
{
    struct arena *arena = compilation->arena;
    struct value *lowered = value_object(arena);
    struct value *secrets = value_array(arena);
    struct position origin = {0};
    for (size_t i = 0; i < value_count(settings); i++) {
        const struct value_member *setting = &settings->as.object.members[i];
        if (!setting_is_for(setting->value, only))
            continue;
        if (value_count(lowered) == 0)
            origin = setting->key_position;
        check_not_empty(compilation, family, setting);
        check_setting(compilation, family, setting, secrets);
        value_set(arena, lowered, setting->key, family->lower(compilation, setting));
    }
    if (value_count(lowered) == 0)
        return;
    struct value *spec = value_object(arena);
    value_set(arena, spec, family->member, lowered);
    if (family->versioned && compilation->route.count > 0)
        lower_set(compilation, spec, "version",
                  compilation->route.versions[compilation->route.count - 1]);
    if (value_count(secrets) > 0)
        value_set(arena, spec, "secrets", secrets);
    add_step(compilation, family, only, spec, origin);
}

void lower_settings(struct compilation *compilation)
{
    const struct plan *plan = compilation->plan;
    const struct value *const settings[] = {plan->config, plan->parameters, plan->crons,
                                            plan->mail_servers, plan->records};
    static const char *const modes[] = {NULL, "test", "production"};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        for (size_t j = 0; j < sizeof modes / sizeof modes[0]; j++)
            lower_family_for(compilation, &families[i], settings[i], modes[j]);
}
