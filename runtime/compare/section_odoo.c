/* What Odoo keeps in tables, by the names that it has for it: numbers differ between databases.
 * What not every version has is read by way of JSON. */
#include "runtime/compare/section.h"

#include "runtime/compare/volatile.h"
#include "runtime/secret_names.h"

#define EXTERNAL_IDS(model)                                                                        \
    "(SELECT res_id, min(module || '.' || name COLLATE \"C\") AS name FROM public.ir_model_data "  \
    "WHERE model = '" model "' GROUP BY res_id)"
#define GROUP_NAME                                                                                 \
    "coalesce(gx.name, to_jsonb(g) -> 'name' ->> 'en_US', to_jsonb(g) ->> 'name', 'group ' || "    \
    "g.id)"
#define RIGHTS(of)                                                                                 \
    "concat_ws(' ', CASE WHEN " of ".perm_read THEN 'read' END, CASE WHEN " of                     \
    ".perm_write THEN 'write' END, CASE WHEN " of ".perm_create THEN 'create' END, CASE WHEN " of  \
    ".perm_unlink THEN 'delete' END, CASE WHEN to_jsonb(" of ") ->> 'active' = 'false' THEN "      \
    "'(inactive)' END)"

static const char *const module_tables[] = {"public.ir_module_module", NULL};
static const char *const parameter_tables[] = {"public.ir_config_parameter", NULL};
static const char *const view_tables[] = {"public.ir_ui_view", "public.ir_model_data", NULL};
static const char *const user_tables[] = {"public.res_users", NULL};
static const char *const member_tables[] = {"public.res_groups_users_rel", "public.res_users",
                                            "public.res_groups", "public.ir_model_data", NULL};
static const char *const access_tables[] = {"public.ir_model_access", "public.ir_model",
                                            "public.res_groups", "public.ir_model_data", NULL};
static const char *const rule_tables[] = {"public.ir_rule",       "public.ir_model",
                                          "public.res_groups",    "public.rule_group_rel",
                                          "public.ir_model_data", NULL};

static const char *const module_columns[] = {"state", "latest_version", NULL};
static const char *const parameter_columns[] = {"value", NULL};
static const char *const view_columns[] = {"arch_db",  "active",     "mode",
                                           "priority", "inherit_id", NULL};
static const char *const user_columns[] = {"active", NULL};
static const char *const access_columns[] = {"perm_read",   "perm_write", "perm_create",
                                             "perm_unlink", "active",     "group_id",
                                             "model_id",    NULL};
static const char *const rule_columns[] = {"perm_read",   "perm_write", "perm_create",
                                           "perm_unlink", "active",     "domain_force",
                                           "model_id",    NULL};

static const char ask_modules[] =
    "SELECT '', name::text, concat_ws(' ', state, latest_version), false "
    "FROM public.ir_module_module";

static const char ask_parameters[] =
    "SELECT '', key::text, value, key ~* '" SECRET_NAMES "' OR value ~ '" SECRET_ADDRESS
    "' FROM public.ir_config_parameter";

/* The texts of other languages only where they are others. */
static const char ask_views[] =
    "SELECT '', coalesce(x.name, j ->> 'key', concat(j ->> 'name', ' (', "
    "coalesce(j ->> 'model', j ->> 'type'), ')')) || "
    "coalesce(' on website ' || (j ->> 'website_id'), ''), "
    "concat_ws(', ', CASE j ->> 'active' WHEN 'false' THEN 'inactive' ELSE 'active' END, "
    "j ->> 'type', j ->> 'mode', 'priority ' || (j ->> 'priority'), "
    "'inherits ' || coalesce(px.name, to_jsonb(p) ->> 'key', to_jsonb(p) ->> 'name')) || E'\\n' || "
    "CASE jsonb_typeof(j -> 'arch_db') WHEN 'object' THEN (SELECT string_agg("
    "CASE l.key WHEN 'en_US' THEN '' ELSE E'\\n[' || l.key || E']\\n' END || l.value, '' "
    "ORDER BY l.key <> 'en_US', l.key COLLATE \"C\") FROM jsonb_each_text(j -> 'arch_db') l "
    "WHERE l.key = 'en_US' OR l.value IS DISTINCT FROM j -> 'arch_db' ->> 'en_US') "
    "ELSE coalesce(j ->> 'arch_db', '') END, false "
    "FROM public.ir_ui_view v CROSS JOIN LATERAL to_jsonb(v) j "
    "LEFT JOIN " EXTERNAL_IDS(
        "ir.ui.view") " x ON x.res_id = v.id "
                      "LEFT JOIN public.ir_ui_view p ON to_jsonb(p.id) = j -> 'inherit_id' "
                      "LEFT JOIN " EXTERNAL_IDS("ir.ui.view") " px ON px.res_id = p.id";

