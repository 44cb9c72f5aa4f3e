/* `database.rename`: the working database gets the published name, and the one that has it keeps
 * the name for replaced ones. Nothing is dropped.
 *
 * Both names change in one transaction, so there is always a whole database under the published
 * name. The comment on the database tells after a crash on which side of that transaction one is.
 */
#include <string.h>

#include "runtime/postgres/marker.h"
#include "runtime/postgres/renaming.h"
#include "runtime/postgres/work.h"
#include "runtime/snapshot.h"
#include "runtime/steps/database_names.h"
#include "runtime/steps/kinds.h"

struct rename {
    struct database_names names;
    bool undo;
    struct database_move moves[2];
    struct renaming renaming;
    const char *kept;   /* the name that the database before has, or NULL: there is none */
    const char *rights; /* statements that give the result the rights and the owner of what it
                         * replaces; "" */
};

static const char *rename_skip(const struct step_run *step)
{
    return step->run->environment->publish ? NULL : "the environment names no place to publish to";
}

static void rename_end(struct conversation *conversation, const struct session_answer *answer)
{
    const struct rename *rename = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    struct value *effects = value_object(step->arena);
    (void)answer;
    step->run->published = rename->undo ? NULL : rename->names.published;
    value_set(
        step->arena, effects, "database",
        value_string(step->arena, rename->undo ? rename->names.work : rename->names.published));
    if (rename->kept && !rename->undo)
        value_set(step->arena, effects, "replaced", value_string(step->arena, rename->kept));
    conversation_end(conversation, NULL, effects);
}

/* ---- the last moment ----
 *
 * The source was compared before it was closed. What somebody has entered in between shows only
 * now, as nobody can look into a closed database: then everything gets back the name it had. */

static void rename_put_back(struct conversation *conversation, const struct session_answer *answer);

static void rename_compare(struct conversation *conversation, const struct session_answer *answer)
{
    const struct step_run *step = conversation_step(conversation);
    const char *then = step->run->source_found, *now = PQgetvalue(answer->result, 0, 0);
    bool same = snapshot_is_of_same(then, now);
    if (same ? snapshot_compare(then, now) == SNAPSHOT_SAME : !step->run->source_unseen)
        rename_end(conversation, NULL);
    else
        conversation_move(conversation, &step->run->environment->work, "postgres", rename_put_back);
}

static void rename_ask_replaced(struct conversation *conversation,
                                const struct session_answer *answer)
{
    (void)answer;
    conversation_execute(conversation, snapshot_query, rename_compare);
}

/* The names are as they are to be. */
static void rename_look_back(struct conversation *conversation, const struct session_answer *answer)
{
    const struct rename *rename = conversation_context(conversation);
    const struct step_run *step = conversation_step(conversation);
    if (rename->undo || !step->run->source_found || (!rename->kept && !step->run->source_unseen))
        rename_end(conversation, answer);
    else if (!rename->kept)
        rename_put_back(conversation, answer); /* the source is another database, still unseen */
    else
        conversation_move(conversation, &step->run->environment->work, rename->kept,
                          rename_ask_replaced);
}

static void rename_done(struct conversation *conversation, const struct error *error)
{
    if (error)
        conversation_end(conversation, error, NULL);
    else
        rename_look_back(conversation, NULL);
}

/* The names are right already: but nobody may be able to connect, where a crash came in between. */
static void rename_open(struct conversation *conversation)
{
    const struct rename *rename = conversation_context(conversation);
    const struct database_names *names = &rename->names;
    const char *open[] = {
        names->has_work ? names->work : NULL, names->has_published ? names->published : NULL,
        names->has_replaced && names->replaced_is_closed ? names->replaced : NULL};
    renaming_open(conversation, open, sizeof open / sizeof open[0], rename_look_back);
}

static void rename_move(struct conversation *conversation, const char *more,
                        void (*done)(struct conversation *conversation, const struct error *error))
{
    struct rename *rename = conversation_context(conversation);
    struct renaming *renaming = &rename->renaming;
    const struct error *error =
        step_note_move(conversation_step(conversation),
                       renaming_write(conversation, rename->moves, renaming->count, false),
                       renaming_write(conversation, rename->moves, renaming->count, true));
    if (error) {
        conversation_end(conversation, error, NULL);
        return;
    }
    renaming->moves = rename->moves;
    renaming->more = more;
    renaming->done = done;
    renaming_start(conversation, renaming);
}

static const char *rename_comment(struct conversation *conversation, const char *name,
                                  const char *comment)
{
    return arena_format(conversation_step(conversation)->arena, "COMMENT ON DATABASE %s IS %s",
                        conversation_quote_identifier(conversation, name),
                        conversation_quote(conversation, comment));
}

static void rename_change(struct conversation *conversation)
{
    struct rename *rename = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    const struct database_names *names = &rename->names;
    struct database_move *move = rename->moves;
    if (names->has_published)
        *move++ = (struct database_move){names->published, names->replaced};
    *move++ = (struct database_move){names->work, names->published};
    rename->renaming.count = (size_t)(move - rename->moves);
    const char *comment = rename_comment(
        conversation, names->published,
        marker_publish(step->arena, names->comment, rename->kept ? rename->kept : ""));
    rename_move(conversation, arena_format(step->arena, "%s%s", comment, rename->rights),
                rename_done);
}

static void rename_move_back(struct conversation *conversation, const char *kept,
                             void (*done)(struct conversation *conversation,
                                          const struct error *error))
{
    struct rename *rename = conversation_context(conversation);
    const struct database_names *names = &rename->names;
    struct database_move *move = rename->moves;
    *move++ = (struct database_move){names->published, names->work};
    if (kept)
        *move++ = (struct database_move){kept, names->published};
    rename->renaming.count = (size_t)(move - rename->moves);
    const char *comment = marker_unpublish(conversation_step(conversation)->arena, names->comment);
    rename_move(conversation, rename_comment(conversation, names->work, comment), done);
}

