/* The part of `database.restore` that is about the database: making it, filling it, and giving it
 * its name. */
#include <stdlib.h>

#include "base/buffer.h"
#include "runtime/steps/restore.h"

/* ---- the end ---- */

static void restore_cleared(struct conversation *conversation, const struct session_answer *answer)
{
    const struct restore *restore = conversation_context(conversation);
    (void)answer;
    conversation_end(conversation, restore->failure, NULL);
}

void restore_give_up(struct restore *restore)
{
    if (!restore->conversation)
        step_finish(restore->step, restore->failure, NULL);
    else
        conversation_drop(restore->conversation, restore->partial, restore_cleared);
}

void restore_fail(struct restore *restore, const struct error *error)
{
    restore->failure = error;
    restore_clear_files(restore);
}

static void restore_finish(struct conversation *conversation, const struct session_answer *answer)
{
    struct restore *restore = conversation_context(conversation);
    struct arena *arena = restore->step->arena;
    struct value *effects = value_object(arena), *dump = value_object(arena);
    value_set(arena, effects, "method", value_string(arena, restore->same ? "reused" : "restored"));
    value_set(arena, effects, "bytes",
              value_integer(arena, strtoll(PQgetvalue(answer->result, 0, 0), NULL, 10)));
    value_set(arena, dump, "format", value_string(arena, dump_format_name(restore->format)));
    value_set(arena, dump, "sha256", value_string(arena, restore->identity.hex));
    value_set(arena, effects, "dump", dump);
    if (restore->folder && restore->has_filestore)
        value_set(arena, effects, "files", value_integer(arena, restore->contents.files));
    conversation_end(conversation, NULL, effects);
}

static void restore_measure(struct conversation *conversation, const struct session_answer *answer)
{
    struct restore *restore = conversation_context(conversation);
    (void)answer;
    conversation_ask(conversation, "SELECT pg_database_size($1::name)", 1, &restore->target,
                     restore_finish);
}

static void restore_rename(struct conversation *conversation, const struct session_answer *answer)
{
    const struct restore *restore = conversation_context(conversation);
    (void)answer;
    conversation_execute(conversation,
                         arena_format(restore->step->arena, "ALTER DATABASE %s RENAME TO %s",
                                      conversation_quote_identifier(conversation, restore->partial),
                                      conversation_quote_identifier(conversation, restore->target)),
                         restore_measure);
}

/* What an earlier dump had become goes only now. */
void restore_put_in_place(struct restore *restore)
{
    if (restore->same)
        restore_measure(restore->conversation, NULL);
    else if (restore->there)
        conversation_drop(restore->conversation, restore->target, restore_rename);
    else
        restore_rename(restore->conversation, NULL);
}

/* ---- filling the database ---- */

/* From now on it counts as whole. */
static void restore_marked(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    restore_place_files(conversation_context(conversation));
}

static void restore_mark(struct conversation *conversation, const struct session_answer *answer)
{
    const struct restore *restore = conversation_context(conversation);
    (void)answer;
    if (restore->by_hand)
        restore_marked(conversation, NULL);
    else
        conversation_execute(
            conversation,
            arena_format(restore->step->arena, "COMMENT ON DATABASE %s IS %s",
                         conversation_quote_identifier(conversation, restore->partial),
                         conversation_quote(conversation, restore->marker)),
            restore_marked);
}

static void restore_analyzed(struct conversation *conversation, const struct session_answer *answer)
{
    const struct restore *restore = conversation_context(conversation);
    (void)answer;
    conversation_move(conversation, &restore->step->run->environment->source, "postgres",
                      restore_mark);
}

static void restore_analyze(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    step_progress(conversation_step(conversation), "collecting statistics");
    conversation_execute(conversation, "ANALYZE", restore_analyzed);
}

/* What Odoo makes new for a copy: who has it is another database, and nobody's session of the
 * original is good in it. */
static void restore_renew(struct conversation *conversation, const struct session_answer *answer)
{
    const struct restore *restore = conversation_context(conversation);
    (void)answer;
    if (!restore->renew)
        restore_analyze(conversation, NULL);
    else
        conversation_execute(conversation,
                             "UPDATE ir_config_parameter SET value = gen_random_uuid()::text "
                             "WHERE key IN ('database.uuid', 'database.secret')",
                             restore_analyze);
}

static void restore_filled(void *context, const struct error *error)
{
    struct restore *restore = context;
    int harmless = restoring_harmless_count(restore->restoring);
    if (error) {
        restore_fail(restore, error);
        return;
    }
    if (harmless > 0)
        step_log(restore->step, "errors that are known to be harmless: %d", harmless);
    conversation_move(restore->conversation, &restore->step->run->environment->source,
                      restore->partial, restore_renew);
}

/* ---- making the database ---- */

static void restore_fill(struct conversation *conversation, const struct session_answer *answer)
{
    const struct restore *restore = conversation_context(conversation);
    (void)answer;
    restoring_start(restore->restoring, &restore->step->run->environment->source, restore->partial,
                    restore_filled);
}

/* Where nothing tells how it sorted: as Odoo makes its databases. */
static void restore_create_plainly(struct conversation *conversation)
{
    const struct restore *restore = conversation_context(conversation);
    conversation_execute(
        conversation,
        arena_format(restore->step->arena,
                     "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'",
                     conversation_quote_identifier(conversation, restore->partial)),
        restore_fill);
}

static void restore_created(struct conversation *conversation, const struct session_answer *answer)
{
    struct restore *restore = conversation_context(conversation);
    if (!answer->error) {
        restore_fill(conversation, answer);
        return;
    }
    if (restore->cancelled) {
        conversation_end(conversation, answer->error, NULL);
        return;
    }
    step_warn(restore->step,
              "the database will not sort as the dumped one did, as this server refuses its "
              "locale: %s",
              answer->error->message);
    restore_create_plainly(conversation);
}

static void restore_create(struct conversation *conversation, const struct session_answer *answer)
{
    const struct restore *restore = conversation_context(conversation);
    const struct dump_locale *locale = restoring_locale(restore->restoring);
    (void)answer;
    if (locale->count == 0) {
        restore_create_plainly(conversation);
        return;
    }
    struct buffer sql = {0};
    buffer_format(&sql, "CREATE DATABASE %s TEMPLATE template0",
                  conversation_quote_identifier(conversation, restore->partial));
    for (size_t i = 0; i < locale->count; i++) {
        const struct dump_locale_option *option = &locale->options[i];
        buffer_format(&sql, " %s = %s", option->keyword,
                      option->quoted ? conversation_quote(conversation, option->value)
                                     : option->value);
    }
    const char *kept = arena_copy(restore->step->arena, buffer_string(&sql));
    buffer_release(&sql);
    conversation_try(conversation, kept, restore_created);
}

static void restore_prepared(void *context, const struct error *error)
{
    struct restore *restore = context;
    if (error)
        restore_fail(restore, error);
    else
        conversation_drop(restore->conversation, restore->partial, restore_create);
}

void restore_make_database(struct restore *restore)
{
    struct arena *arena = restore->step->arena;
    if (restore->same || restore->whole) {
        restore_place_files(restore);
        return;
    }
    bool sql =
        restore->format == DUMP_SQL || restore->format == DUMP_GZIP || restore->format == DUMP_ZIP;
    struct restoring_source source = {
        .format = restore->format,
        .path = sql ? restore->sql : dump_archive_path(arena, restore->dump, restore->format),
        .major = restore->contents.major,
    };
    restore->restoring = restoring_create(restore->step, source, restore);
    restoring_prepare(restore->restoring, restore_prepared);
}