static const char ask_users[] =
    "SELECT '', login::text, CASE WHEN active THEN 'active' ELSE 'inactive' END, false "
    "FROM public.res_users";

static const char ask_members[] =
    "SELECT '', u.login || ': ' || " GROUP_NAME ", 'member', false "
    "FROM public.res_groups_users_rel r JOIN public.res_users u ON u.id = r.uid "
    "JOIN public.res_groups g ON g.id = r.gid "
    "LEFT JOIN " EXTERNAL_IDS("res.groups") " gx ON gx.res_id = g.id";

static const char ask_access[] =
    "SELECT '', coalesce(x.name, a.name), concat_ws(' ', m.model || ' for', "
    "CASE WHEN a.group_id IS NULL THEN 'everybody' ELSE " GROUP_NAME " END || ':', " RIGHTS(
        "a") "), false FROM public.ir_model_access a "
             "LEFT JOIN " EXTERNAL_IDS(
                 "ir.model.access") " x ON x.res_id = a.id "
                                    "LEFT JOIN public.ir_model m ON m.id = a.model_id LEFT JOIN "
                                    "public.res_groups g "
                                    "ON g.id = a.group_id LEFT JOIN " EXTERNAL_IDS(
                                        "res.groups") " gx ON gx.res_id = g.id";

static const char ask_rules[] =
    "SELECT '', coalesce(x.name, r.name), concat_ws(' ', m.model || ' for', coalesce((SELECT "
    "string_agg(" GROUP_NAME ", ', ' ORDER BY " GROUP_NAME " COLLATE \"C\") "
    "FROM public.rule_group_rel l JOIN public.res_groups g ON g.id = l.group_id "
    "LEFT JOIN " EXTERNAL_IDS(
        "res.groups") " gx ON gx.res_id = g.id "
                      "WHERE l.rule_group_id = r.id), 'everybody') || ':', " RIGHTS(
                          "r") ", r.domain_force), false "
                               "FROM public.ir_rule r LEFT JOIN " EXTERNAL_IDS(
                                   "ir.rule") " x ON x.res_id = r.id "
                                              "LEFT JOIN public.ir_model m ON m.id = r.model_id";

const struct compare_section compare_odoo_sections[] = {
    {.name = "modules",
     .group = "modules",
     .many = "modules",
     .sql = ask_modules,
     .tables = module_tables,
     .columns = module_columns},
    {.name = "parameters",
     .group = "parameters",
     .many = "parameters",
     .sql = ask_parameters,
     .tables = parameter_tables,
     .columns = parameter_columns,
     .left_out = volatile_is_parameter},
    {.name = "views",
     .group = "views",
     .many = "views",
     .sql = ask_views,
     .tables = view_tables,
     .columns = view_columns,
     .is_text = true},
    {.name = "users",
     .group = "users",
     .many = "users",
     .sql = ask_users,
     .tables = user_tables,
     .columns = user_columns},
    {.name = "members",
     .group = "groups of users",
     .many = "users in groups",
     .sql = ask_members,
     .tables = member_tables},
    {.name = "access",
     .group = "access rules",
     .many = "access rights",
     .sql = ask_access,
     .tables = access_tables,
     .columns = access_columns},
    {.name = "rules",
     .group = "access rules",
     .many = "record rules",
     .sql = ask_rules,
     .tables = rule_tables,
     .columns = rule_columns},
    {.name = NULL},
};
