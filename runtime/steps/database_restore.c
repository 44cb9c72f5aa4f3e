/* `database.restore`: the dump that the environment names as its source becomes a database, which
 * all later steps take for the source. It stays, and is used again until the dump changes.
 *
 * Both the database and the filestore that came with it know by their marker which dump they were
 * made of. They are made under other names; after a crash what has the right name is whole. */
#include <string.h>

#include "base/file.h"
#include "runtime/filestore/place.h"
#include "runtime/postgres/marker.h"
#include "runtime/steps/restore.h"

static const char *restore_skip(const struct step_run *step)
{
    return step->run->environment->source_dump ? NULL : "the source is a database";
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
