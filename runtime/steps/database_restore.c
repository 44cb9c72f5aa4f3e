/* `database.restore`: the dump that the environment names as its source becomes a database, which
 * all later steps take for the source. It stays, and is used again until the dump changes.
 *
 * Both the database and the filestore that came with it know by their marker which dump they were
 * made of. They are made under other names; after a crash what has the right name is whole. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "runtime/filestore/place.h"
#include "runtime/postgres/marker.h"
#include "runtime/steps/restore.h"

static const char *restore_skip(const struct step_run *step)
{
    return step->run->environment->source_dump ? NULL : "the source is a database";
}

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

/* ---- what is there ---- */

static const struct error *restore_judge(struct restore *restore,
                                         const struct session_answer *answer)
{
    struct arena *arena = restore->step->arena;
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *name = PQgetvalue(answer->result, row, 0);
        const char *identity = marker_dump(arena, PQgetvalue(answer->result, row, 1));
        bool same = identity && strcmp(identity, restore->identity.hex) == 0;
        if (strcmp(name, restore->partial) == 0) {
            restore->whole = same;
            continue;
        }
        restore->there = true;
        restore->same = same;
        if (restore->by_hand || !identity)
            return error_create(
                arena, OUTCOME_REFUSED, "choose another name, or remove that database yourself",
                restore->by_hand ? "the database \"%s\" exists"
                                 : "the database \"%s\" exists, and was not made of a dump by "
                                   "drehbuch",
                restore->target);
    }
    return restore_check_folder(restore);
}

static void restore_take_databases(struct conversation *conversation,
                                   const struct session_answer *answer)
{
    struct restore *restore = conversation_context(conversation);
    const struct error *error = restore_judge(restore, answer);
    if (error) {
        conversation_end(conversation, error, NULL);
        return;
    }
    if (restore->same)
        step_log(restore->step, "the database \"%s\" was made of this dump, and is used again",
                 restore->target);
    else if (restore->there)
        step_log(restore->step, "the database \"%s\" is of another dump, and is made anew",
                 restore->target);
    if (restore->has_filestore && !restore->folder)
        step_warn(restore->step,
                  "the filestore in the dump is left out: no folder is named for it");
    if (restore->same && !restore->needs_files)
        restore_place_files(restore);
    else
        restore_unpack(restore);
}

static void restore_opened(struct conversation *conversation, const struct session_answer *answer)
{
    const struct restore *restore = conversation_context(conversation);
    const char *const names[] = {restore->target, restore->partial};
    (void)answer;
    conversation_ask(conversation,
                     "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') "
                     "FROM pg_database WHERE datname IN ($1, $2)",
                     2, names, restore_take_databases);
}

void restore_open_server(struct restore *restore)
{
    struct step_run *step = restore->step;
    restore->conversation = conversation_open(step, &step->run->environment->source, "postgres",
                                              restore, restore_opened);
    step->state = restore; /* for restore_cancel */
}

/* ---- the step ---- */

/* However it has ended: what was unpacked is a customer's data. */
static void restore_release(void *object)
{
    const struct restore *restore = object;
    struct arena *arena = arena_create();
    (void)file_remove_tree(arena, restore->staging); /* best effort: the next attempt does it too */
    arena_destroy(arena);
}

static void restore_start(struct step_run *step)
{
    const struct environment *environment = step->run->environment;
    struct arena *arena = step->arena;
    struct restore *restore = arena_allocate(arena, sizeof *restore);
    *restore = (struct restore){
        .step = step,
        .by_hand = value_get_boolean(step->spec, "by_hand", false),
        .renew = value_get_boolean(step->spec, "copy", false),
        .dump = environment->source_dump,
        .target = environment->source.name,
        .staging = arena_format(arena, "%s/unpacked", step->run->folder),
    };
    step->state = restore;
    /* By hand each attempt is another run: the name must not change with it. The other one is as
     * long as those of the working database's own copies, and removed with them. */
    restore->partial = restore->by_hand
                           ? marker_partial_name(arena, restore->target, restore->dump)
                           : marker_partial_name(arena, environment->work.name,
                                                 arena_format(arena, "%s restore", step->run->id));
    restore->folder = restore->by_hand ? environment->work_filestore
                                       : filestore_dump_folder(arena, environment->work_filestore);
    arena_on_destroy(arena, restore_release, restore);
    restore_look(restore);
}

/* What runs is stopped; the conversation then clears away what was begun. Where nothing but it
 * runs, it is stopped itself. */
static void restore_cancel(struct step_run *step)
{
    struct restore *restore = step->state;
    restore->cancelled = true;
    if (restore->chore)
        chore_stop(restore->chore);
    else if (restore->copying)
        filestore_copy_stop(restore->copying);
    else if ((!restore->restoring || !restoring_stop(restore->restoring)) && restore->conversation)
        conversation_stop(restore->conversation);
}

const struct step_kind kind_database_restore = {
    .name = "database.restore",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .skip = restore_skip,
    .start = restore_start,
    .cancel = restore_cancel,
};
