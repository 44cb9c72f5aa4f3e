/* `settings.mail_servers`: outgoing (ir_mail_server) and incoming (fetchmail_server) servers, in
 * SQL: one by its external id, or all of them off. */
#include <string.h>

#include "runtime/steps/kinds.h"
#include "runtime/steps/record_update.h"

static bool server_field_is_secret(const struct step_run *step, const char *xmlid,
                                   const char *field)
{
    const struct value *secrets = value_get(step->spec, "secrets");
    for (size_t i = 0; i < value_count(secrets); i++) {
        const char *name = value_as_string(value_item(secrets, i));
        size_t length = strlen(xmlid);
        if (strncmp(name, xmlid, length) == 0 && name[length] == '/' &&
            strcmp(name + length + 1, field) == 0)
            return true;
    }
    return strcmp(field, "smtp_pass") == 0 || strcmp(field, "password") == 0;
}

/* One effect for each server that was switched: "ir_mail_server 3 (Office)". */
static const struct error *servers_switched(struct transaction *transaction, void *context,
                                            const struct session_answer *answer)
{
    struct arena *arena = transaction_step(transaction)->arena;
    bool active = *(const bool *)context;
    struct value *all = value_get(transaction_effects(transaction), "mail_servers");
    if (!all)
        transaction_set_effect(transaction, "mail_servers", all = value_object(arena));
    for (int row = 0; row < PQntuples(answer->result); row++) {
        struct value *change = value_object(arena), *fields = value_object(arena);
        value_set(arena, change, "old", value_boolean(arena, !active));
        value_set(arena, change, "new", value_boolean(arena, active));
        value_set(arena, fields, "active", change);
        value_set(arena, all, arena_copy(arena, PQgetvalue(answer->result, row, 0)), fields);
    }
    return NULL;
}

/* fetchmail_server is there only where the module fetchmail (up to 16.0) or mail (from 17.0) made
 * it. */
static const struct error *servers_found_tables(struct transaction *transaction, void *context,
                                                const struct session_answer *answer)
{
    const bool *active = context;
    struct arena *arena = transaction_step(transaction)->arena;
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *table = PQgetvalue(answer->result, row, 0);
        transaction_add(transaction,
                        arena_format(arena,
                                     "UPDATE %s SET active = $1::boolean, write_uid = 1, "
                                     "write_date = now() AT TIME ZONE 'UTC' "
                                     "WHERE active IS DISTINCT FROM $1::boolean "
                                     "RETURNING %s || ' ' || id || ' (' || name || ')'",
                                     transaction_quote_identifier(transaction, table),
                                     transaction_quote(transaction, table)),
                        1, (const char *const[]){*active ? "true" : "false"}, servers_switched,
                        (void *)active);
    }
    return NULL;
}

static const struct error *servers_build(struct transaction *transaction)
{
    static const char *const models[] = {"ir.mail_server", "fetchmail.server", NULL};
    static const char *const tables[] = {"ir_mail_server", "fetchmail_server", NULL};
    struct step_run *step = transaction_step(transaction);
    const struct value *servers = value_get(step->spec, "servers");
    const struct value *written = value_get(step->step->spec, "servers");
    for (size_t i = 0; i < value_count(servers); i++) {
        const struct value_member *server = &servers->as.object.members[i];
        if (strcmp(server->key, "all") != 0) {
            record_update_add(transaction, models, tables, server->key, server->value,
                              value_get(written, server->key), "mail_servers",
                              server_field_is_secret);
            continue;
        }
        bool *active = arena_allocate(step->arena, sizeof *active);
        *active = value_get_boolean(server->value, "active", false);
        transaction_add(
            transaction,
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' "
            "AND c.oid IN (to_regclass('ir_mail_server'), to_regclass('fetchmail_server')) "
            "ORDER BY 1",
            0, NULL, servers_found_tables, active);
    }
    return NULL;
}

static void servers_start(struct step_run *step)
{
    transaction_run(step, servers_build);
}

static void servers_preview(struct step_run *step, struct session *session)
{
    transaction_try(step, session, servers_build);
}

const struct step_kind kind_settings_mail_servers = {
    .name = "settings.mail_servers",
    .resource = RESOURCE_DATABASE,
    .spares_shell = true,
    .nature = transaction_nature,
    .preview = servers_preview,
    .start = servers_start,
    .cancel = transaction_cancel,
};