static void rename_is_put_back(struct conversation *conversation, const struct error *error)
{
    const struct step_run *step = conversation_step(conversation);
    struct arena *arena = step->arena;
    const char *changed =
        step->run->source_unseen
            ? "it cannot be told whether the source has changed since it was copied"
            : "the source was changed in the last moment before it was closed";
    conversation_end(
        conversation,
        error
            ? error_wrap(arena, error, "%s, and the names could not be put back", changed)
            : error_create(arena, OUTCOME_REFUSED, "find out who works on it, then begin a new run",
                           "%s: what was entered there could be lost; all databases have the "
                           "names they had before",
                           changed),
        NULL);
}

static void rename_put_back(struct conversation *conversation, const struct session_answer *answer)
{
    const struct rename *rename = conversation_context(conversation);
    (void)answer;
    rename_move_back(conversation, rename->kept, rename_is_put_back);
}

/* Who may connect to the live database, and whose it is, is not to change with an upgrade. A copy
 * has the rights that every new database has. */
static const char rights_sql[] =
    "SELECT coalesce(string_agg('; ' || statement, '' ORDER BY place), '') FROM ("
    "SELECT 2 AS place, format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1::text) AS statement "
    "FROM pg_database WHERE datname = $1 AND datacl IS NOT NULL "
    "UNION ALL SELECT 3, format('GRANT %s ON DATABASE %I TO %s%s', a.privilege_type, $1::text, "
    "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, "
    "CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) "
    "FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = $1 AND a.grantee <> d.datdba "
    "UNION ALL SELECT 1, format('ALTER DATABASE %I OWNER TO %I', $1::text, "
    "pg_get_userbyid(d.datdba)) FROM pg_database d WHERE d.datname = $1 AND d.datdba <> "
    "(SELECT datdba FROM pg_database WHERE datname = $2)) AS statements";

static void rename_know_rights(struct conversation *conversation,
                               const struct session_answer *answer)
{
    struct rename *rename = conversation_context(conversation);
    rename->rights =
        arena_copy(conversation_step(conversation)->arena, PQgetvalue(answer->result, 0, 0));
    rename_change(conversation);
}

static void rename_decide(struct conversation *conversation, const struct session_answer *answer)
{
    struct rename *rename = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    struct database_names *names = &rename->names;
    database_names_take(names, step, answer);
    const char *kept = marker_published(step->arena, names->comment);
    if (names->is_published) {
        rename->kept = kept && kept[0] ? kept : NULL;
        rename_open(conversation);
        return;
    }
    const struct error *error = database_names_object(names, step);
    if (error) {
        conversation_end(conversation, error, NULL);
        return;
    }
    rename->kept = names->has_published ? names->replaced : NULL;
    rename->rights = "";
    if (names->has_published)
        conversation_ask(conversation, rights_sql, 2,
                         (const char *const[]){names->published, names->work}, rename_know_rights);
    else
        rename_change(conversation);
}

static void rename_decide_undo(struct conversation *conversation,
                               const struct session_answer *answer)
{
    struct rename *rename = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    struct database_names *names = &rename->names;
    database_names_take(names, step, answer);
    const struct error *error = database_names_object_to_undo(names, step);
    if (error) {
        conversation_end(conversation, error, NULL);
        return;
    }
    if (!names->is_published) {
        rename_open(conversation); /* the names had not changed, or are back */
        return;
    }
    const char *kept = marker_published(step->arena, names->comment);
    rename_move_back(conversation, kept && kept[0] ? kept : NULL, rename_done);
}

static void rename_opened(struct conversation *conversation, const struct session_answer *answer)
{
    const struct rename *rename = conversation_context(conversation);
    (void)answer;
    database_names_ask(conversation, &rename->names,
                       rename->undo ? rename_decide_undo : rename_decide);
}

static void rename_begin(struct step_run *step, bool undo)
{
    struct rename *rename = arena_allocate(step->arena, sizeof *rename);
    rename->names = database_names_of(step->run->environment);
    rename->undo = undo;
    work_disconnect(step->run->work);
    conversation_open(step, &step->run->environment->work, "postgres", rename, rename_opened);
}

static void rename_start(struct step_run *step)
{
    rename_begin(step, false);
}

static void rename_undo(struct step_run *step)
{
    rename_begin(step, true);
}

static void rename_answer(struct conversation *conversation, const struct session_answer *answer)
{
    struct rename *rename = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    database_names_take(&rename->names, step, answer);
    conversation_end(conversation, database_names_object_to_undo(&rename->names, step), NULL);
}

static void rename_opened_to_ask(struct conversation *conversation,
                                 const struct session_answer *answer)
{
    const struct rename *rename = conversation_context(conversation);
    (void)answer;
    database_names_ask(conversation, &rename->names, rename_answer);
}

static void rename_may_undo(struct step_run *step)
{
    struct rename *rename = arena_allocate(step->arena, sizeof *rename);
    rename->names = database_names_of(step->run->environment);
    conversation_open(step, &step->run->environment->work, "postgres", rename,
                      rename_opened_to_ask);
}

const struct step_kind kind_database_rename = {
    .name = "database.rename",
    .resource = RESOURCE_DATABASE,
    .nature = nature_repeatable,
    .puts_in_place = true,
    .skip = rename_skip,
    .preflight = database_names_preflight,
    .start = rename_start,
    .cancel = conversation_cancel,
    .undo = rename_undo,
    .may_undo = rename_may_undo,
};
