/* What a backup says of itself: manifest.json, as Odoo's database manager writes it. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "runtime/steps/backup.h"

struct manifest {
    struct backup *backup;
    void (*next)(struct backup *backup);
};

/* "18.0.1.3" of base: Odoo 18.0, (18, 0, 0, 'final', 0, ''). */
static void manifest_set_version(struct arena *arena, struct value *object, const char *version)
{
    const char *dot = version ? strchr(version, '.') : NULL;
    dot = dot ? strchr(dot + 1, '.') : NULL;
    if (!dot)
        return;
    const char *series = arena_copy_bytes(arena, version, (size_t)(dot - version));
    struct value *info = value_array(arena);
    value_append(arena, info, value_integer(arena, strtoll(series, NULL, 10)));
    value_append(arena, info, value_integer(arena, strtoll(strchr(series, '.') + 1, NULL, 10)));
    value_append(arena, info, value_integer(arena, 0));
    value_append(arena, info, value_string(arena, "final"));
    value_append(arena, info, value_integer(arena, 0));
    value_append(arena, info, value_string(arena, ""));
    value_set(arena, object, "version", value_string(arena, series));
    value_set(arena, object, "major_version", value_string(arena, series));
    value_set(arena, object, "version_info", info);
}

static const char *manifest_write(struct arena *arena, const struct backup *backup,
                                  struct value *modules)
{
    struct value *object = value_object(arena);
    value_set(arena, object, "odoo_dump", value_string(arena, "1"));
    value_set(arena, object, "db_name", value_string(arena, backup->address->name));
    value_set(arena, object, "pg_version",
              value_format(arena, "%d.0", backup->server_version / 10000));
    value_set(arena, object, "modules", modules);
    manifest_set_version(arena, object, value_get_string(modules, "base"));
    struct buffer text = {0};
    json_write(&text, object, JSON_INDENTED);
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

static void manifest_end(struct conversation *conversation, struct value *modules)
{
    const struct manifest *manifest = conversation_context(conversation);
    struct backup *backup = manifest->backup;
    backup->manifest = manifest_write(backup->step->arena, backup, modules);
    conversation_leave(conversation);
    backup->conversation = NULL;
    if (!backup_is_over(backup, NULL))
        manifest->next(backup);
}

static void manifest_take_modules(struct conversation *conversation,
                                  const struct session_answer *answer)
{
    struct arena *arena = conversation_step(conversation)->arena;
    struct value *modules = value_object(arena);
    for (int row = 0; row < PQntuples(answer->result); row++)
        value_set(arena, modules, arena_copy(arena, PQgetvalue(answer->result, row, 0)),
                  PQgetisnull(answer->result, row, 1)
                      ? value_null(arena)
                      : value_string(arena, arena_copy(arena, PQgetvalue(answer->result, row, 1))));
    manifest_end(conversation, modules);
}

static void manifest_take_server(struct conversation *conversation,
                                 const struct session_answer *answer)
{
    const struct manifest *manifest = conversation_context(conversation);
    struct backup *backup = manifest->backup;
    struct arena *arena = backup->step->arena;
    backup->server_version = (int)strtol(PQgetvalue(answer->result, 0, 0), NULL, 10);
    backup->is_odoo = strcmp(PQgetvalue(answer->result, 0, 1), "t") == 0;
    if (backup->is_odoo)
        conversation_execute(conversation,
                             "SELECT name, latest_version FROM ir_module_module "
                             "WHERE state = 'installed' ORDER BY name",
                             manifest_take_modules);
    else if (backup->format == BACKUP_FOLDER)
        manifest_end(conversation, value_object(arena));
    else
        conversation_end(conversation,
                         error_create(arena, OUTCOME_FAILED,
                                      "check the environment, or take the format `folder`",
                                      "the database \"%s\" is not Odoo's, so it gets no backup in "
                                      "Odoo's format",
                                      backup->address->name),
                         NULL);
}

static void manifest_opened(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation,
                         "SELECT current_setting('server_version_num'), "
                         "to_regclass('ir_module_module') IS NOT NULL",
                         manifest_take_server);
}

void backup_read_manifest(struct backup *backup, void (*next)(struct backup *backup))
{
    struct manifest *manifest = arena_allocate(backup->step->arena, sizeof *manifest);
    *manifest = (struct manifest){.backup = backup, .next = next};
    backup->conversation =
        conversation_open(backup->step, backup->address, NULL, manifest, manifest_opened);
    backup->step->state = backup; /* for the kind's cancel */
}
